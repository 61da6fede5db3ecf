"""The claims that have no task yet, as the reviewers will see them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from factcheck.claims.context import surroundings
from factcheck.claims.cues import overstates
from factcheck.model import Assignment, Order
from factcheck.store import queries
from factcheck.store.engine import Database
from factcheck.store.queries import StoredArticle


@dataclass(frozen=True, slots=True)
class Waiting:
    """A claim without a task, and the revision that it stands in."""

    assignment: Assignment
    revision_id: int


def waiting(database: Database, project_id: int | None, order: Order) -> Iterable[Waiting]:
    """The live claims without a task in the project's ledger, or in none, in that order.

    In the order of the articles they are worked out one article at a time, as they are taken.
    """
    with database.reading() as session:
        found = queries.waiting_claims(session, project_id)
    claims = (
        one
        for revision_id, without in found.items()
        for one in _of_revision(database, revision_id, without)
    )
    if order is Order.CUES:
        return sorted(claims, key=lambda one: -one.assignment.overstating)
    return claims


def _of_revision(
    database: Database, revision_id: int, without: Container[str]
) -> Iterator[Waiting]:
    """Those claims of a revision, in reading order."""
    with database.reading() as session:
        stored = queries.stored_article(session, revision_id)
    for assignment in assignments(stored, without):
        yield Waiting(assignment, revision_id)


def assignments(stored: StoredArticle, claim_ids: Container[str]) -> Iterator[Assignment]:
    """These claims of an article as the reviewers will see them, in reading order."""
    article = stored.article
    claims = [claim for claim in stored.claims if claim.id in claim_ids]
    around = surroundings(article.text, stored.pieces, [claim.span for claim in claims])
    for claim, there in zip(claims, around, strict=True):
        strong = sum(cue.strength > 0 for cue in claim.cues)
        yield Assignment(
            claim_id=claim.id,
            claim=claim.text,
            article_title=article.title,
            article_source=article.source,
            position=claim.position,
            claims_in_article=len(stored.claims),
            heading=there.heading,
            before=there.before,
            after=there.after,
            lead_in=claim.lead_in,
            cues=claim.cues,
            overstating=strong if overstates(claim.cues) else 0,
            parts=len(claim.parts),
        )
