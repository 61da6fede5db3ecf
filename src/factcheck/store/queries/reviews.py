"""Reviews, rulings and decisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from factcheck import model
from factcheck.model import Judgement, KnownReview, Reason, Verdict
from factcheck.store import tables
from factcheck.store.queries.bulk import MANY, chunks, standing
from factcheck.store.queries.leaning import outdated_tasks
from factcheck.store.tables import ReviewState

_JUDGEMENT = (
    *("verdict", "not_checkable", "reasons", "problem_words", "correction", "evidence", "note"),
    *("problem", "detail"),
)


def judgement_of(row: Any) -> Judgement:
    """The judgement that the columns of a review, or of an event, hold."""
    return Judgement(
        verdict=row.verdict,
        not_checkable=row.not_checkable,
        reasons=tuple(Reason(reason) for reason in row.reasons),
        problem_words=tuple(row.problem_words),
        correction=row.correction,
        evidence=tuple(row.evidence),
        note=row.note,
        problem=row.problem,
        detail=row.detail,
    )


def known_reviews(
    session: Session, claim_ids: Sequence[str] | None = None, as_of: datetime | None = None
) -> dict[str, list[KnownReview]]:
    """The submitted reviews of these claims (of all), set-aside ones too, by claim id.

    Those are left out that were given when their claim leaned on other words.
    """
    if claim_ids is not None and len(claim_ids) > MANY:
        found: dict[str, list[KnownReview]] = {}
        for chunk in chunks(claim_ids):
            found |= known_reviews(session, chunk, as_of)
        return found
    review, event = tables.Review, tables.ReviewEvent
    # What was said: as it stands now or, for an earlier time, the last event until then.
    judged: Any = review if as_of is None else event
    said = [getattr(judged, name) for name in (*_JUDGEMENT, "ground_truth", "server_updated_at")]
    query = (
        sa.select(
            *(review.id, review.claim_id, review.task_id, review.reviewer),
            *said,
            tables.Task.server_id,
            tables.Project.server_id.label("project_id"),
        )
        .join(tables.Task, tables.Task.id == review.task_id)
        .join(tables.Project, tables.Project.id == tables.Task.project_id)
        .where(judged.state == ReviewState.SUBMITTED)
        .order_by(review.claim_id, judged.server_updated_at, review.id)
    )
    if as_of is not None:
        latest = (
            sa.select(sa.func.max(event.id))
            .where(event.recorded_at <= as_of)
            .group_by(event.review_id)
        )
        query = query.join(event, event.review_id == review.id).where(event.id.in_(latest))
    if claim_ids is not None:
        query = query.where(review.claim_id.in_(claim_ids))
    outdated = outdated_tasks(session, claim_ids, as_of)
    reviews: defaultdict[str, list[KnownReview]] = defaultdict(list)
    for row in session.execute(query):
        if row.task_id in outdated:
            continue
        reviews[row.claim_id].append(
            KnownReview(
                id=row.id,
                claim_id=row.claim_id,
                project_id=int(row.project_id or 0),
                task_id=int(row.server_id or 0),
                reviewer=row.reviewer,
                judgement=judgement_of(row),
                ground_truth=row.ground_truth,
                at=row.server_updated_at,
            )
        )
    return dict(reviews)


def doubtful_claims(session: Session) -> list[str]:
    """The claims that may have a review to be set aside, or a star without a note; by id."""
    review = tables.Review
    submitted = review.state == ReviewState.SUBMITTED
    flagged = sa.select(review.claim_id).where(
        submitted, review.problem.is_not(None) | review.ground_truth
    )
    twice = (
        sa.select(review.claim_id)
        .where(submitted)
        .group_by(review.claim_id, review.reviewer)
        .having(sa.func.count() > 1)
    )
    return sorted(session.scalars(sa.union(flagged, twice)))


def contradicted_claims(session: Session) -> list[str]:
    """The claims whose ruling later reviews differ from; by id."""
    decision = tables.Decision
    return list(
        session.scalars(
            sa.select(decision.claim_id)
            .where(
                decision.superseded_at.is_(None),
                sa.cast(decision.contradicted_by, sa.Text) != "[]",
            )
            .order_by(decision.claim_id)
        )
    )


def rulings(
    session: Session, claim_ids: Sequence[str] | None = None, as_of: datetime | None = None
) -> dict[str, tables.Ruling]:
    """The standing rulings on these claims (on all), by claim id."""
    query = sa.select(tables.Ruling).where(
        standing(tables.Ruling.ruled_at, tables.Ruling.superseded_at, as_of)
    )
    return {row.claim_id: row for row in _of_claims(session, query, tables.Ruling, claim_ids)}


def ruling_of(row: tables.Ruling) -> model.Ruling:
    """A ruling's row as a value."""
    return model.Ruling(
        editor=row.editor,
        verdict=row.verdict,
        note=row.note,
        at=row.ruled_at,
        correction=row.correction,
        evidence=tuple(row.evidence),
    )


def decisions(
    session: Session, claim_ids: Sequence[str] | None = None, as_of: datetime | None = None
) -> dict[str, tables.Decision]:
    """The standing decisions on these claims (on all), by claim id."""
    query = sa.select(tables.Decision).where(
        standing(tables.Decision.decided_at, tables.Decision.superseded_at, as_of)
    )
    return {row.claim_id: row for row in _of_claims(session, query, tables.Decision, claim_ids)}


def decision_of(row: tables.Decision) -> model.Decision:
    """A decision's row as a value."""
    return model.Decision(
        status=row.status,
        verdict=row.verdict,
        provenance=row.provenance,
        tally={
            Verdict.SUPPORTED: row.supported,
            Verdict.OVERSTATED: row.overstated,
            Verdict.UNSUPPORTED: row.unsupported,
        },
        not_checkable=row.not_checkable,
        reasons=tuple(Reason(reason) for reason in row.reasons),
        problem_words=tuple(row.problem_words),
        correction=row.correction,
        evidence=tuple(row.evidence),
        reviewers=tuple(row.reviewers),
        note=row.note,
        contradicted_by=tuple(row.contradicted_by),
    )


_OfClaim = TypeVar("_OfClaim", tables.Ruling, tables.Decision)


def _of_claims(
    session: Session,
    query: sa.Select[_OfClaim],
    table: type[_OfClaim],
    claim_ids: Sequence[str] | None,
) -> Iterator[_OfClaim]:
    if claim_ids is None:
        yield from session.scalars(query)
        return
    for chunk in chunks(claim_ids):
        yield from session.scalars(query.where(table.claim_id.in_(chunk)))
