"""Articles, their revisions, and the claims that these hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from factcheck import model
from factcheck.errors import UsageError
from factcheck.model import Span
from factcheck.store import tables
from factcheck.store.queries.bulk import chunks, insert, standing

# How many articles a message names.
_LISTED = 10

_CUE_KINDS = {kind.value: kind for kind in model.CueKind}


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """A revision of an article as it was cut.

    `claims` are those among the `pieces` whose kind is claim, in the same order.
    """

    revision_id: int
    article: model.Article
    pieces: tuple[model.Piece, ...]
    claims: tuple[model.Claim, ...]


@dataclass(frozen=True, slots=True)
class LiveRevision:
    """What tells whether an article has changed since it was taken in; `claims` counts them."""

    id: int
    sha256: str
    original_sha256: str | None
    cut_with: str | None
    claims: int


def current_revisions(session: Session, as_of: datetime | None = None) -> list[int]:
    """The live revision of each article, by the article's source."""
    revision = tables.Revision
    return list(
        session.scalars(
            sa.select(revision.id)
            .join(tables.Article, tables.Article.id == revision.article_id)
            .where(standing(revision.ingested_at, revision.superseded_at, as_of))
            .order_by(tables.Article.source)
        )
    )


def live_revisions(session: Session, sources: Sequence[str]) -> dict[str, LiveRevision]:
    """The live revisions of the articles from these `sources`, by source."""
    found: dict[str, LiveRevision] = {}
    for chunk in chunks(sources):
        rows = session.execute(
            sa.select(
                tables.Article.source,
                tables.Revision.id,
                tables.Revision.sha256,
                tables.Revision.original_sha256,
                tables.Revision.cut_with,
                sa.func.count(tables.Piece.position),
            )
            .join(tables.Article, tables.Article.id == tables.Revision.article_id)
            .outerjoin(tables.Piece, tables.Piece.revision_id == tables.Revision.id)
            .where(tables.Article.source.in_(chunk), tables.Revision.superseded_at.is_(None))
            .group_by(tables.Article.source, tables.Revision.id)
        )
        for source, revision_id, sha256, original_sha256, cut_with, claims in rows:
            found[source] = LiveRevision(revision_id, sha256, original_sha256, cut_with, claims)
    return found


def sources(session: Session) -> dict[str, str]:
    """The source of every article, by article id."""
    rows = session.execute(
        sa.select(tables.Article.id, tables.Article.source).order_by(tables.Article.source)
    )
    return {article_id: source for article_id, source in rows}  # noqa: C416 (rows, not tuples)


def ids_of_sources(session: Session, sources: Sequence[str]) -> dict[str, str]:
    """The ids of the articles from these `sources`, by source.

    That is the one that an article has, or else one that no other has.
    """
    wanted = {source: model.article_ids(source) for source in sources}
    article = tables.Article
    has: dict[str, str] = {}  # ids, by source
    for column, values in (
        (article.source, sources),
        (article.id, [one for ids in wanted.values() for one in ids]),
    ):
        for chunk in chunks(values):
            rows = session.execute(sa.select(article.source, article.id).where(column.in_(chunk)))
            has |= {source: article_id for source, article_id in rows}  # noqa: C416 (rows, not tuples)
    taken = set(has.values())
    for source, ids in wanted.items():
        if source not in has:
            has[source] = next(one for one in ids if one not in taken)
            taken.add(has[source])
    return {source: has[source] for source in wanted}


def sources_of_texts(session: Session, digests: Sequence[str]) -> dict[str, str]:
    """The sources of the articles whose live texts have these digests, by digest."""
    found: dict[str, str] = {}
    for chunk in chunks(digests):
        rows = session.execute(
            sa.select(tables.Revision.sha256, tables.Article.source)
            .join(tables.Article, tables.Revision.article_id == tables.Article.id)
            .where(tables.Revision.sha256.in_(chunk), tables.Revision.superseded_at.is_(None))
        )
        found |= {sha256: source for sha256, source in rows}  # noqa: C416 (rows, not tuples)
    return found


