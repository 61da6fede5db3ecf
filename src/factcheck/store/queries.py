"""What is asked of the database, as plain functions over a session.

None of them opens or ends a transaction. `as_of` asks for the database as it stood then: what
it had learned by that time.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from factcheck import model
from factcheck.errors import UsageError
from factcheck.model import Judgement, KnownReview, Reason, Span, Verdict
from factcheck.store import tables
from factcheck.store.tables import ReviewState

T = TypeVar("T")

_CUE_KINDS = {kind.value: kind for kind in model.CueKind}

# SQLite takes 32,766 variables in a statement, PostgreSQL 65,535.
_MANY = 10_000


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


def chunks(items: Iterable[T], size: int = _MANY) -> Iterator[list[T]]:
    """`items` in lists of at most `size`."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def standing(
    since: InstrumentedAttribute[datetime],
    until: InstrumentedAttribute[datetime | None],
    as_of: datetime | None = None,
) -> sa.ColumnElement[bool]:
    """Rows that no later one has superseded, now or `as_of` a time."""
    if as_of is None:
        return until.is_(None)
    return (since <= as_of) & (until.is_(None) | (until > as_of))


# articles and claims


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
    """The live revision of the article that `given` names: source, id, or a part of either.

    Raises UsageError where that fits none or several.
    """
    known = sources(session)
    found = [
        article_id for article_id, source in known.items() if given in (article_id, source)
    ] or [
        article_id for article_id, source in known.items() if given in article_id or given in source
    ]
    if len(found) != 1:
        told = ", ".join(known[article_id] for article_id in (found or known))
        raise UsageError(
            f"{'Several articles are' if found else 'No article is'} called {given}.",
            hint=f"Choose one of: {told}" if told else "First `factcheck ingest FOLDER`.",
        )
    revision = session.scalar(
        sa.select(tables.Revision.id).where(
            tables.Revision.article_id == found[0], tables.Revision.superseded_at.is_(None)
        )
    )
    return stored_article(session, int(revision or 0))


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


def insert(session: Session, table: type[tables.Base], rows: Sequence[dict[str, Any]]) -> None:
    """Add `rows`, which all have the same columns, in one statement."""
    # Through Core: the ORM would part the rows wherever another column is None.
    if rows:
        core = table.metadata.tables[table.__tablename__]
        session.connection().execute(sa.insert(core), rows)


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


# the project and its tasks


def live_project(session: Session) -> tables.Project | None:
    """The desk's project, None before the first push."""
    return session.scalar(
        sa.select(tables.Project)
        .where(tables.Project.retired_at.is_(None))
        .order_by(tables.Project.id.desc())
        .limit(1)
    )


def ledger(session: Session, project_id: int) -> list[tables.Task]:
    """The tasks that stand in the project, as far as is known, superseded ones too; by id."""
    return list(
        session.scalars(
            sa.select(tables.Task)
            .where(tables.Task.project_id == project_id, tables.Task.removed_at.is_(None))
            .order_by(tables.Task.id)
        )
    )


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


def revivable_tasks(session: Session, project_id: int) -> list[int]:
    """The superseded tasks, by row id, that show what their claim leans on once more.

    They are those of live claims for which no other task of the ledger stands, one for each.
    """
    live = _live_claims()
    task = _ledger(project_id)
    standing = _ledger(project_id, "standing")
    rows = session.execute(
        sa.select(task.c.claim_id, task.c.id)
        .where(
            task.c.superseded_at.is_not(None),
            sa.exists().where(live.c.claim_id == task.c.claim_id),
            ~sa.exists().where(
                standing.c.claim_id == task.c.claim_id, standing.c.superseded_at.is_(None)
            ),
        )
        .order_by(task.c.id)
    ).all()
    outdated = outdated_tasks(session, [claim_id for claim_id, _ in rows]) if rows else set()
    newest = {claim_id: task_id for claim_id, task_id in rows if task_id not in outdated}
    return list(newest.values())


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


