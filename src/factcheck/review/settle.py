"""Settles claims in the database: reads what was said of them and records what it decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from factcheck.model import Decision, KnownReview, Problem, Review, Rule, Verdict
from factcheck.review.decide import decide
from factcheck.store import queries, tables
from factcheck.store.engine import Database
from factcheck.store.tables import Ruling


@dataclass(frozen=True, slots=True)
class Policy:
    """How a desk decides: how many reviews a claim needs, and the rule for several."""

    reviews_per_claim: int
    rule: Rule


@dataclass(frozen=True, slots=True)
class Settled:
    """How many decisions are new or different, and the stars that could not be taken."""

    decisions: int
    stars_without_note: tuple[KnownReview, ...]


def counted(reviews: Sequence[KnownReview]) -> tuple[list[Review], list[KnownReview]]:
    """The reviews of one claim that count, and those that are set aside with their problem.

    Of several whole reviews by one reviewer the newest counts.
    """
    newest: dict[str, KnownReview] = {}
    aside: list[KnownReview] = []
    for review in sorted(reviews, key=lambda review: (review.at, review.id)):
        if review.judgement.problem is not None:
            aside.append(review)
            continue
        if earlier := newest.get(review.reviewer):
            twice = replace(
                earlier.judgement,
                problem=Problem.REVIEWED_TWICE,
                detail="a newer review by the same reviewer counts",
            )
            aside.append(replace(earlier, judgement=twice))
        newest[review.reviewer] = review
    return [Review(r.reviewer, r.judgement, r.at) for r in newest.values()], aside


def settle(session: Session, policy: Policy, claim_ids: Sequence[str] | None = None) -> Settled:
    """Decide these claims (all) anew; a decision that comes out the same is left as it is.

    Stars in Label Studio become rulings here, before the claims are decided.
    """
    now = datetime.now(UTC)
    reviews = queries.known_reviews(session, claim_ids)
    rulings = queries.rulings(session, claim_ids)
    standing = queries.decisions(session, claim_ids)
    without_note = _take_stars(session, reviews, rulings, now)
    new: list[dict[str, Any]] = []
    for claim_id in sorted({*reviews, *rulings, *standing}):
        ruling = rulings.get(claim_id)
        decision = decide(
            counted(reviews.get(claim_id, []))[0],
            queries.ruling_of(ruling) if ruling else None,
            reviews_per_claim=policy.reviews_per_claim,
            rule=policy.rule,
        )
        old = standing.get(claim_id)
        if old is not None and queries.decision_of(old) == decision:
            continue
        if old is not None:
            old.superseded_at = now
        new.append(_row(claim_id, decision, now))
    session.flush()  # one decision of a claim stands at a time
    queries.insert(session, tables.Decision, new)
    return Settled(len(new), tuple(without_note))


def settle_all(database: Database, policy: Policy) -> int:
    """Decide every claim anew, as after a change of the desk's rule; how many came out new."""
    with database.sessions.begin() as session:
        return settle(session, policy).decisions


def rule_on(session: Session, ruling: tables.Ruling) -> None:
    """Make `ruling` the standing one on its claim."""
    session.execute(
        sa.update(Ruling)
        .where(Ruling.claim_id == ruling.claim_id, Ruling.superseded_at.is_(None))
        .values(superseded_at=ruling.ruled_at)
    )
    session.add(ruling)
    session.flush()


def withdraw(session: Session, claim_ids: Sequence[str], now: datetime) -> None:
    """No ruling on these claims stands any longer."""
    for chunk in queries.chunks(claim_ids):
        session.execute(
            sa.update(Ruling)
            .where(Ruling.claim_id.in_(chunk), Ruling.superseded_at.is_(None))
            .values(superseded_at=now)
        )


def _take_stars(
    session: Session,
    reviews: dict[str, list[KnownReview]],
    rulings: dict[str, Ruling],
    now: datetime,
) -> list[KnownReview]:
    """Star in Label Studio: a ruling, unless an editor has ruled already; returns those without
    a note. Taking the star off withdraws the ruling that it made."""
    without_note = []
    for claim_id, known in reviews.items():
        standing = rulings.get(claim_id)
        if standing and standing.review_id:
            review = next((r for r in known if r.id == standing.review_id), None)
            if review and not review.ground_truth:
                standing.superseded_at = now
                session.flush()
                del rulings[claim_id]
        if claim_id in rulings:
            continue
        starred = [r for r in known if r.ground_truth and r.judgement.problem is None]
        without_note += [r for r in starred if not r.judgement.note]
        for review in [r for r in starred if r.judgement.note][-1:]:
            ruling = Ruling(
                claim_id=claim_id,
                editor=review.reviewer,
                verdict=review.judgement.verdict,
                note=str(review.judgement.note),
                correction=review.judgement.correction,
                evidence=list(review.judgement.evidence),
                review_id=review.id,
                ruled_at=now,
                superseded_at=None,
            )
            rule_on(session, ruling)
            rulings[claim_id] = ruling
    return without_note


def _row(claim_id: str, decision: Decision, now: datetime) -> dict[str, Any]:
    tally = Counter(decision.tally)
    return {
        "claim_id": claim_id,
        "status": decision.status,
        "verdict": decision.verdict,
        "provenance": decision.provenance,
        "supported": tally[Verdict.SUPPORTED],
        "overstated": tally[Verdict.OVERSTATED],
        "unsupported": tally[Verdict.UNSUPPORTED],
        "not_checkable": decision.not_checkable,
        "reasons": [str(reason) for reason in decision.reasons],
        "problem_words": list(decision.problem_words),
        "correction": decision.correction,
        "evidence": list(decision.evidence),
        "reviewers": list(decision.reviewers),
        "note": decision.note,
        "contradicted_by": list(decision.contradicted_by),
        "decided_at": now,
        "superseded_at": None,
    }
