"""`factcheck sync --watch`: round after round, through whatever happens to the server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bench import CAFFEINE, CURES, SUPPORTED, TRIALS, Bench
from conftest import Run, RunningLabelStudio
from factcheck.errors import DriftError, LockedError, NotAuthorisedError, UnreachableError
from factcheck.model import Rule
from factcheck.review import sync as sync_module
from factcheck.review import watch as watch_module
from factcheck.review.settle import Policy
from factcheck.review.sync import SyncReport, sync
from factcheck.review.watch import stop_signals, watch
from factcheck.store.engine import WATCH, Database


class Rounds:
    """What each round of a watch does: returns a report, or raises; then the watch is ended."""

    def __init__(self, *rounds: Any) -> None:
        self.rounds = list(rounds)
        self.began: list[float] = []
        self.told: list[SyncReport] = []
        self.said: list[str] = []

    def once(self) -> SyncReport:
        self.began.append(time.monotonic())
        outcome = self.rounds.pop(0)
        if callable(outcome):
            outcome = outcome()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def watch(self, interval: float = 0.0) -> None:
        watch(
            self.once,
            stopping=lambda: not self.rounds,
            tell=self.told.append,
            say=self.said.append,
            interval=interval,
        )

    @property
    def pauses(self) -> list[float]:
        return [later - earlier for earlier, later in pairwise(self.began)]


NOTHING = SyncReport()
AWAY = UnreachableError("Label Studio does not answer.")


def test_only_rounds_in_which_something_happened_are_told() -> None:
    news, by_hand = SyncReport(created=1, decisions=1), SyncReport(foreign=1)
    rounds = Rounds(NOTHING, news, NOTHING, by_hand, by_hand, NOTHING)
    rounds.watch()
    assert rounds.told == [news, by_hand, NOTHING]
    assert rounds.said == []


def test_a_server_that_is_away_is_said_once_and_so_is_its_return() -> None:
    rounds = Rounds(NOTHING, AWAY, AWAY, AWAY, NOTHING, AWAY, NOTHING)
    rounds.watch()
    away, back = "Label Studio does not answer. Trying again until it works.", "answers again"
    assert [said == away or back in said for said in rounds.said] == [True] * 4
    assert [back in said for said in rounds.said] == [False, True, False, True]


def test_while_the_server_fails_the_rounds_become_rarer_but_not_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watch_module, "_LONGEST", 0.4)
    rounds = Rounds(NOTHING, AWAY, AWAY, AWAY, AWAY, NOTHING, NOTHING)
    rounds.watch(interval=0.1)
    for pause, least in zip(rounds.pauses, (0.1, 0.1, 0.2, 0.4, 0.4, 0.1), strict=True):
        assert least <= pause < least + 0.3


def test_a_round_is_left_out_while_another_command_holds_the_desk() -> None:
    rounds = Rounds(LockedError("The desk is in use."), SyncReport(created=1))
    rounds.watch()
    assert len(rounds.told) == 1
    assert rounds.said == []


@pytest.mark.parametrize("error", [DriftError("another page"), NotAuthorisedError("no token")])
def test_what_no_waiting_mends_ends_the_watch(error: Exception) -> None:
    with pytest.raises(type(error)):
        Rounds(NOTHING, error, NOTHING).watch()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_asks_to_stop_and_a_second_one_interrupts(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with stop_signals() as stopping:
        assert not stopping()
        os.kill(os.getpid(), number)
        assert stopping()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


def test_a_wish_to_stop_is_noticed_while_it_waits() -> None:
    asked_at = time.monotonic() + 0.3
    watch(
        lambda: NOTHING,
        stopping=lambda: time.monotonic() > asked_at,
        tell=lambda _: None,
        say=lambda _: None,
        interval=60,
    )
    assert time.monotonic() < asked_at + 5


def test_a_command_waits_for_the_moment_that_a_watch_holds_the_desk(database: Database) -> None:
    holds, seen = threading.Event(), []

    def round_of_a_watch() -> None:
        with database.lock(WATCH):
            holds.set()
            time.sleep(0.5)
            seen.append("the round")

    thread = threading.Thread(target=round_of_a_watch)
    thread.start()
    assert holds.wait(10)
    with database.lock("push"):
        seen.append("the push")
    thread.join()
    assert seen == ["the round", "the push"]


def test_a_sync_that_is_told_to_stop_ends_between_two_commits(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_module, "CHUNK", 1)
    bench.write()
    bench.push()
    for text in (CURES, TRIALS, CAFFEINE):
        bench.review(0, text, SUPPORTED)
    policy = Policy(2, Rule.UNANIMOUS)
    report = sync(bench.database, bench.server, policy, stopping=lambda: bool(bench.reviews()))
    assert report.created == len(bench.reviews()) == 1
    assert bench.sync().created == 2
    assert bench.events() == ["created"] * 3


@pytest.mark.slow
def test_it_outlives_a_restart_of_the_server(
    bench: Bench, label_studio: RunningLabelStudio
) -> None:
    bench.write()
    bench.push()

    def stop() -> SyncReport:
        label_studio.server.stop()
        return bench.sync()

    def start() -> SyncReport:
        label_studio.server.start(lambda _: None)
        bench.review(0, CURES, SUPPORTED)
        return bench.sync()

    rounds = Rounds(bench.sync, stop, bench.sync, start, bench.sync)
    try:
        rounds.watch()
    finally:
        label_studio.server.start(lambda _: None)
    assert [report.created for report in rounds.told] == [1]
    assert len(rounds.said) == 2
    assert bench.server.url in rounds.said[0]
    assert "answers again" in rounds.said[1]


@pytest.fixture
def watching(
    desk: Path, run: Run, label_studio: RunningLabelStudio
) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts `factcheck sync --watch` on a desk with one pushed article."""
    (desk / "tea.txt").write_text(f"Tea and sleep\n\n{CURES} {TRIALS}", encoding="utf-8")
    (desk / "factcheck.toml").write_text(f'label_studio_url = "{label_studio.url}"\n')
    token = {"LABEL_STUDIO_API_KEY": label_studio.token}
    assert run("ingest", "tea.txt").returncode == 0
    assert run("push", env=token).returncode == 0
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "factcheck", "sync", "--watch", "--json"],
            cwd=desk,
            env=os.environ | {"NO_COLOR": "1"} | token,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_as_a_process_it_tells_lets_others_work_and_ends_when_told(
    watching: Callable[[], subprocess.Popen[str]],
    run: Run,
    label_studio: RunningLabelStudio,
    reviewers: tuple[Any, Any],
    number: signal.Signals,
) -> None:
    from factcheck.labelstudio import payload
    from factcheck.labelstudio.client import LabelStudio

    status = run("push", "--json", env={"LABEL_STUDIO_API_KEY": label_studio.token})
    project = int(status.stdout.partition('"project_id": ')[2].partition(",")[0])
    ana = LabelStudio(label_studio.url, reviewers[0].token)
    task = ana.tasks(project)[0]
    ana.submit_review(task.id, payload.result(SUPPORTED, CURES))
    ana.close()

    process = watching()
    assert process.stdout is not None
    assert process.stderr is not None
    assert "Watching" in process.stderr.readline()
    assert "1 created; 1 decision new" in process.stderr.readline()
    assert '"created": 1' in process.stdout.readline()
    others = run("push", env={"LABEL_STUDIO_API_KEY": label_studio.token})
    assert (others.returncode, others.stdout[:13]) == (0, "Nothing to do")
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert said == "Stopped.\n"
    assert process.returncode == 0


@pytest.mark.slow
def test_watching_goes_with_neither_a_full_sync_nor_a_dry_run(run: Run) -> None:
    for other in ("--full", "--dry-run"):
        refused = run("sync", "--watch", other)
        assert refused.returncode == 2
        assert "--watch goes with neither" in refused.stderr