@dataclass(frozen=True, slots=True)
class Standing:
    """How live claims and the project's ledger stand to each other, in numbers.

    Of the `live` claims `waiting` have no task in the ledger. Of its `tasks`, `unanswered` are
    not known to be on the server, and `outdated` are those whose claim leans on other words by
    now; `kept` are superseded, or of retired claims, and reviewed, `retired` are such and not
    known to be reviewed.
    """

    live: int
    waiting: int
    tasks: int
    unanswered: int
    outdated: int
    retired: int
    kept: int


def standing_of(session: Session, project_id: int | None) -> Standing:
    """How the live claims stand to the ledger of this project, or to none."""
    live = _live_claims()
    task = _ledger(project_id)
    number = sa.func.count()
    claims, have = session.execute(
        sa.select(number, sa.func.count(task.c.id)).select_from(
            live.outerjoin(
                task, (task.c.claim_id == live.c.claim_id) & task.c.superseded_at.is_(None)
            )
        )
    ).one()
    tasks, answered = session.execute(sa.select(number, sa.func.count(task.c.server_id))).one()
    is_live = sa.exists().where(live.c.claim_id == task.c.claim_id)
    is_past = task.c.superseded_at.is_not(None) | ~is_live
    reviewed = sa.exists().where(
        tables.Review.task_id == task.c.id, tables.Review.state != ReviewState.DELETED
    )
    past = session.scalar(sa.select(number).select_from(task).where(is_past)) or 0
    kept = 0
    if past:
        kept = session.scalar(sa.select(number).select_from(task).where(is_past, reviewed)) or 0
    return Standing(
        live=claims,
        waiting=claims - have,
        tasks=tasks,
        unanswered=tasks - answered,
        outdated=_outdated(session, task),
        retired=past - kept,
        kept=kept,
    )


def _outdated(session: Session, task: sa.Subquery) -> int:
    """How many tasks stand for live claims that lean on other words by now."""
    outdated = outdated_tasks(session)
    standing = sa.select(task.c.id).where(task.c.superseded_at.is_(None))
    return len(outdated.intersection(session.scalars(standing))) if outdated else 0


def claims(session: Session) -> set[str]:
    """The id of every claim that the desk has ever had."""
    return set(session.scalars(sa.select(tables.Claim.id)))


def waiting_claims(session: Session, project_id: int | None) -> dict[int, set[str]]:
    """The live claims without a task in the ledger, by revision; these in reading order."""
    live = _live_claims()
    task = _ledger(project_id)
    rows = session.execute(
        sa.select(live.c.revision_id, live.c.claim_id)
        .join(tables.Revision, tables.Revision.id == live.c.revision_id)
        .join(tables.Article, tables.Article.id == tables.Revision.article_id)
        .where(
            ~sa.exists().where(task.c.claim_id == live.c.claim_id, task.c.superseded_at.is_(None))
        )
        .order_by(tables.Article.source)
    )
    waiting: dict[int, set[str]] = {}
    for revision_id, claim_id in rows:
        waiting.setdefault(revision_id, set()).add(claim_id)
    return waiting


def _live_claims() -> sa.Subquery:
    return (
        sa.select(tables.Piece.claim_id, tables.Piece.revision_id)
        .join(tables.Revision, tables.Revision.id == tables.Piece.revision_id)
        .where(tables.Revision.superseded_at.is_(None), tables.Piece.claim_id.is_not(None))
        .subquery("live")
    )


def _ledger(project_id: int | None, name: str = "ledger") -> sa.Subquery:
    return (
        sa.select(tables.Task)
        .where(tables.Task.project_id == project_id, tables.Task.removed_at.is_(None))
        .subquery(name)
    )


def last_run(session: Session, project_id: int) -> tables.SyncRun | None:
    """The last sync of the project that was finished."""
    return session.scalar(
        sa.select(tables.SyncRun)
        .where(tables.SyncRun.project_id == project_id, tables.SyncRun.finished_at.is_not(None))
        .order_by(tables.SyncRun.id.desc())
        .limit(1)
    )


# reviews and decisions


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
    if claim_ids is not None and len(claim_ids) > _MANY:
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
