"""Anything that people and factcheck can do, in any order, on the real server.

A plain model keeps what people did in Label Studio. After each push and each sync, the server
and the database have to be what the promises say of it. Without --long a few short walks.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bench import OVERSTATED, SUPPORTED, UNSUPPORTED, Bench
from conftest import Benches
from factcheck.labelstudio import payload
from factcheck.model import Judgement, Problem, Provenance, Status
from factcheck.review import server as server_module
from factcheck.store import queries
from factcheck.store.tables import Review, ReviewEvent, ReviewState, Task

SENTENCES = (
    "Green tea cures insomnia in three days.",
    "Two small trials found that it shortens the time to fall asleep.",
    "A cup of black tea holds about 50 mg of caffeine.",
    "Black tea lowers blood pressure in adults.",
    "It also eases headaches.",  # leans on the sentence before it, whichever that is
)
ALTERED = "Tea is a drink"
NOTHING = Judgement(problem=Problem.NO_VERDICT)
SAYINGS = tuple(
    replace(said, note="I have read it.") for said in (SUPPORTED, UNSUPPORTED, OVERSTATED, NOTHING)
)

_clock = itertools.count()


class _CrashError(BaseException):
    """The process ends here."""


@dataclass
class Annotation:
    """What somebody submitted, and as what of it the database last took it in."""

    who: int
    said: Judgement
    skipped: bool = False
    starred: bool = False
    touched: int = field(default_factory=lambda: next(_clock))
    taken: int | None = None
    problem: Problem | None = None

    def touch(self) -> None:
        self.touched = next(_clock)

    @property
    def counts(self) -> bool:
        return not self.skipped and self.problem is None

    def in_the_database(self, email: str) -> tuple[Any, ...]:
        state = ReviewState.SKIPPED if self.skipped else ReviewState.SUBMITTED
        verdict = None if self.skipped else self.said.verdict
        return email, state, verdict, self.starred


@dataclass
class OnServer:
    """A task in Label Studio; `claim` is None for one that people made.

    `lead_in` is what it shows before the claim.
    """

    claim: str | None
    lead_in: str = ""
    altered: bool = False
    annotations: dict[int, Annotation] = field(default_factory=dict)


class Crashing:
    """The server, for a process that ends before or after the `at`th thing that it asks."""

    def __init__(self, server: Any, at: int, *, after: bool) -> None:
        self._server, self._left, self._after = server, at, after

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._server, name)
        if name in ("url", "link", "posting"):
            return real

        def asked(*args: Any) -> Any:
            self._left -= 1
            if self._left == 0 and not self._after:
                raise _CrashError
            answer = real(*args)
            if self._left == 0:
                raise _CrashError
            return answer

        return asked


class Walk(RuleBasedStateMachine):
    """The rules are what may happen; `checks` after push and sync are what must hold."""

    benches: ClassVar[Benches]

    def __init__(self) -> None:
        super().__init__()
        self.bench: Bench = self.benches()
        self.tasks: dict[int, OnServer] = {}
        self.rulings: dict[str, tuple[Annotation, Judgement]] = {}
        self.lead_ins: dict[
            str, str
        ] = {}  # what each claim leans on, or did when it was last there
        self.reviews = 0  # how many the database has ever taken in
        # Tasks that people put there since the last sync can hide from push that others are gone.
        self.strangers = False
        self.idle = False

    # what happens

    @initialize()
    def start(self) -> None:
        self.change_the_article(list(SENTENCES[:3]))
        self.push(repair=False)

    @rule(sentences=st.lists(st.sampled_from(SENTENCES), min_size=1, unique=True))
    def change_the_article(self, sentences: list[str]) -> None:
        self.bench.write(_article(sentences))
        for claim in self.bench._claims():
            lead_in = claim.lead_in or ""
            if self.lead_ins.setdefault(claim.id, lead_in) != lead_in:
                self.rulings.pop(claim.id, None)
                self.lead_ins[claim.id] = lead_in
        self._take_stars()
        self.idle = False

    @rule(repair=st.booleans())
    def push(self, repair: bool) -> None:
        self.bench.push(repair=repair)
        self._look_after_push()
        if repair or not self.strangers:
            self._each_claim_has_its_task()

    @rule(full=st.booleans())
    def sync(self, full: bool) -> None:
        self.bench.sync(full=full)
        self._forget_deleted_tasks()
        self._take()
        self._every_review_is_known()
        self._history_adds_up()
        self._decisions_follow()
        self.strangers = False
        self.idle = True

    @precondition(lambda self: self.idle)
    @rule(full=st.booleans())
    def sync_again(self, full: bool) -> None:
        before = self.bench.dump()
        self.bench.sync(full=full)
        assert self.bench.dump() == before

    @rule(at=st.integers(1, 6), after=st.booleans(), repair=st.booleans())
    def crash_in_push(self, at: int, after: bool, repair: bool) -> None:
        with _crash():
            self.bench.push(Crashing(self.bench.server, at, after=after), repair=repair)
        self._look_after_push()

    @rule(at=st.integers(1, 6), after=st.booleans(), full=st.booleans())
    def crash_in_sync(self, at: int, after: bool, full: bool) -> None:
        with _crash():
            self.bench.sync(Crashing(self.bench.server, at, after=after), full=full)
        self.idle = False
        self._take()

    # what people do in Label Studio

    @precondition(lambda self: self.tasks)
    @rule(data=st.data(), who=st.integers(0, 1), said=st.sampled_from(SAYINGS))
    def annotate(self, data: st.DataObject, who: int, said: Judgement) -> None:
        self._submit(data, Annotation(who, said))

    @precondition(lambda self: self.tasks)
    @rule(data=st.data(), who=st.integers(0, 1))
    def skip(self, data: st.DataObject, who: int) -> None:
        self._submit(data, Annotation(who, NOTHING, skipped=True))

    def _submit(self, data: st.DataObject, annotation: Annotation) -> None:
        task_id = data.draw(st.sampled_from(sorted(self.tasks)))
        created = self.bench.as_reviewer(annotation.who)._sdk.annotations.create(
            task_id,
            result=_result(annotation.said),
            was_cancelled=annotation.skipped,
        )
        assert created.id is not None
        self.tasks[task_id].annotations[int(created.id)] = annotation
        self.idle = False

    @precondition(lambda self: self._annotations())
    @rule(data=st.data(), said=st.sampled_from(SAYINGS))
    def edit(self, data: st.DataObject, said: Judgement) -> None:
        annotation = self._update(data, result=_result(said), was_cancelled=False)
        annotation.said, annotation.skipped = said, False

    @precondition(lambda self: self._annotations())
    @rule(data=st.data())
    def skip_after_all(self, data: st.DataObject) -> None:
        self._update(data, was_cancelled=True).skipped = True

    @precondition(lambda self: self._annotations())
    @rule(data=st.data())
    def unskip(self, data: st.DataObject) -> None:
        self._update(data, was_cancelled=False).skipped = False

    @precondition(lambda self: self._annotations())
    @rule(data=st.data(), starred=st.booleans())
    def star(self, data: st.DataObject, starred: bool) -> None:
        self._update(data, ground_truth=starred).starred = starred

    def _update(self, data: st.DataObject, **changes: Any) -> Annotation:
        task_id, annotation_id = data.draw(st.sampled_from(self._annotations()))
        self.bench.server._sdk.annotations.update(annotation_id, **changes)
        annotation = self.tasks[task_id].annotations[annotation_id]
        annotation.touch()
        self.idle = False
        return annotation

    @precondition(lambda self: self._annotations())
    @rule(data=st.data())
    def delete_annotation(self, data: st.DataObject) -> None:
        task_id, annotation_id = data.draw(st.sampled_from(self._annotations()))
        self.bench.server._sdk.annotations.delete(annotation_id)
        del self.tasks[task_id].annotations[annotation_id]
        self.idle = False

    @precondition(lambda self: self.tasks)
    @rule(data=st.data())
    def delete_all_annotations_of_a_task(self, data: st.DataObject) -> None:
        task_id = data.draw(st.sampled_from(sorted(self.tasks)))
        self.bench.server._request(
            "POST",
            "api/dm/actions/",
            params={"id": "delete_tasks_annotations", "project": self.bench.project_id},
            json={"selectedItems": {"all": False, "included": [task_id]}},
        )
        self.tasks[task_id].annotations.clear()
        self.idle = False

    @precondition(lambda self: self.tasks)
    @rule(data=st.data())
    def delete_task(self, data: st.DataObject) -> None:
        task_id = data.draw(st.sampled_from(sorted(self.tasks)))
        self.bench.server._sdk.tasks.delete(str(task_id))
        del self.tasks[task_id]
        self.idle = False

    @precondition(lambda self: self.tasks)
    @rule(data=st.data())
    def import_a_task_again(self, data: st.DataObject) -> None:
        task_id = data.draw(st.sampled_from(sorted(self.tasks)))
        row = self.bench.server._sdk.tasks.get(str(task_id))
        answer = self.bench.server._request(
            "POST",
            f"api/projects/{self.bench.project_id}/import",
            params={"return_task_ids": "true"},
            json=[{"data": row.data, "meta": row.meta}],
        ).json()
        self.tasks[answer["task_ids"][0]] = replace(self.tasks[task_id], annotations={})
        self.strangers, self.idle = True, False

    @rule()
    def make_a_task_by_hand(self) -> None:
        self.tasks[self.bench.by_hand()] = OnServer(claim=None)
        self.strangers, self.idle = True, False

    @precondition(lambda self: self.tasks)
    @rule(data=st.data())
    def alter_the_text_of_a_task(self, data: st.DataObject) -> None:
        task_id = data.draw(st.sampled_from(sorted(self.tasks)))
        shown = self.bench.server._sdk.tasks.get(str(task_id)).data
        self.bench.server._sdk.tasks.update(
            str(task_id), data=shown | {"claim": f"{ALTERED} ({next(_clock)})."}
        )
        self.tasks[task_id].altered = True
        self.idle = False

    # what must hold

    def _look_after_push(self) -> None:
        """Push took nobody's work: only tasks without annotations may be gone."""
        self.idle = False
        posted = {task.id: task for task in self.bench.posted()}
        for task_id in list(self.tasks):
            if task_id not in posted:
                assert not self.tasks.pop(task_id).annotations, "push removed a reviewed task"
        for task_id, task in posted.items():
            model = self.tasks.get(task_id)
            if model is None or not model.annotations:  # its id may be another task's by now
                shown = self.bench.server._sdk.tasks.get(str(task_id)).data
                altered = shown["claim"].startswith(ALTERED)
                model = self.tasks[task_id] = OnServer(task.claim_id, shown["lead_in"], altered)
            skipped = sum(one.skipped for one in model.annotations.values())
            assert (task.reviews, task.skipped) == (len(model.annotations) - skipped, skipped)

    def _each_claim_has_its_task(self) -> None:
        """One task for each live claim; more, or for others, only where they were reviewed."""
        live = {claim.id for claim in self.bench._claims()}
        by_claim: defaultdict[str | None, list[tuple[int, OnServer]]] = defaultdict(list)
        for task_id, task in self.tasks.items():
            by_claim[task.claim].append((task_id, task))
        ledger = self._ledger()
        for claim in live:
            assert by_claim[claim], f"{claim} has no task"
            standing = self.tasks[ledger[claim]]
            assert (standing.claim, standing.lead_in) == (claim, self.lead_ins[claim])
            for task_id, task in by_claim[claim]:
                if task_id != ledger[claim]:
                    assert task.annotations, f"{claim} has two tasks"
                    if task.lead_in == standing.lead_in:
                        assert standing.annotations, "the reviewed one of two does not stand"
        for claim in by_claim.keys() - live - {None}:
            assert all(task.annotations for _, task in by_claim[claim]), "a task without a claim"

    def _every_review_is_known(self) -> None:
        """As it stands in Label Studio; those that are gone there stand as tombstones."""
        rows = self._rows()
        there = {
            (task_id, annotation_id): (
                *annotation.in_the_database(self.bench.accounts[annotation.who].email),
                annotation.problem,
            )
            for _, task_id in self._all_on_the_ledger()
            for annotation_id, annotation in self.tasks[task_id].annotations.items()
        }
        known = {
            key: (row.reviewer, row.state, row.verdict, row.ground_truth, row.problem)
            for key, row in rows.items()
        }
        assert known == there
        with self.bench.database.reading() as session:
            count = session.scalar(sa.select(sa.func.count(Review.id))) or 0
        assert count >= self.reviews, "a review has disappeared"
        self.reviews = count

    def _history_adds_up(self) -> None:
        """The last event of each review is how it stands."""
        names = ("state", "verdict", "problem", "ground_truth", "said", "server_updated_at")
        with self.bench.database.reading() as session:
            last: dict[str, ReviewEvent] = {}
            for event in session.scalars(sa.select(ReviewEvent).order_by(ReviewEvent.id)):
                last[event.review_id] = event
            for review in session.scalars(sa.select(Review)):
                assert [getattr(last[review.id], name) for name in names] == [
                    getattr(review, name) for name in names
                ]

    def _decisions_follow(self) -> None:
        """What the desk says of a claim follows from its stars, and then from its reviews."""
        said: defaultdict[str, list[Annotation]] = defaultdict(list)
        for claim, task_id in self._all_on_the_ledger():
            if self.tasks[task_id].lead_in == self.lead_ins[claim]:
                for annotation in self.tasks[task_id].annotations.values():
                    if annotation.counts:
                        said[claim].append(annotation)
        with self.bench.database.reading() as session:
            decisions = queries.decisions(session)
        for claim, decision in decisions.items():
            votes = {
                annotation.who: annotation.said.verdict
                for annotation in sorted(said[claim], key=lambda one: one.touched)
            }
            if claim in self.rulings:
                expected = (Status.DECIDED, self.rulings[claim][1].verdict)
            elif len(votes) < 2:
                expected = (Status.PENDING, None)
            elif len(set(votes.values())) == 1:
                expected = (Status.DECIDED, votes[0])
            else:
                expected = (Status.DISPUTED, None)
            assert (decision.status, decision.verdict) == expected
            assert (decision.provenance is Provenance.ADJUDICATED) == (claim in self.rulings)
        assert decisions.keys() >= said.keys()

    # the model's book-keeping

    def _annotations(self) -> list[tuple[int, int]]:
        return sorted((task, one) for task in self.tasks for one in self.tasks[task].annotations)

    def _ledger(self) -> dict[str, int]:
        """The task of each claim that the desk goes by."""
        return dict(self._all_on_the_ledger(superseded=False))

    def _all_on_the_ledger(self, *, superseded: bool = True) -> list[tuple[str, int]]:
        """Claims and their tasks, those too that stay for their reviews alone."""
        with self.bench.database.reading() as session:
            project = queries.live_project(session)
            if project is None:
                return []
            return [
                (task.claim_id, task.server_id)
                for task in queries.ledger(session, project.id)
                if task.server_id is not None and (superseded or task.superseded_at is None)
            ]

    def _rows(self) -> dict[tuple[int, int], Review]:
        """The standing reviews of the ledger's tasks, by Label Studio's ids."""
        with self.bench.database.reading() as session:
            rows = session.execute(
                sa.select(Task.server_id, Review)
                .join(Review, Review.task_id == Task.id)
                .where(Review.state != ReviewState.DELETED)
            )
            return {(task_id, row.annotation_id): row for task_id, row in rows}

    def _forget_deleted_tasks(self) -> None:
        """After a sync the ledger has only tasks that are there."""
        assert {task_id for _, task_id in self._all_on_the_ledger()} <= self.tasks.keys()

    def _take(self) -> None:
        """Note what the database has taken in by now, a sync that was cut short too."""
        rows = self._rows()
        for _, task_id in self._all_on_the_ledger():
            task = self.tasks.get(task_id)
            for annotation_id, one in task.annotations.items() if task else ():
                row = rows.get((task_id, annotation_id))
                email = self.bench.accounts[one.who].email
                if row is None or one.taken == one.touched:
                    continue
                if (row.reviewer, row.state, row.verdict, row.ground_truth) != one.in_the_database(
                    email
                ):
                    continue
                one.taken = one.touched
                one.problem = None if one.skipped else one.said.problem
                if task and task.altered and not one.skipped:
                    one.problem = Problem.TEXT_CHANGED
        self._take_stars()

    def _take_stars(self) -> None:
        """A star is a ruling until it is taken off; the first one that a sync sees stands."""
        for claim, task_id in self._all_on_the_ledger():
            task = self.tasks.get(task_id)
            if task is None or task.lead_in != self.lead_ins[claim]:
                continue
            taken = [one for one in task.annotations.values() if one.taken == one.touched]
            ruling = self.rulings.get(claim)
            if ruling and any(
                one is ruling[0] and not one.starred and not one.skipped for one in taken
            ):
                del self.rulings[claim]
            starred = [one for one in taken if one.starred and one.counts]
            if claim not in self.rulings and starred:
                newest = max(starred, key=lambda one: one.touched)
                self.rulings[claim] = newest, newest.said


def _article(sentences: Any) -> str:
    return "Tea and sleep\n\n" + "\n\n".join(sentences)


def _result(said: Judgement) -> list[dict[str, Any]]:
    return payload.result(said, "")


@contextmanager
def _crash() -> Iterator[None]:
    with suppress(_CrashError):
        yield


@pytest.mark.timeout(7200)
def test_the_promises_hold_whatever_is_done_in_whatever_order(
    benches: Benches, monkeypatch: pytest.MonkeyPatch, long: bool
) -> None:
    monkeypatch.setattr(server_module, "_LOOK_AGAIN", (0.0, 0.0))
    walk: Callable[[], Walk] = type("Walk", (Walk,), {"benches": staticmethod(benches)})
    run_state_machine_as_test(
        walk,
        settings=settings(
            max_examples=150 if long else 6,
            stateful_step_count=40 if long else 30,
            derandomize=not long,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