def find_article(session: Session, given: str) -> StoredArticle:
    """The live revision of the article that `given` names: its source or id, its file or a part.

    What fits more closely goes first. Raises UsageError where that fits none or several.
    """
    known = sources(session)
    found = _named(given, known)
    if len(found) != 1:
        told = [known[article_id] for article_id in (found or known)]
        listed = ", ".join(told[:_LISTED])
        if len(told) > _LISTED:
            listed += f", and {len(told) - _LISTED:,} more"
        raise UsageError(
            f"{'Several articles are' if found else 'No article is'} called {given}.",
            hint=f"Choose one of: {listed}" if told else "First `factcheck ingest FOLDER`.",
        )
    revision = session.scalar(
        sa.select(tables.Revision.id).where(
            tables.Revision.article_id == found[0], tables.Revision.superseded_at.is_(None)
        )
    )
    return stored_article(session, int(revision or 0))


def _named(given: str, known: Mapping[str, str]) -> list[str]:
    """The articles that `given` fits, of those in `known`: their sources by their ids."""
    whole, file, part = [], [], []
    for article_id, source in known.items():
        path = PurePosixPath(source)
        if given in (article_id, source):
            whole.append(article_id)
        elif given in (path.name, path.stem):
            file.append(article_id)
        elif given in article_id or given in source:
            part.append(article_id)
    return whole or file or part


def stored_article(session: Session, revision_id: int) -> StoredArticle:
    """A revision with all that it was cut into."""
    revision = session.get_one(tables.Revision, revision_id)
    source = session.get_one(tables.Article, revision.article_id).source
    piece = tables.Piece
    rows = session.execute(
        sa.select(
            *(piece.start, piece.end, piece.kind, piece.reason),
            *(piece.claim_id, piece.position, piece.lead_in, piece.cues, piece.parts),
            tables.Claim.occurrence,
        )
        .outerjoin(tables.Claim, tables.Claim.id == piece.claim_id)
        .where(piece.revision_id == revision_id)
        .order_by(piece.number)
    )
    pieces: list[model.Piece] = []
    claims: list[model.Claim] = []
    for row in rows:
        span = Span(row.start, row.end)
        pieces.append(model.Piece(span, row.kind, row.reason))
        if row.claim_id is not None and row.position is not None:
            claims.append(
                model.Claim(
                    id=row.claim_id,
                    article_id=revision.article_id,
                    text=span.of(revision.text),
                    span=span,
                    position=row.position,
                    occurrence=row.occurrence,
                    lead_in=row.lead_in,
                    cues=tuple(
                        model.Cue(_CUE_KINDS[kind], Span(start, end), strength)
                        for kind, start, end, strength in row.cues or ()
                    ),
                    parts=tuple(Span(start, end) for start, end in row.parts or ()),
                )
            )
    return StoredArticle(
        revision_id=revision_id,
        article=model.Article(
            source=source,
            title=revision.title,
            text=revision.text,
            url=revision.url,
            author=revision.author,
            published_at=revision.published_at,
            language=revision.language,
            original_sha256=revision.original_sha256,
            known_as=revision.article_id,
        ),
        pieces=tuple(pieces),
        claims=tuple(claims),
    )


def add_revisions(session: Session, cuts: Sequence[model.CutArticle], now: datetime) -> None:
    """Make each of `cuts` (of as many articles, some thousands at most) the live revision.

    Claims that earlier revisions held are known again.
    """
    ids = [cut.article.id for cut in cuts]
    there = set(session.scalars(sa.select(tables.Article.id).where(tables.Article.id.in_(ids))))
    insert(
        session,
        tables.Article,
        [
            {"id": cut.article.id, "source": cut.article.source, "created_at": now}
            for cut in cuts
            if cut.article.id not in there
        ],
    )
    session.execute(
        sa.update(tables.Revision)
        .where(tables.Revision.article_id.in_(ids), tables.Revision.superseded_at.is_(None))
        .values(superseded_at=now)
    )
    known = set(session.scalars(sa.select(tables.Claim.id).where(tables.Claim.article_id.in_(ids))))
    revision_ids = session.scalars(
        sa.insert(tables.Revision).returning(tables.Revision.id, sort_by_parameter_order=True),
        [
            {
                "article_id": cut.article.id,
                "sha256": cut.article.sha256,
                "title": cut.article.title,
                "text": cut.article.text,
                "url": cut.article.url,
                "author": cut.article.author,
                "published_at": cut.article.published_at,
                "language": cut.article.language,
                "original_sha256": cut.article.original_sha256,
                "cut_with": cut.cut_with,
                "ingested_at": now,
                "superseded_at": None,
            }
            for cut in cuts
        ],
    ).all()
    insert(
        session,
        tables.Claim,
        [
            {
                "id": claim.id,
                "article_id": claim.article_id,
                "text": claim.text,
                "occurrence": claim.occurrence,
                "created_at": now,
            }
            for cut in cuts
            for claim in cut.claims
            if claim.id not in known
        ],
    )
    insert(
        session,
        tables.Piece,
        [
            row
            for revision_id, cut in zip(revision_ids, cuts, strict=True)
            for row in _rows_of_pieces(revision_id, cut)
        ],
    )


