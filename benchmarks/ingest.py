"""How fast a large export of articles is ingested, and whether memory stays flat while it is.

    python benchmarks/ingest.py [--megabytes 50 200]

For each size a JSON Lines file of articles that differ is made of the texts in `benchmarks/gold`,
and ingested by the command itself into a desk of its own. *Memory* is the most that its process,
and the largest of its workers, held resident in each quarter of the time.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import re
import sqlite3
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psutil

GOLD = Path(__file__).with_name("gold") / "texts"
MEGABYTE = 1_000_000
PARAGRAPHS = 20
SEED = 20
QUARTERS = 4
INTERVAL = 0.2
"""Seconds between two looks at the processes."""


@dataclass(frozen=True, slots=True)
class Ingest:
    """One run: bytes that were read, seconds it took, what it stored, and bytes held on the way.

    `held` has a row for each look: of the command's process, and of its largest worker.
    """

    read: int
    seconds: float
    articles: int
    claims: int
    held: list[tuple[int, int]]

    def peaks(self) -> tuple[int, int]:
        """The most that the command's process held, and the most that a worker did."""
        return _most(self.held)

    def quarters(self) -> list[tuple[int, int]]:
        looks = len(self.held)
        bounds = [looks * quarter // QUARTERS for quarter in range(QUARTERS + 1)]
        return [_most(self.held[slice(*bound)]) for bound in itertools.pairwise(bounds)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", nargs="+", type=float, default=[50, 200])
    runs = []
    print(f"{os.cpu_count()} processors")
    for megabytes in parser.parse_args().megabytes:
        with tempfile.TemporaryDirectory() as folder:
            runs.append(ingest(Path(folder), int(megabytes * MEGABYTE)))
        print(*rows(runs[-1]), sep="\n", flush=True)
    if len(runs) > 1:
        first, last = runs[0], runs[-1]
        ratios = [
            f"{one / other:>10.2f}" if other else f"{'none':>10}"  # small inputs need no workers
            for one, other in zip(last.peaks(), first.peaks(), strict=True)
        ]
        print(f"\nthe last, {last.read / first.read:.1f} times the first")
        print(f"  {'memory: of the command, of a worker':<36}{''.join(ratios)}")


def rows(run: Ingest) -> Iterator[str]:
    read = run.read / MEGABYTE
    yield f"\n{read:,.0f} MB, {run.articles:,} articles, {run.claims:,} claims"
    yield f"  {'seconds, MB/s':<36}{run.seconds:>10,.0f}{read / run.seconds:>10.2f}"
    command, worker = zip(*run.quarters(), strict=True)
    for name, peaks in (("the command", command), ("a worker", worker)):
        told = "".join(f"{peak / MEGABYTE:>10,.0f}" for peak in peaks)
        yield f"  {f'memory by quarters, MB: {name}':<36}{told}"


def ingest(folder: Path, size: int) -> Ingest:
    export = folder / "export.jsonl"
    written = write(export, size)
    command = [sys.executable, "-m", "factcheck", "ingest", export.name]
    held = []
    started = time.perf_counter()
    with psutil.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            held.append(look(process))
            time.sleep(INTERVAL)
    seconds = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"factcheck ingest ended with exit code {process.returncode}.")
    with closing(sqlite3.connect(folder / "factcheck.db")) as database:
        counts = [
            database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("articles", "claims")
        ]
    if counts[0] != written:
        raise SystemExit(f"{written} articles went in, and {counts[0]} are in the database.")
    return Ingest(export.stat().st_size, seconds, *counts, held)


def write(export: Path, size: int) -> int:
    """Articles of paragraphs drawn from the gold's, no two alike, until they are `size` bytes.

    The last word of each sentence and every number differ, so that nothing is known beforehand.
    Returns how many they are.
    """
    drawn = random.Random(SEED)
    paragraphs = [
        paragraph
        for text in sorted(GOLD.iterdir())
        for paragraph in re.split(r"\n\s*\n", text.read_text(encoding="utf-8"))
    ]
    written = articles = 0
    with export.open("wb") as file:
        while written < size:
            articles += 1
            text = "\n\n".join(
                varied(one, drawn) for one in drawn.choices(paragraphs, k=PARAGRAPHS)
            )
            row = {"id": articles, "title": f"Article {articles}", "text": text, "language": "en"}
            written += file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    return articles


def varied(text: str, drawn: random.Random) -> str:
    """The last word of each sentence has three letters more, and each digit is another."""
    text = re.sub(r"\d", lambda _: drawn.choice(string.digits), text)
    return re.sub(
        r"(\w{3,})(?=[.!?]\s)",
        lambda word: word[0] + "".join(drawn.choices(string.ascii_lowercase, k=3)),
        text,
    )


def look(process: psutil.Process) -> tuple[int, int]:
    """Bytes that the process holds, and the largest of those that it started."""
    started = [resident(one) for one in process.children(recursive=True)]
    return resident(process), max(started, default=0)


def resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def _most(held: Iterable[tuple[int, int]]) -> tuple[int, int]:
    main, workers = zip(*held, strict=True)
    return max(main), max(workers)


if __name__ == "__main__":
    main()
