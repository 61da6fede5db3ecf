"""What happened to reviews since they were last read: events of a history that only grows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from factcheck.model import Problem, ReceivedReview, ReceivedTask
from factcheck.store import queries
from factcheck.store.tables import Event, Project, Review, ReviewEvent, ReviewState


@dataclass(frozen=True, slots=True)
class Happened:
    """An event to be written: what happened to which review, and how it stands now."""

    claim_id: str
    event: Event
    new: bool
    row: dict[str, Any]


class Pushed(NamedTuple):
    """A task of the ledger, as far as its reviews are read by it."""

    id: int
    claim_id: str
    server_id: int | None
    content_hash: str
    server_updated_at: datetime | None


def happened(
    project: Project,
    task: Pushed,
    received: ReceivedTask,
    known: Mapping[str, Review],
    now: datetime,
) -> Iterator[Happened]:
    """How a task's whole set of reviews, as received, differs from the `known` ones by id."""
    there = set()
    for one in received.reviews:
        review_id = _review_id(project, received, one)
        there.add(review_id)
        review = known.get(review_id)
        state = ReviewState.SKIPPED if one.skipped else ReviewState.SUBMITTED
        if review is not None and _same(review, one, state):
            continue
        if task.content_hash != received.content_hash and not one.skipped:
            one = _of_other_text(one)
        yield Happened(
            claim_id=task.claim_id,
            event=_event(review, state),
            new=review is None,
            row={
                "id": review_id,
                "task_id": task.id,
                "claim_id": task.claim_id,
                "annotation_id": one.annotation_id,
                "reviewer": one.reviewer,
                "server_created_at": one.created_at,
                "recorded_at": review.recorded_at if review else now,
                **_judged(one, state),
            },
        )
    yield from deleted(review for review_id, review in known.items() if review_id not in there)


def deleted(reviews: Iterable[Review]) -> Iterator[Happened]:
    """These reviews are no longer on the server: a tombstone for each that has none yet."""
    columns = [column.key for column in sa.inspect(Review).columns]
    for review in reviews:
        if review.state is ReviewState.DELETED:
            continue
        row = {name: getattr(review, name) for name in columns}
        yield Happened(
            claim_id=review.claim_id,
            event=Event.DELETED,
            new=False,
            row=row | {"state": ReviewState.DELETED},
        )


def write(session: Session, events: Sequence[Happened], run_id: int, now: datetime) -> None:
    """Add the events to the history, and bring the reviews to what it adds up to."""
    queries.insert(session, Review, [event.row for event in events if event.new])
    if updates := [event.row for event in events if not event.new]:
        session.execute(sa.update(Review), updates)
    judged = set(sa.inspect(ReviewEvent).columns.keys()) & set(sa.inspect(Review).columns.keys())
    judged -= {"id", "recorded_at"}
    queries.insert(
        session,
        ReviewEvent,
        [
            {name: event.row[name] for name in judged}
            | {
                "review_id": event.row["id"],
                "sync_run_id": run_id,
                "event": event.event,
                "recorded_at": now,
            }
            for event in events
        ],
    )


def _review_id(project: Project, task: ReceivedTask, received: ReceivedReview) -> str:
    key = (project.marker, str(task.id), str(received.annotation_id))
    created = received.created_at.astimezone(UTC).isoformat()
    return "r" + hashlib.sha256("\x1f".join((*key, created)).encode()).hexdigest()[:16]


def _same(review: Review, received: ReceivedReview, state: ReviewState) -> bool:
    return (
        review.state is state
        and review.server_updated_at == received.updated_at
        and review.ground_truth == received.ground_truth
        and review.reviewer == received.reviewer
        and review.said == received.said
    )


def _of_other_text(received: ReceivedReview) -> ReceivedReview:
    return replace(
        received,
        judgement=replace(
            received.judgement,
            problem=Problem.TEXT_CHANGED,
            detail="the task's text was changed in Label Studio after it was pushed",
        ),
    )


def _event(review: Review | None, state: ReviewState) -> Event:
    if state is ReviewState.SKIPPED and (review is None or review.state is not state):
        return Event.SKIPPED
    if review is None:
        return Event.CREATED
    if review.state is ReviewState.DELETED:
        return Event.RESTORED
    if review.state is ReviewState.SKIPPED and state is ReviewState.SUBMITTED:
        return Event.UNSKIPPED
    return Event.CHANGED


def _judged(received: ReceivedReview, state: ReviewState) -> dict[str, Any]:
    judgement = received.judgement
    return {
        "state": state,
        "verdict": judgement.verdict,
        "not_checkable": judgement.not_checkable,
        "reasons": [str(reason) for reason in judgement.reasons],
        "problem_words": list(judgement.problem_words),
        "correction": judgement.correction,
        "evidence": list(judgement.evidence),
        "note": judgement.note,
        "problem": judgement.problem,
        "detail": judgement.detail,
        "ground_truth": received.ground_truth,
        "said": received.said,
        "server_updated_at": received.updated_at,
    }