def read_again(session: Session, revision_id: int, cut: model.CutArticle) -> None:
    """Note that other bytes, or other rules, gave the same revision, and where they point."""
    revision = session.get_one(tables.Revision, revision_id)
    revision.original_sha256 = cut.article.original_sha256
    revision.cut_with = cut.cut_with
    columns = ("revision_id", "number", "cues", "parts")
    rows = [
        {name: row[name] for name in columns}
        for row in _rows_of_pieces(revision_id, cut)
        if row["claim_id"] is not None
    ]
    if rows:
        session.execute(sa.update(tables.Piece), rows)


def _rows_of_pieces(revision_id: int, cut: model.CutArticle) -> Iterator[dict[str, Any]]:
    claims = iter(cut.claims)
    for number, piece in enumerate(cut.pieces):
        claim = next(claims) if piece.kind is model.Kind.CLAIM else None
        yield {
            "revision_id": revision_id,
            "number": number,
            "start": piece.span.start,
            "end": piece.span.end,
            "kind": piece.kind,
            "reason": piece.reason,
            "claim_id": claim.id if claim else None,
            "position": claim.position if claim else None,
            "lead_in": claim.lead_in if claim else None,
            "cues": [(cue.kind, cue.span.start, cue.span.end, cue.strength) for cue in claim.cues]
            if claim
            else None,
            "parts": [(part.start, part.end) for part in claim.parts] if claim else None,
        }


def live_claims(session: Session) -> dict[str, int]:
    """The live revision that holds each live claim, by claim id; in reading order."""
    rows = session.execute(
        sa.select(tables.Piece.claim_id, tables.Piece.revision_id)
        .join(tables.Revision, tables.Revision.id == tables.Piece.revision_id)
        .join(tables.Article, tables.Article.id == tables.Revision.article_id)
        .where(tables.Revision.superseded_at.is_(None), tables.Piece.claim_id.is_not(None))
        .order_by(tables.Article.source, tables.Piece.number)
    )
    return {str(claim_id): revision_id for claim_id, revision_id in rows}


def claims(session: Session) -> set[str]:
    """The id of every claim that the desk has ever had."""
    return set(session.scalars(sa.select(tables.Claim.id)))


def last_revisions(
    session: Session, claim_ids: Sequence[str], as_of: datetime | None = None
) -> dict[str, int]:
    """The newest revision that held each of these claims."""
    found: dict[str, int] = {}
    for chunk in chunks(claim_ids):
        query = (
            sa.select(tables.Piece.claim_id, sa.func.max(tables.Piece.revision_id))
            .where(tables.Piece.claim_id.in_(chunk))
            .group_by(tables.Piece.claim_id)
        )
        if as_of is not None:
            query = query.join(
                tables.Revision, tables.Revision.id == tables.Piece.revision_id
            ).where(tables.Revision.ingested_at <= as_of)
        found |= {str(claim_id): revision_id for claim_id, revision_id in session.execute(query)}
    return found


def revisions_of_claims(session: Session, claim_ids: Sequence[str]) -> dict[str, list[int]]:
    """Every revision that holds each of these claims."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for chunk in chunks(claim_ids):
        rows = session.execute(
            sa.select(tables.Piece.claim_id, tables.Piece.revision_id).where(
                tables.Piece.claim_id.in_(chunk)
            )
        )
        for claim_id, revision_id in rows:
            found[str(claim_id)].append(revision_id)
    return dict(found)
