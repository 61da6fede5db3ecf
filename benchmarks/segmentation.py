"""How well and how fast articles are cut and sorted, beside nupunkt's sentence model alone.

    python benchmarks/segmentation.py [GOLD.jsonl … --texts FOLDER …] [--sentences FILE …]

Where none is named, the readings in `benchmarks/gold` are used. A gold file has a row for each
span of each document: `doc` (the name of a file in one of the folders of texts), `start` and `end`
in code points, `kind`, `check_worthy`, `hype` and `subclaims`. A file of sentences has one a line
and a blank line between paragraphs.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import re
import statistics
import string
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nupunkt

from factcheck.claims.cues import cues, overstates
from factcheck.claims.parts import parts
from factcheck.claims.segment import rules, segment
from factcheck.model import Kind, Piece

Spans = set[tuple[int, int]]
Row = tuple[str, str, str]
"""What is measured, factcheck's figure, and nupunkt's alone."""

GOLD = Path(__file__).with_name("gold")
ROUNDS = 9
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Document:
    """A text, and what was read in it by hand: the fields of a gold row, by span."""

    text: str
    gold: Mapping[tuple[int, int], Mapping[str, Any]]


@dataclass(slots=True)
class Score:
    """Counts of what was found and should have been."""

    both: int = 0
    found: int = 0
    wanted: int = 0

    def add(self, found: set[Any], wanted: set[Any]) -> None:
        self.both += len(found & wanted)
        self.found += len(found)
        self.wanted += len(wanted)

    @property
    def f1(self) -> float:
        return 2 * self.both / ((self.found + self.wanted) or 1)

    @property
    def pair(self) -> str:
        """Precision and recall."""
        return f"P {self.both / (self.found or 1):.3f}  R {self.both / (self.wanted or 1):.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("gold", nargs="*", type=Path, help="gold files, JSON Lines")
    parser.add_argument("--texts", nargs="+", type=Path, default=[], help="folders of their texts")
    parser.add_argument("--sentences", nargs="+", type=Path, default=[], help="one sentence a line")
    given = parser.parse_args()
    if not given.gold and not given.sentences:
        given.gold = [GOLD / "readings.jsonl"]
        given.texts, given.sentences = [GOLD / "texts"], [GOLD / "papers.txt"]
    alone = nupunkt.load_default_model()

    print(f"nupunkt {nupunkt.__version__}, rules {rules()}")
    everything: list[Document] = []
    for file in given.gold:
        documents = read_gold(file, given.texts)
        everything += documents
        table(
            file.name,
            [*spans_rows(documents, alone), *kinds_rows(documents), *pointing_rows(documents)],
        )
    for file in given.sentences:
        documents = read_sentences(file)
        everything += documents
        table(file.name, spans_rows(documents, alone))
    if everything:
        table("speed, one process, median", speed_rows([one.text for one in everything], alone))


def table(title: str, rows: Iterable[Row]) -> None:
    print(f"\n{title:<52}{'factcheck':>24}{'nupunkt alone':>18}")
    for name, ours, theirs in rows:
        print(f"  {name:<50}{ours:>24}{theirs:>18}")


def read_gold(file: Path, folders: Iterable[Path]) -> list[Document]:
    spans: dict[str, dict[tuple[int, int], Any]] = defaultdict(dict)
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        spans[row["doc"]][row["start"], row["end"]] = row
    texts = {path.name: path for folder in folders for path in folder.iterdir()}
    if missing := spans.keys() - texts.keys():
        raise SystemExit(f"{file}: no folder of --texts holds {min(missing)}.")
    return [
        Document(texts[name].read_bytes().decode("utf-8"), gold) for name, gold in spans.items()
    ]


def read_sentences(file: Path) -> list[Document]:
    """A document of paragraphs of its sentences, a space between two."""
    text = ""
    gold = {}
    for paragraph in re.split(r"\n\s*\n", file.read_text(encoding="utf-8")):
        for sentence in filter(None, map(str.strip, paragraph.split("\n"))):
            text += " " if text and not text.endswith("\n") else ""
            gold[len(text), len(text) + len(sentence)] = {"kind": Kind.CLAIM}
            text += sentence
        text += "\n\n"
    return [Document(text, gold)]


def spans_rows(documents: Iterable[Document], alone: Any) -> Iterator[Row]:
    ours, theirs = Score(), Score()
    for document in documents:
        wanted = set(document.gold)
        ours.add({place(piece) for piece in segment(document.text)}, wanted)
        theirs.add(set(alone.spans(document.text)), wanted)
    yield f"spans, exact, F1 (of {ours.wanted})", f"{ours.f1:.4f}", f"{theirs.f1:.4f}"


def kinds_rows(documents: Iterable[Document]) -> Iterator[Row]:
    claims = Score()
    shown: dict[str, int] = defaultdict(int)
    all_of: dict[str, int] = defaultdict(int)
    for document in documents:
        to_review = {place(p) for p in segment(document.text) if p.kind is Kind.CLAIM}
        claims.add(
            to_review, {span for span, row in document.gold.items() if row["kind"] == "claim"}
        )
        for span, row in document.gold.items():
            seen = any(start < span[1] and span[0] < end for start, end in to_review)
            for group in {row["kind"], "check-worthy" if row["check_worthy"] else row["kind"]}:
                all_of[group] += 1
                shown[group] += seen
    yield f"kind = claim, F1 (of {claims.wanted})", f"{claims.f1:.4f}", ""
    yield "kind = claim", claims.pair, ""
    yield "check-worthy claims that reach reviewers", told(shown, all_of, "check-worthy"), ""
    for kind in ("heading", "boilerplate", "question", "nonclaim"):
        kept = {kind: all_of[kind] - shown[kind]}
        yield f"{kind} kept from reviewers", told(kept, all_of, kind), ""


def pointing_rows(documents: Iterable[Document]) -> Iterator[Row]:
    compound, hype = Score(), Score()
    for document in documents:
        claims = {s: row for s, row in document.gold.items() if row["kind"] == "claim"}
        text = {span: document.text[slice(*span)] for span in claims}
        compound.add(
            {span for span in claims if len(parts(text[span])) > 1},
            {span for span, row in claims.items() if row["subclaims"] > 1},
        )
        hype.add(
            {span for span in claims if overstates(cues(text[span]))},
            {span for span, row in claims.items() if row["hype"]},
        )
    yield f"compound claims (of {compound.wanted})", compound.pair, ""
    yield f"hype (of {hype.wanted})", hype.pair, ""


def speed_rows(texts: list[str], alone: Any) -> Iterator[Row]:
    """Of about a megabyte, each round on a text of its own, both sides on the same.

    Articles hardly end two sentences with the same two words, and nupunkt remembers what it
    decided of them: so the last word of each sentence is made another in each copy. Copies word
    for word show what is left without that.
    """
    copies = -(-MEGABYTE // sum(len(text.encode()) for text in texts))
    whole = "\n\n".join(texts)
    endings = map("".join, itertools.product(string.ascii_lowercase, repeat=3))
    told_apart = [
        "\n\n".join(varied(whole, next(endings)) for _ in range(copies)) for _ in range(ROUNDS)
    ]
    segment(whole), alone.spans(whole)  # what is loaded and compiled on first use
    for name, rounds in (
        ("MB/s, no two sentences that end alike", told_apart),
        ("MB/s, copies word for word", ["\n\n".join([whole] * copies)] * ROUNDS),
    ):
        pairs = [(speed(segment, text), speed(alone.spans, text)) for text in rounds]
        ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
        yield name, f"{ours:.2f}", f"{theirs:.2f}"
        ratio = statistics.median(one / other for one, other in pairs)
        yield "  of nupunkt alone, paragraph first", f"{ratio:.2f}", ""


def varied(text: str, ending: str) -> str:
    return re.sub(r"(\w{3,})(?=[.!?]\s)", rf"\1{ending}", text)


def speed(work: Callable[[str], object], text: str) -> float:
    """Megabytes in a second, without garbage collection, as `timeit` measures.

    When that comes depends on all that the process holds, and it falls on one side or the other.
    """
    gc.collect()
    gc.disable()
    try:
        started = time.perf_counter()
        work(text)
        return len(text.encode()) / MEGABYTE / (time.perf_counter() - started)
    finally:
        gc.enable()


def place(piece: Piece) -> tuple[int, int]:
    return piece.span.start, piece.span.end


def told(counts: Mapping[str, int], of: Mapping[str, int], group: str) -> str:
    return f"{counts[group]} of {of[group]}"


if __name__ == "__main__":
    main()
