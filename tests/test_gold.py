"""What cutting, sorting and pointing reach on the readings in `benchmarks/gold`.

A change of rules or words that makes one of these figures worse is seen here; the benchmark
prints them all.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pytest

from conftest import ROOT
from factcheck.claims.cues import cues, overstates
from factcheck.claims.parts import parts
from factcheck.claims.segment import segment
from factcheck.model import Kind

pytestmark = pytest.mark.slow

GOLD = ROOT / "benchmarks" / "gold"

Span = tuple[int, int]


def readings() -> list[dict[str, Any]]:
    return [json.loads(row) for row in (GOLD / "readings.jsonl").open(encoding="utf-8")]


def text_of(document: str) -> str:
    return (GOLD / "texts" / document).read_bytes().decode()


def of_documents() -> list[tuple[str, dict[Span, dict[str, Any]]]]:
    """Each text, and its rows by span."""
    rows: dict[str, dict[Span, dict[str, Any]]] = defaultdict(dict)
    for row in readings():
        rows[row["doc"]][row["start"], row["end"]] = row
    return [(text_of(document), spans) for document, spans in rows.items()]


def pair(found: set[Any], wanted: set[Any]) -> tuple[float, float]:
    """Precision and recall."""
    return len(found & wanted) / len(found), len(found & wanted) / len(wanted)


def test_a_reading_covers_its_texts() -> None:
    for text, spans in of_documents():
        end = 0
        for start, stop in sorted(spans):
            assert not text[end:start].strip()
            assert text[start:stop] == spans[start, stop]["text"]
            end = stop
        assert not text[end:].strip()


def test_claims_reach_the_reviewers_and_little_else() -> None:
    cut, read, shown, claims = set[Any](), set[Any](), set[Any](), set[Any]()
    for document, (text, spans) in enumerate(of_documents()):
        for piece in segment(text):
            place = document, piece.span.start, piece.span.end
            cut.add(place)
            shown |= {place} if piece.kind is Kind.CLAIM else set()
        read |= {(document, *span) for span in spans}
        claims |= {(document, *span) for span, row in spans.items() if row["kind"] == "claim"}
    assert 2 * len(cut & read) / (len(cut) + len(read)) >= 0.99
    reached = pair(shown, claims)
    assert reached[0] >= 0.94
    assert reached[1] >= 0.99


def test_what_is_worth_checking_is_hardly_ever_kept_back() -> None:
    kept = []
    worthy = 0
    for text, spans in of_documents():
        shown = [piece.span for piece in segment(text) if piece.kind is Kind.CLAIM]
        for (start, end), row in spans.items():
            if row["check_worthy"]:
                worthy += 1
                if not any(span.start < end and start < span.end for span in shown):
                    kept.append(row["text"])
    assert len(kept) <= 0.004 * worthy, kept


def test_overstating_cues_are_where_the_readers_saw_overstatement() -> None:
    claims = [row["text"] for row in readings() if row["kind"] == "claim"]
    wanted = {row["text"] for row in readings() if row["hype"]}
    reached = pair({text for text in claims if overstates(cues(text))}, wanted)
    assert reached[0] >= 0.88
    assert reached[1] >= 0.73


def test_sentences_of_several_statements_are_told_from_others() -> None:
    claims = [row["text"] for row in readings() if row["kind"] == "claim"]
    wanted = {row["text"] for row in readings() if row["subclaims"] > 1}
    reached = pair({text for text in claims if len(parts(text)) > 1}, wanted)
    assert reached[0] >= 0.84
    assert reached[1] >= 0.8


def test_sentences_of_papers_are_cut_as_people_cut_them() -> None:
    text, wanted = "", set[Span]()
    for paragraph in (GOLD / "papers.txt").read_text(encoding="utf-8").split("\n\n"):
        for sentence in paragraph.split("\n"):
            text += " " if text and not text.endswith("\n") else ""
            wanted.add((len(text), len(text) + len(sentence)))
            text += sentence
        text += "\n\n"
    found = {(piece.span.start, piece.span.end) for piece in segment(text)}
    assert 2 * len(found & wanted) / (len(found) + len(wanted)) >= 0.99
