"""Promise 3: running any command again changes nothing.

Not a row of the database but the log of runs of sync, not a byte of a file, and nothing in
Label Studio: nothing is sent there that writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench import (
    ARTICLE,
    CAFFEINE,
    CALMS,
    HARM,
    HONEY,
    HONEY_EDITED,
    OVERSTATED,
    SUPPORTED,
    THINS,
    TRIALS,
    UNSUPPORTED,
    Bench,
)
from bench import CURES as CURES
from conftest import RunningLabelStudio
from desk_builder import TWO_AGREE, DeskBuilder
from factcheck.cli import main
from factcheck.model import Verdict
from factcheck.review.ingest import ingest
from factcheck.store.engine import Database
from fault_proxy import FaultProxy

ANA, BEN = 0, 1
SCALP = "Tea grows hair."


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def busy(each_bench: Bench) -> Bench:
    """A desk where there was all that there can be, in Label Studio and at the desk."""
    bench = each_bench
    bench.write()
    bench.write(HONEY, "honey.txt")
    bench.write(f"Tea and hair\n\n{SCALP}\n", "hair.txt")
    bench.push()
    for text in (CURES, CAFFEINE, CALMS, HARM):
        bench.review(ANA, text, SUPPORTED)
    bench.review(BEN, CURES, UNSUPPORTED)
    bench.review(BEN, TRIALS, [])
    bench.review(BEN, HARM, [], was_cancelled=True)
    bench.review(BEN, CAFFEINE, replace(OVERSTATED, note="Weighed it."), ground_truth=True)
    deleted = bench.review(ANA, SCALP, SUPPORTED)
    bench.sync()
    bench.server._sdk.annotations.delete(deleted)
    bench.by_hand()
    bench.double(bench.task_id(TRIALS))
    bench.alter(CURES)
    bench.write(ARTICLE.replace("in three days", "in two days"))
    bench.write(HONEY_EDITED, "honey.txt")
    return bench


@pytest.fixture
def command_lines(
    busy: Bench,
    desk: Path,
    proxy: FaultProxy,
    label_studio: RunningLabelStudio,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[dict[str, list[str]]]:
    """Every command that writes, by its name, on that desk."""
    monkeypatch.chdir(desk)
    address = busy.database.engine.url.render_as_string(hide_password=False)
    if file := busy.database.file:
        address = f"sqlite:///{file}"
    monkeypatch.setenv("FACTCHECK_DATABASE", address)
    monkeypatch.setenv("LABEL_STUDIO_URL", proxy.url)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", label_studio.token)
    ruling = [busy.claim_id(THINS), "unsupported", "--editor", "mara", "--note", "It does not."]
    return {
        "db upgrade": ["db", "upgrade"],
        "ingest": ["ingest", str(busy.articles)],
        "push": ["push"],
        "sync": ["sync"],
        "sync --full": ["sync", "--full"],
        "push --repair": ["push", "--repair"],
        "adjudicate": ["adjudicate", *ruling],
        "export": ["export", "--allow-incomplete", "--spreadsheet-safe"],
    }


def test_every_command_that_writes(
    busy: Bench,
    command_lines: dict[str, list[str]],
    desk: Path,
    proxy: FaultProxy,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each once, so that all is done; then each again, and again in the other order."""
    codes = {name: main(line) for name, line in command_lines.items()}
    assert set(codes.values()) == {0, 1}
    state = busy.dump(), busy.posted(), busy.views(), contents(desk), contents(busy.articles)
    assert len(state[0]["reviews"]) == 9
    assert len(state[3]) > 5
    for name in (*command_lines, *reversed(command_lines)):
        with proxy.recording() as asked:
            assert main(command_lines[name]) == codes[name], name
        assert [kind for kind in asked if not kind.startswith("GET ")] == [], name
        files = contents(desk), contents(busy.articles)
        now = busy.dump(), busy.posted(), busy.views(), *files
        assert now == state, f"{name} changed something"


def test_a_sync_with_nothing_new_tells_the_same_again(
    busy: Bench, command_lines: dict[str, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    """What waits for a person is told until somebody has seen to it."""
    for name in ("push", "sync"):
        main(command_lines[name])
    told = []
    for _ in range(2):
        capsys.readouterr()
        main([*command_lines["sync"], "--json"])
        told.append(json.loads(capsys.readouterr().out))
    assert told[0] == told[1]
    assert told[0]["set_aside"]
    counts: dict[str, Any] = told[0]
    assert not any(counts[name] for name in ("created", "changed", "deleted", "decisions"))


def test_a_second_push_changes_nothing_anywhere(each_bench: Bench) -> None:
    bench = each_bench
    bench.write()
    bench.push()
    before, tasks = bench.dump(), bench.posted()
    report = bench.push()
    assert (report.added, report.found, report.removed) == (0, 0, 0)
    assert bench.dump() == before
    assert bench.posted() == tasks


def test_a_second_sync_changes_nothing(each_pushed: Bench) -> None:
    each_pushed.review(ANA, CURES, OVERSTATED)
    each_pushed.review(BEN, TRIALS, SUPPORTED)
    each_pushed.sync()
    before = each_pushed.dump()
    report = each_pushed.sync()
    assert (report.tasks, report.created, report.changed, report.decisions) == (0, 0, 0, 0)
    assert each_pushed.dump() == before
    each_pushed.sync(full=True)
    assert each_pushed.dump() == before


def test_ingesting_the_same_again_changes_nothing(database: Database, tmp_path: Path) -> None:
    builder = DeskBuilder(database, tmp_path / "articles")
    builder.write()
    before = builder.dump()
    report = ingest(builder.database, builder.articles, TWO_AGREE)
    assert [(one.source, one.outcome) for one in report.articles] == [("tea.txt", "unchanged")]
    assert report.articles[0].claims == 3
    assert builder.dump() == before


def test_the_same_ruling_again_changes_nothing(database: Database, tmp_path: Path) -> None:
    builder = DeskBuilder(database, tmp_path / "articles")
    builder.write()
    cures = builder.claim_id(CURES)
    said = {"correction": "It may help.", "evidence": ["https://example.org/a"]}
    builder.rule(cures, Verdict.OVERSTATED, **said)
    before = builder.dump()
    builder.rule(cures, Verdict.OVERSTATED, **said, note=" Read all three trials.\n")
    assert builder.dump() == before
