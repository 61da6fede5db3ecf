"""All of the project held against the database: what no change of a task tells.

A deleted task just vanishes from the server, and a change can be stored without its task being
touched. Nothing here writes: `sync` brings the database to what is found.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from factcheck.model import PostedTask, ServerProject
from factcheck.review.ledger import Comparison, compare, is_reviewed
from factcheck.store import queries
from factcheck.store.tables import Project, Review, ReviewState, SyncRun, Task


class Mismatch(enum.StrEnum):
    """How a task in Label Studio can differ from the desk's ledger."""

    GONE = "gone"
    ALTERED = "altered"
    DOUBLED = "doubled"
    ORPHANED = "orphaned"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Difference:
    """A task that is not as the desk left it, where to see it, and what to do about it."""

    kind: Mismatch
    claim_id: str | None
    link: str | None
    remedy: str


@dataclass(slots=True)
class Known:
    """What a run of sync leaves to the next one, on the server's side of things.

    `asked_at` is the server's clock when it was asked for changes. `others` are the tasks that
    are not on the ledger, and `said` has how often each of them was reviewed and skipped, where
    it was.
    """

    asked_at: datetime | None = None
    others: set[int] = field(default_factory=set)
    said: dict[int, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def after(cls, run: SyncRun | None) -> Known:
        """What the last finished run left."""
        known = ((run.report or {}) if run else {}).get("known")
        if known is None:
            return cls()
        asked_at = known["asked_at"]
        return cls(
            asked_at=datetime.fromisoformat(asked_at) if asked_at else None,
            others=set(known.get("tasks", ())),
            said={int(task): (reviews, skipped) for task, (reviews, skipped) in known["said"]},
        )

    def stored(self) -> dict[str, Any]:
        """The same, as the run's row keeps it."""
        return {
            "asked_at": self.asked_at.isoformat() if self.asked_at else None,
            "tasks": sorted(self.others),
            "said": [[task, said] for task, said in self.said.items()],
        }

    def note(self, tasks: Iterable[PostedTask]) -> bool:
        """Take in how these tasks stand, none of them on the ledger; whether any is new."""
        before = len(self.others)
        for task in tasks:
            self.others.add(task.id)
            self.said.pop(task.id, None)
            if is_reviewed(task):
                self.said[task.id] = (task.reviews, task.skipped)
        return len(self.others) > before


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at every task of the project has shown.

    Of the ledger's tasks `gone` are no longer there, and of `missed` the server has other
    numbers of reviews than the database. `others` are not on the ledger.
    """

    found: Comparison
    gone: Sequence[Task]
    missed: Sequence[PostedTask]
    others: Sequence[PostedTask]


def look(session: Session, project: Project, posted: Sequence[PostedTask]) -> Look:
    """Hold the project's ledger and reviews against all of its tasks."""
    ledger = queries.ledger(session, project.id)
    counts = _standing_reviews(project, Task.server_id, Review.state)
    there = {(task, state): number for task, state, number in session.execute(counts)}
    by_id = {task.id: task for task in posted}
    answered = [task for task in ledger if task.server_id is not None]
    gone = [task for task in answered if _is_gone(task, by_id)]
    ours = {task.server_id for task in answered} - {task.server_id for task in gone}

    def known(task: PostedTask) -> tuple[int, int]:
        submitted = there.get((task.id, ReviewState.SUBMITTED), 0)
        return submitted, there.get((task.id, ReviewState.SKIPPED), 0)

    return Look(
        found=compare(ledger, posted, queries.claims(session)),
        gone=gone,
        missed=[t for t in posted if t.id in ours and (t.reviews, t.skipped) != known(t)],
        others=[task for task in posted if task.id not in ours],
    )


def _is_gone(task: Task, posted: dict[int, PostedTask]) -> bool:
    """Whether a ledger's task is no longer there; its id may be another task's by now."""
    there = posted.get(task.server_id or 0)
    return there is None or there.claim_id != task.claim_id


def is_all_known(session: Session, project: Project, known: Known, remote: ServerProject) -> bool:
    """Whether the server has as many tasks and reviews as are known of."""
    tasks = session.scalar(
        sa.select(sa.func.count(Task.server_id)).where(
            Task.project_id == project.id, Task.removed_at.is_(None)
        )
    )
    rows = session.execute(_standing_reviews(project, Review.state))
    states = Counter({state: number for state, number in rows})  # noqa: C416 (rows, not tuples)
    reviews = states[ReviewState.SUBMITTED] + sum(said[0] for said in known.said.values())
    skipped = states[ReviewState.SKIPPED] + sum(said[1] for said in known.said.values())
    there = (remote.tasks, remote.reviews, remote.skipped)
    return there == ((tasks or 0) + len(known.others), reviews, skipped) and not orphaned(
        session, project
    )


def _standing_reviews(
    project: Project, *by: InstrumentedAttribute[Any]
) -> sa.Select[*tuple[Any, ...]]:
    """How many reviews of the ledger's tasks there are, tombstones left out, by these columns."""
    return (
        sa.select(*by, sa.func.count())
        .join(Task, Task.id == Review.task_id)
        .where(
            Task.project_id == project.id,
            Task.removed_at.is_(None),
            Review.state != ReviewState.DELETED,
        )
        .group_by(*by)
    )


def orphaned(session: Session, project: Project) -> list[Review]:
    """Reviews that stand although their task was deleted on the server."""
    return list(
        session.scalars(
            sa.select(Review)
            .join(Task, Task.id == Review.task_id)
            .where(
                Task.project_id == project.id,
                Task.removed_at.is_not(None),
                Review.state != ReviewState.DELETED,
            )
        )
    )


def differences(
    seen: Look, altered: Collection[int], link: Callable[[int], str]
) -> tuple[int, list[Difference]]:
    """How many tasks are as the desk left them, and every other one with what to do about it.

    `altered` are the server's ids of those that show another text.
    """

    def told(kind: Mismatch, task: PostedTask, remedy: str) -> Difference:
        return Difference(kind, task.claim_id, link(task.id), remedy)

    found = seen.found
    standing = [task for _, task in (*found.standing, *found.superseded)]
    changed = [task for task in standing if task.id in altered]
    return len(standing) - len(changed), [
        *(
            Difference(Mismatch.GONE, task.claim_id, None, "`factcheck push` puts the claim there")
            for task in seen.gone
        ),
        *(
            told(
                Mismatch.ALTERED,
                task,
                "it has reviews: put its text back in Label Studio"
                if is_reviewed(task)
                else "`factcheck push --repair` replaces it",
            )
            for task in changed
        ),
        *(
            told(
                Mismatch.DOUBLED,
                task,
                f"its reviews do not count: delete it there, or {link(first.id)}"
                if is_reviewed(task)
                else "`factcheck push` removes it",
            )
            for first, task in found.doubled
        ),
        *(
            told(Mismatch.ORPHANED, task, "`factcheck push` takes it up, or removes it")
            for task in found.orphaned
        ),
        *(told(Mismatch.FOREIGN, task, "it is left alone") for task in found.foreign),
    ]
