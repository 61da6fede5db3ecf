"""Promise 2: no submitted review ever disappears from the database.

Whatever is done to it in Label Studio: what was said stays in a history that only grows, and a
review that was deleted stands as a tombstone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from bench import ARTICLE, CAFFEINE, CURES, OVERSTATED, SUPPORTED, UNSUPPORTED, Bench, Broken
from factcheck.errors import DriftError
from factcheck.model import Page, Status, Verdict
from factcheck.store.engine import Database

ANA, BEN = 0, 1


class TestHistory:
    """What happens to a review in Label Studio is kept, event by event."""

    def test_an_edit_is_an_event_and_the_review_follows(self, pushed: Bench) -> None:
        annotation = pushed.review(ANA, CURES, SUPPORTED)
        pushed.sync()
        pushed.say_instead(ANA, annotation, CURES, UNSUPPORTED)
        report = pushed.sync()
        assert report.changed == 1
        assert pushed.events() == ["created", "changed"]
        assert [review.verdict for review in pushed.reviews()] == [Verdict.UNSUPPORTED]

    def test_skipping_and_submitting_after_all(self, pushed: Bench) -> None:
        annotation = pushed.review(ANA, CURES, [], was_cancelled=True)
        assert pushed.sync().skipped == 1
        assert pushed.decision(CURES) is None
        pushed.say_instead(ANA, annotation, CURES, SUPPORTED, was_cancelled=False)
        assert pushed.sync().unskipped == 1
        assert pushed.events() == ["skipped", "unskipped"]

    def test_a_deleted_review_becomes_a_tombstone_and_no_longer_counts(
        self, each_pushed: Bench
    ) -> None:
        annotation = each_pushed.review(ANA, CURES, SUPPORTED)
        each_pushed.review(BEN, CURES, SUPPORTED)
        each_pushed.sync()
        each_pushed.server._sdk.annotations.delete(annotation)
        assert each_pushed.sync().deleted == 1
        ana, ben = sorted(each_pushed.reviews(), key=lambda review: review.reviewer)
        assert (ana.state, ana.verdict) == ("deleted", Verdict.SUPPORTED)
        assert ben.state == "submitted"
        assert each_pushed.decision(CURES).status is Status.PENDING

    def test_the_reviews_of_a_deleted_task_become_tombstones(self, each_pushed: Bench) -> None:
        each_pushed.review(ANA, CURES, SUPPORTED)
        each_pushed.sync()
        each_pushed.delete_task(CURES)
        report = each_pushed.sync()
        assert (report.gone, report.deleted) == (1, 1)
        assert [str(review.state) for review in each_pushed.reviews()] == ["deleted"]
        assert each_pushed.push().added == 1

    def test_an_id_that_is_given_out_again_is_another_task(self, pushed: Bench) -> None:
        pushed.review(ANA, CAFFEINE, SUPPORTED)
        pushed.sync()
        last = pushed.task_id(CAFFEINE)
        pushed.delete_task(CAFFEINE)
        pushed.push()
        assert pushed.task_id(CAFFEINE) == last, "Label Studio on SQLite gives the id again"
        pushed.review(BEN, CAFFEINE, UNSUPPORTED)
        pushed.sync()
        assert [(str(r.state), r.verdict) for r in pushed.reviews()] == [
            ("deleted", Verdict.SUPPORTED),
            ("submitted", Verdict.UNSUPPORTED),
        ]


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Every statement that the database gets meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(" ".join(statement.split()))

    sa.event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", note)


# What people can do about one review, one after the other.
DEEDS: dict[str, Callable[[Bench, int], object]] = {
    "says something else": lambda b, one: b.say_instead(ANA, one, CURES, UNSUPPORTED),
    "says what can't be counted": lambda b, one: b.say_instead(ANA, one, CURES, []),
    "says it as it should be": lambda b, one: b.say_instead(
        ANA, one, CURES, replace(OVERSTATED, note="Only one open-label study.")
    ),
    "skips it after all": lambda b, one: b.server._sdk.annotations.update(one, was_cancelled=True),
    "takes that back": lambda b, one: b.server._sdk.annotations.update(one, was_cancelled=False),
    "gives it a star": lambda b, one: b.server._sdk.annotations.update(one, ground_truth=True),
    "takes the star off": lambda b, one: b.server._sdk.annotations.update(one, ground_truth=False),
    "edits the claim": lambda b, one: b.write(ARTICLE.replace("in three days", "in two days")),
    "takes that edit back": lambda b, one: b.write(),
    "deletes it": lambda b, one: b.server._sdk.annotations.delete(one),
    "deletes the task": lambda b, one: b.delete_task(CURES),
    "deletes the project": lambda b, one: b.server._sdk.projects.delete(b.project_id),
}


def test_all_that_was_ever_said_stays_whatever_is_done_next(each_pushed: Bench) -> None:
    bench = each_pushed
    one = bench.review(ANA, CURES, SUPPORTED)
    bench.review(BEN, CURES, UNSUPPORTED)
    bench.sync()
    known, history = 2, bench.dump()["review_events"]
    with statements(bench.database) as seen:
        for name, deed in DEEDS.items():
            deed(bench, one)
            if name == "deletes the project":
                with pytest.raises(DriftError):
                    bench.sync()
                bench.push(new_project=True)
            else:
                bench.push()
            bench.sync()
            after = bench.dump()
            assert after["review_events"][: len(history)] == history, name
            assert len(after["reviews"]) == known, name
            history = after["review_events"]
    assert bench.events() == [
        *("created", "created", "changed", "changed", "changed", "skipped", "unskipped"),
        *("changed", "changed", "deleted", "deleted"),
    ]
    ana = [row for row in history if row.review_id == history[0].review_id]
    assert [row.verdict for row in ana[:4]] == ["supported", "unsupported", None, "overstated"]
    assert ana[-1].note == "Only one open-label study."
    assert not [s for s in seen if s.startswith("DELETE") and "sync_runs" not in s]
    assert not [s for s in seen if s.startswith("UPDATE review_events")]


def test_a_review_that_the_server_forgot_for_a_while_is_restored(each_pushed: Bench) -> None:
    each_pushed.review(ANA, CURES, SUPPORTED)
    each_pushed.sync()
    (before,) = each_pushed.reviews()

    def forget(real: Any, *args: Any) -> Page:
        page: Page = real(*args)
        return replace(page, tasks=[replace(task, reviews=()) for task in page.tasks])

    assert each_pushed.sync(Broken(each_pushed.server, "page", forget), full=True).deleted == 1
    assert each_pushed.sync(full=True).restored == 1
    (after,) = each_pushed.reviews()
    assert (after.id, after.state, after.recorded_at) == (
        before.id,
        "submitted",
        before.recorded_at,
    )
    assert each_pushed.events() == ["created", "deleted", "restored"]


class TestPush:
    """A push never removes a task that somebody reviewed."""

    def test_a_reviewed_task_of_a_claim_that_is_gone_is_kept(self, pushed: Bench) -> None:
        """Although no sync has seen the review yet."""
        pushed.review(ANA, CAFFEINE, SUPPORTED)
        pushed.review(BEN, CURES, [], was_cancelled=True)
        pushed.write("Tea and sleep\n\nTea is grown in Assam and in Ceylon.")
        report = pushed.push()
        assert (report.removed, report.kept) == (1, 2)
        report = pushed.sync()
        assert (report.created, report.skipped) == (1, 1)

    def test_a_review_given_after_the_look_keeps_its_task(self, pushed: Bench) -> None:
        pushed.write(ARTICLE.replace("about 50 mg", "up to 90 mg"))

        def review_then_remove(real: Any, project: int, tasks: list[int]) -> Any:
            pushed.review(ANA, CAFFEINE, SUPPORTED, task=tasks[0])
            return real(project, tasks)

        report = pushed.push(Broken(pushed.server, "remove_unreviewed", review_then_remove))
        assert (report.removed, report.kept) == (0, 1)
        assert pushed.sync().created == 1


class TestProjects:
    """The project is deleted in Label Studio."""

    def test_a_project_deleted_in_label_studio_loses_no_review(self, pushed: Bench) -> None:
        pushed.review(ANA, CURES, SUPPORTED)
        pushed.sync()
        before = pushed.dump()
        pushed.server._sdk.projects.delete(pushed.project_id)
        with pytest.raises(DriftError, match="deleted"):
            pushed.sync()
        assert pushed.dump() == before

    def test_a_deleted_project_is_said_to_be_gone_and_can_be_replaced(self, bench: Bench) -> None:
        bench.write()
        bench.push()
        bench.review(ANA, CURES, SUPPORTED)
        bench.sync()
        bench.server._sdk.projects.delete(bench.project_id)
        with pytest.raises(DriftError, match="was deleted there") as error:
            bench.push()
        assert "--new-project" in str(error.value.hint)
        assert bench.push(new_project=True).added == 3
        assert [str(review.state) for review in bench.reviews()] == ["submitted"]

    def test_what_was_decided_there_still_stands_in_a_new_one(self, each_pushed: Bench) -> None:
        for who in (ANA, BEN):
            each_pushed.review(who, CURES, SUPPORTED)
        each_pushed.sync()
        each_pushed.server._sdk.projects.delete(each_pushed.project_id)
        each_pushed.push(new_project=True)
        each_pushed.sync(full=True)
        assert [str(review.state) for review in each_pushed.reviews()] == ["submitted"] * 2
        assert each_pushed.decision(CURES).status is Status.DECIDED
