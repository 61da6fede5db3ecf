"""Promise 4: an interrupted push or sync goes on without a gap or a double.

A clean run counts the steps: each request to the server, its answer, each commit. Then the
process ends at each of them, and after the same command was run again nothing differs from the
clean run. (`tests/test_kills.py` does that to processes, with kill -9.)
"""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bench import (
    ARTICLE,
    CAFFEINE,
    CALMS,
    CURES,
    HARM,
    HONEY,
    HONEY_EDITED,
    OVERSTATED,
    SUPPORTED,
    TRIALS,
    UNSUPPORTED,
    Bench,
    Broken,
    CrashError,
)
from conftest import Benches
from factcheck.errors import UnreachableError
from factcheck.model import Page, Verdict
from factcheck.review import mend as mend_module
from factcheck.review import push as push_module
from factcheck.review import sync as sync_module
from factcheck.store.engine import Database, open_database

ANA, BEN = 0, 1

# Without --long so many of the steps are tried, at even distances.
SOME = 7


def spread(taken: list[str], long: bool) -> Iterator[int]:
    """The numbers of the steps to end at."""
    distance = 1 if long else -(-len(taken) // SOME)
    yield from range(len(taken), 0, -distance)


@pytest.fixture(autouse=True)
def _one_by_one(monkeypatch: pytest.MonkeyPatch, no_waiting: None) -> None:
    """Every task is a batch and a chunk of its own, and no change is looked at twice."""
    monkeypatch.setattr(sync_module, "LOOKBACK", timedelta(0))
    for module, name in ((push_module, "BATCH"), (mend_module, "LOOK"), (sync_module, "CHUNK")):
        monkeypatch.setattr(module, name, 1)


@dataclass
class Steps:
    """A server whose requests and answers are steps, as commits are; the last one is the `end`."""

    server: Any
    end: int | None = None
    taken: list[str] = field(default_factory=list)
    one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def step(self, name: str) -> None:
        with self.one_at_a_time:  # requests are made ahead, in a thread
            if len(self.taken) != self.end:
                self.taken.append(name)
            if len(self.taken) == self.end:
                raise CrashError(name)

    def __getattr__(self, name: str) -> Any:
        real = getattr(self.server, name)
        if name in ("url", "link", "posting"):
            return real

        def asked(*args: Any) -> Any:
            self.step(f"before {name}")
            answer = real(*args)
            self.step(f"after {name}")
            return answer

        return asked

    @contextlib.contextmanager
    def commits_of(self, database: Database) -> Iterator[None]:
        """Each commit of the database is a step too; a process that ends there has not made it."""

        def commit(_connection: sa.Connection) -> None:
            self.step("before a commit")

        sa.event.listen(database.engine, "commit", commit)
        try:
            yield
        finally:
            sa.event.remove(database.engine, "commit", commit)


Command = Callable[[Bench, Any], Any]


def steps_of(bench: Bench, command: Command, end: int | None = None) -> list[str]:
    """Run the command, up to that step; the steps that it took."""
    steps = Steps(bench.server, end)
    with steps.commits_of(bench.database), contextlib.suppress(CrashError):
        command(bench, steps)
    return steps.taken


def push(bench: Bench, server: Any) -> None:
    bench.push(server, reviews_per_claim=3)


def sync(bench: Bench, server: Any) -> None:
    bench.sync(server)


def sync_full(bench: Bench, server: Any) -> None:
    bench.sync(server, full=True)


def new_desk(bench: Bench) -> None:
    bench.write()


def changed_desk(bench: Bench) -> None:
    """Claims are new, gone, gone and reviewed, and lean on other words; a task was deleted."""
    bench.write()
    bench.write(HONEY, "honey.txt")
    bench.push()
    bench.review(ANA, CAFFEINE, SUPPORTED)
    bench.review(ANA, HARM, SUPPORTED)
    bench.delete_task(CURES)
    bench.write(ARTICLE.replace("about 50 mg", "up to 90 mg"))
    bench.write(HONEY_EDITED, "honey.txt")


@pytest.mark.parametrize("prepare", [new_desk, changed_desk])
def test_a_push_that_ends_at_any_step_goes_on(
    prepare: Callable[[Bench], None], benches: Benches, long: bool
) -> None:
    clean = benches()
    prepare(clean)
    taken = steps_of(clean, push)
    assert {"before add_tasks", "after add_tasks", "before a commit"} <= set(taken)
    end = clean.end_state()
    for at in spread(taken, long):
        bench = benches()
        prepare(bench)
        assert len(steps_of(bench, push, at)) == at
        push(bench, None)
        assert bench.end_state() == end, f"ended at step {at}, {taken[at - 1]}"
        assert bench.push(reviews_per_claim=3).added == 0


@pytest.mark.parametrize("command", [sync, sync_full])
def test_a_sync_that_ends_at_any_step_goes_on(command: Command, bench: Bench, long: bool) -> None:
    """Reviews are new, changed, skipped, deleted, set aside, and gone with their task."""
    bench.write()
    bench.write(HONEY, "honey.txt")
    bench.push()
    deleted, changed = bench.review(BEN, CURES, SUPPORTED), bench.review(ANA, HARM, SUPPORTED)
    bench.review(ANA, CAFFEINE, SUPPORTED)
    bench.sync()
    bench.server._sdk.annotations.delete(deleted)
    bench.delete_task(CAFFEINE)
    bench.review(ANA, TRIALS, OVERSTATED)
    bench.review(BEN, TRIALS, [])
    bench.review(BEN, CURES, [], was_cancelled=True)
    bench.say_instead(ANA, changed, HARM, OVERSTATED)  # which no count tells
    bench.review(BEN, CALMS, replace(UNSUPPORTED, note="It does not."), ground_truth=True)

    with _copies(bench) as copy:
        clean = copy()
        taken = steps_of(clean, command)
        assert taken.count("after received") + taken.count("after page") >= 4
        end = clean.end_state()
        for at in spread(taken, long):
            cut_short = copy()
            assert len(steps_of(cut_short, command, at)) == at
            command(cut_short, None)
            assert cut_short.end_state() == end, f"ended at step {at}, {taken[at - 1]}"


@contextlib.contextmanager
def _copies(bench: Bench) -> Iterator[Callable[[], Bench]]:
    """Makes desks of the same project, each with a copy of the database as it is now."""
    file = bench.database.file
    assert file is not None
    with bench.database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql(f"VACUUM INTO '{file.with_name('whole.db')}'")
        connection.exec_driver_sql("BEGIN")
    opened: list[Database] = []

    def copy() -> Bench:
        name = f"copy-{len(opened)}.db"
        shutil.copyfile(file.with_name("whole.db"), file.with_name(name))
        opened.append(open_database(f"sqlite:///{name}", file.parent))
        return replace(bench, database=opened[-1])

    try:
        yield copy
    finally:
        for database in opened:
            database.close()


class TestSync:
    """What happens while a sync is at work, and to one that breaks off."""

    @pytest.mark.parametrize("method", ["page", "received"])
    def test_between_two_requests_for_reviews(self, each_pushed: Bench, method: str) -> None:
        """Those of the first sync are for pages, later ones for what changed."""
        if method == "received":
            each_pushed.sync()
        for text in (CURES, TRIALS, CAFFEINE):
            each_pushed.review(ANA, text, SUPPORTED)
        calls: list[Any] = []

        def fail_third(real: Any, *args: Any) -> Any:
            calls.append(args)
            if len(calls) == 3:
                raise UnreachableError("gone")
            return real(*args)

        with pytest.raises(UnreachableError):
            each_pushed.sync(Broken(each_pushed.server, method, fail_third))
        assert len(each_pushed.reviews()) == 2
        assert each_pushed.sync().created == 1
        assert each_pushed.events() == ["created"] * 3

    @pytest.mark.parametrize("method", ["page", "received"])
    def test_a_reviewer_who_submits_meanwhile_is_not_missed(
        self, pushed: Bench, method: str
    ) -> None:
        if method == "received":
            pushed.sync()
        pushed.review(ANA, CURES, SUPPORTED)

        def submit_once(real: Any, *args: Any) -> Any:
            answer = real(*args)
            if len(pushed.received(CURES).reviews) == 1:
                pushed.review(BEN, CURES, SUPPORTED)
            return answer

        pushed.sync(Broken(pushed.server, method, submit_once))
        pushed.sync()
        assert sorted(review.reviewer for review in pushed.reviews()) == [
            "ana@desk.example",
            "ben@desk.example",
        ]
        assert pushed.events() == ["created", "created"]

    def test_a_change_during_a_long_sync_is_seen_by_the_next(self, pushed: Bench) -> None:
        """Although what counts tell of a later change was taken already."""
        annotation = pushed.review(ANA, CURES, SUPPORTED)
        pushed.sync()
        pushed.review(ANA, CAFFEINE, SUPPORTED)
        calls: list[Any] = []

        def change_before_counts_are_taken(real: Any, *args: Any) -> Any:
            calls.append(args)
            if len(calls) == 2:
                pushed.say_instead(ANA, annotation, CURES, UNSUPPORTED)
                pushed.review(BEN, TRIALS, SUPPORTED)
            return real(*args)

        pushed.sync(Broken(pushed.server, "project", change_before_counts_are_taken))
        pushed.sync()
        assert sorted(str(review.verdict) for review in pushed.reviews()) == [
            "supported",
            "supported",
            "unsupported",
        ]

    def test_a_stale_answer_undoes_nothing(self, pushed: Bench) -> None:
        annotation = pushed.review(ANA, CURES, SUPPORTED)
        stale = pushed.received(CURES)
        pushed.say_instead(ANA, annotation, CURES, UNSUPPORTED)
        pushed.sync()

        def outrun(real: Any, *args: Any) -> Page:
            page: Page = real(*args)
            return replace(page, tasks=[stale if t.id == stale.id else t for t in page.tasks])

        pushed.sync(Broken(pushed.server, "page", outrun), full=True)
        assert [review.verdict for review in pushed.reviews()] == [Verdict.UNSUPPORTED]
