"""What claims lean on, now and in the texts that tasks show."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from factcheck.store import tables
from factcheck.store.queries.bulk import chunks


def outdated_tasks(
    session: Session, claim_ids: Sequence[str] | None = None, as_of: datetime | None = None
) -> set[int]:
    """The tasks, by row id, whose claim has other words to lean on by now than they show.

    Other rules can give the same text another lead-in: the reviewers had all of it before them.
    """
    revision, piece, task = tables.Revision, tables.Piece, tables.Task
    until = sa.true() if as_of is None else revision.ingested_at <= as_of
    edited = (
        sa.select(task.id, task.claim_id, task.revision_id)
        .join(revision, revision.id == task.revision_id)
        .where(revision.superseded_at.is_not(None))
    )
    rows: list[sa.Row[int, str, int]] = []
    for chunk in [None] if claim_ids is None else chunks(claim_ids):
        rows += session.execute(edited if chunk is None else edited.where(task.claim_id.in_(chunk)))
    stood: defaultdict[str, dict[int, tuple[str, str | None]]] = defaultdict(dict)
    for chunk in chunks({claim_id for _, claim_id, _ in rows}):
        for claim_id, revision_id, sha256, lead_in in session.execute(
            sa.select(piece.claim_id, piece.revision_id, revision.sha256, piece.lead_in)
            .join(revision, revision.id == piece.revision_id)
            .where(piece.claim_id.in_(chunk), until)
            .order_by(piece.revision_id)
        ):
            stood[str(claim_id)][revision_id] = sha256, lead_in
    outdated = set()
    for task_id, claim_id, revision_id in rows:
        revisions = stood[claim_id]
        if revision_id not in revisions:
            continue
        _, now = revisions[max(revisions)]
        if _words(now) not in _had_before_them(revisions, revision_id):
            outdated.add(task_id)
    return outdated


def _had_before_them(revisions: dict[int, tuple[str, str | None]], shown: int) -> set[str]:
    """The lead-ins of a claim that say no more than what the revision `shown` has.

    `revisions` has the text's digest and the claim's lead-in in each.
    """
    texts: defaultdict[str, set[str]] = defaultdict(set)
    for sha256, lead_in in revisions.values():
        texts[sha256].add(_words(lead_in))
    had: set[str] = set()
    more = texts.pop(revisions[shown][0])
    while more:
        had |= more
        more = set().union(*(leads for leads in texts.values() if leads & had)) - had
    return had


def last_lead_ins(session: Session, claim_ids: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """The digest of the newest text that held each of these claims, and its lead-in there."""
    found: dict[str, tuple[str, str | None]] = {}
    piece, revision = tables.Piece, tables.Revision
    for chunk in chunks(claim_ids):
        newest = (
            sa.select(piece.claim_id, sa.func.max(piece.revision_id).label("revision_id"))
            .where(piece.claim_id.in_(chunk))
            .group_by(piece.claim_id)
            .subquery()
        )
        rows = session.execute(
            sa.select(piece.claim_id, revision.sha256, piece.lead_in)
            .join(revision, revision.id == piece.revision_id)
            .join(
                newest,
                (newest.c.claim_id == piece.claim_id) & (newest.c.revision_id == piece.revision_id),
            )
        )
        found |= {str(claim_id): (sha256, lead_in) for claim_id, sha256, lead_in in rows}
    return found


def reads_alike(one: str | None, other: str | None) -> bool:
    """Whether two lead-ins differ in punctuation, capitals and white space at most.

    What stands in or before a number is no punctuation: 1.5 is not 15, nor is -5 the same as 5.
    """
    return one == other or _words(one) == _words(other)


# Of mathematics and money, other symbols, and what is set on a letter.
_SIGNS = {"Sm", "Sc", "So", "Mn", "Mc"}

_DASHES = str.maketrans("‐‑–−", "----")

_IN_NUMBERS = re.compile(r"(?<=\d)[^\w\s](?=\d)|(?<!\w)-(?=\d)")


def _words(text: str | None) -> str:
    """What is left of a text without punctuation, capitals and white space."""
    text = (text or "").casefold().translate(_DASHES)
    in_numbers = {found.start() for found in _IN_NUMBERS.finditer(text)}
    return "".join(
        character
        for at, character in enumerate(text)
        if character.isalnum()
        or character in "%‰"
        or at in in_numbers
        or unicodedata.category(character) in _SIGNS
    )
