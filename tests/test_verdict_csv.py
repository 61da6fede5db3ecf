"""The contract with other systems: verdicts.csv, its schema and the manifest."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import random
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checked_claims import AFTER, BEFORE, checked, claim, review, settled, unsettled
from factcheck.exports.verdicts import (
    COLUMNS,
    manifest,
    render_schema,
    render_verdicts,
    schema,
)
from factcheck.model import Article, CheckedClaim, Claim, Ruling, Span, Verdict

DATA = Path(__file__).parent / "data"


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def one(**decision: Any) -> CheckedClaim:
    """A decided claim, parts of its decision replaced."""
    base = settled()[1]
    return replace(base, decision=replace(base.decision, **decision))


def test_the_columns_are_those_of_version_1_in_their_order() -> None:
    assert ", ".join(COLUMNS) == (
        "claim_id, article_id, article_title, article_source, article_sha256, position, start, "
        "end, claim, status, verdict, provenance, reviews, supported, overstated, unsupported, "
        "overstated_reasons, problem_words, correction, evidence, reviewers, note, decided_at, "
        "updated_at"
    )


def test_claims_in_every_state_give_the_same_bytes_whatever_their_order() -> None:
    claims = settled() + unsettled()
    random.Random(4).shuffle(claims)

    assert render_verdicts(claims) == (DATA / "verdicts.csv").read_bytes()


def test_the_schema_of_version_1_does_not_change() -> None:
    assert render_schema() == (DATA / "verdicts.schema.json").read_bytes()


def test_a_desk_without_claims_exports_the_header_alone() -> None:
    assert render_verdicts([]) == (",".join(COLUMNS) + "\n").encode()


def test_rows_follow_source_then_stale_claims_last_then_position() -> None:
    other = Article(source="b.txt", title="B", text="One. Two.")
    rows = read(
        render_verdicts(
            [
                checked(other, claim(other, "Two.", 2)),
                checked(other, claim(other, "One.", 1)),
                checked(AFTER, claim(AFTER, "Pain clinics give it by infusion.", 7)),
                checked(
                    BEFORE, claim(BEFORE, "Nine out of ten patients are cured.", 2), stale=True
                ),
            ]
        )
    )

    assert [(row["article_source"], row["status"], row["position"]) for row in rows] == [
        ("b.txt", "pending", "1"),
        ("b.txt", "pending", "2"),
        ("clinics/relief-today.txt", "pending", "7"),
        ("clinics/relief-today.txt", "stale", "2"),
    ]


def test_a_row_says_where_the_claim_stands_and_what_was_decided() -> None:
    row = read(render_verdicts([settled()[3]]))[0]

    assert AFTER.text[int(row["start"]) : int(row["end"])] == row["claim"]
    assert row["article_sha256"] == AFTER.sha256
    assert (row["status"], row["verdict"], row["provenance"]) == (
        "decided",
        "overstated",
        "majority",
    )
    assert [row[name] for name in ("reviews", *Verdict)] == ["3", "1", "2", "0"]
    assert row["overstated_reasons"] == "absolute;population;certainty"
    assert row["reviewers"] == "ana@desk.example;ben@desk.example;cem@desk.example"
    assert row["decided_at"] == "2026-05-04T14:30:00Z"


def test_times_are_utc_in_whole_seconds() -> None:
    late = datetime(2026, 5, 5, 1, 30, 9, 999_999, tzinfo=timezone(timedelta(hours=2)))
    row = read(render_verdicts([replace(settled()[0], decided_at=late, updated_at=late)]))[0]

    assert row["decided_at"] == row["updated_at"] == "2026-05-04T23:30:09Z"


def test_what_is_unknown_is_an_empty_cell_and_nothing_else() -> None:
    line = render_verdicts([checked(AFTER, claim(AFTER, "Pain clinics give it by infusion.", 7))])
    row = read(line)[0]

    unknown = {name for name, cell in row.items() if not cell}
    assert unknown == {
        "verdict",
        "provenance",
        "overstated_reasons",
        "problem_words",
        "correction",
        "evidence",
        "reviewers",
        "note",
        "decided_at",
    }
    assert b'""' not in line
    assert not re.search(rb"\b(nan|None|NaT|null)\b", line, re.IGNORECASE)


TROUBLE = [
    "lone\rCR",
    "two\r\nends",
    "a\nb",
    "\r",
    "\n",
    'say "no"',
    '"',
    "a,b",
    ",",
    "no\u00a0break",
    " edges ",
    "💊 pill",
    "NA",
    "nan",
    "null",
    "=1+1",
    "007",
    "'",
    "\\",
    "\ufeffmark",
    "\u2028line",
    "\x0bform\x0c",
]


@pytest.mark.parametrize("text", TROUBLE)
def test_a_cell_survives_both_readers_byte_for_byte(text: str) -> None:
    assert_survives(text)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
@settings(max_examples=60, deadline=None)
def test_any_text_survives_both_readers_byte_for_byte(text: str) -> None:
    assert_survives(text)


def assert_survives(text: str) -> None:
    article = Article(source="a.txt", title=text, text=text)
    whole = Claim("id", article.id, text, Span(0, len(text)), 1, 0)
    ruling = Ruling("mia", Verdict.SUPPORTED, text, settled()[0].updated_at, correction=text)
    content = render_verdicts([checked(article, whole, ruling=ruling)])
    expected = {"article_title": text, "claim": text, "note": text, "correction": text}

    (plain,) = read(content)
    assert {name: plain[name] for name in expected} == expected
    frame = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    assert frame.shape == (1, len(COLUMNS))
    assert frame.iloc[0][list(expected)].to_dict() == expected
    assert frame.iloc[0].to_dict() == plain


def test_rows_end_in_a_line_feed_alone() -> None:
    content = render_verdicts(settled())

    assert b"\r" not in content
    assert content.endswith(b"Z\n")
    assert not content.startswith(b"\xef\xbb\xbf")


def test_lists_can_be_taken_apart_again_whatever_they_hold() -> None:
    words = ("safe; always", 'the "cure"', "[a, b]", "naïve 💊")
    row = read(
        render_verdicts(
            [
                one(
                    problem_words=words,
                    evidence=("https://a.example/two words", " https://b.example/\u00a0x;y,z "),
                    reviewers=("a;b@desk.example", "c@desk.example"),
                )
            ]
        )
    )[0]

    assert tuple(json.loads(row["problem_words"])) == words
    assert "naïve 💊" in row["problem_words"]
    assert row["evidence"].split(" ") == [
        "https://a.example/two%20words",
        "https://b.example/%C2%A0x;y,z",
    ]
    assert row["reviewers"].split(";") == ["a%3Bb@desk.example", "c@desk.example"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_spreadsheet_runs_no_cell_of_the_safe_file(start: str) -> None:
    risky = [one(correction=f"{start}cmd|' /C calc'!A0", note=f"kept {start}")]

    safe = read(render_verdicts(risky, spreadsheet_safe=True))[0]
    plain = read(render_verdicts(risky))[0]

    assert safe["correction"] == "'" + plain["correction"]
    assert {**safe, "correction": ""} == {**plain, "correction": ""}
    assert plain["correction"].startswith(start)


def problems(rows: list[dict[str, str]]) -> list[str]:
    """What an importer who knows only the schema finds wrong with the rows."""
    found = []
    contract = schema()
    for row in rows:
        for field in contract["fields"]:
            cell, rules = row[field["name"]], field.get("constraints", {})
            if cell in contract["missingValues"]:
                if rules.get("required"):
                    found.append(f"{field['name']} is missing")
                continue
            kinds = {
                "integer": lambda c: re.fullmatch(r"-?\d+", c),
                "datetime": lambda c: datetime.strptime(c, "%Y-%m-%dT%H:%M:%S%z"),
                "array": lambda c: isinstance(json.loads(c), list),
                "string": lambda c: True,
            }
            fits = [
                kinds[field["type"]](cell),
                cell in rules.get("enum", [cell]),
                re.fullmatch(rules.get("pattern", ".*"), cell, re.DOTALL),
                "minimum" not in rules or int(cell) >= rules["minimum"],
            ]
            if not all(fits):
                found.append(f"{field['name']} is {cell!r}")
    keys = [row[name] for row in rows for name in contract["primaryKey"]]
    return found + ["two rows have one key"] * (len(set(keys)) < len(keys))


def test_every_row_keeps_the_schema() -> None:
    rows = read(render_verdicts(settled() + unsettled()))

    assert len(rows) == 10
    assert problems(rows) == []
    broken = {"verdict": "banana", "claim": "", "position": "0", "overstated_reasons": "other,"}
    assert problems([{**rows[0], **broken}]) == [
        "position is '0'",
        "claim is missing",
        "verdict is 'banana'",
        "overstated_reasons is 'other,'",
    ]
    assert problems([rows[0], rows[0]]) == ["two rows have one key"]


def test_the_schema_describes_every_column_and_names_its_version() -> None:
    contract = schema()

    assert contract["version"] == 1
    assert [field["name"] for field in contract["fields"]] == list(COLUMNS)
    assert all(field["description"] for field in contract["fields"])


def test_the_manifest_lets_an_importer_check_every_file() -> None:
    files = {"verdicts.csv": render_verdicts(settled()), "b/summary.md": "é\n".encode()}

    listed = json.loads(
        manifest(files, {"verdicts.csv": 6}, cursor="2026-05-04T14:30:00.000000Z", complete=True)
    )

    assert listed == {
        "contract": "factcheck-verdicts",
        "version": 1,
        "complete": True,
        "cursor": "2026-05-04T14:30:00.000000Z",
        "files": [
            {
                "path": "b/summary.md",
                "bytes": 3,
                "sha256": hashlib.sha256("é\n".encode()).hexdigest(),
            },
            {
                "path": "verdicts.csv",
                "bytes": len(files["verdicts.csv"]),
                "sha256": hashlib.sha256(files["verdicts.csv"]).hexdigest(),
                "rows": 6,
            },
        ],
    }


def test_the_manifest_is_the_same_for_the_same_files_in_any_order() -> None:
    files = {"b": b"2", "a": b"1"}
    reverse = dict(reversed(files.items()))

    first = manifest(files, {"a": 1, "b": 2}, cursor=None, complete=False)

    assert manifest(reverse, {"b": 2, "a": 1}, cursor=None, complete=False) == first
    assert json.loads(first)["complete"] is False


def test_the_manifest_counts_rows_only_of_files_it_lists() -> None:
    with pytest.raises(ValueError, match="not in the export"):
        manifest({}, {"verdicts.csv": 1}, cursor=None, complete=True)


def test_five_thousand_claims_make_five_thousand_rows() -> None:
    base = settled()[1]
    claims = [
        replace(base, claim=replace(base.claim, id=f"{n:06}", position=n + 1)) for n in range(5_000)
    ]

    content = render_verdicts(claims)

    assert content.count(b"\n") == 5_001


def test_a_review_with_words_of_its_own_reaches_the_row() -> None:
    quoted = claim(AFTER, "Pain clinics give it by infusion.", 7)
    row = read(
        render_verdicts(
            [
                checked(
                    AFTER,
                    quoted,
                    review("ana", Verdict.UNSUPPORTED, correction="One\rTwo\r\nThree"),
                    review("ben", Verdict.UNSUPPORTED),
                )
            ]
        )
    )[0]

    assert row["correction"] == "One\rTwo\r\nThree"
