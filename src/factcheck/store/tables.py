"""The database, table by table.

What people said and what the desk made of it is never edited away: a revision, a decision
or a ruling is followed by a newer row and keeps its `superseded_at`, and a partial unique
index lets one row live at a time. `review_events` only grows; `reviews` is what it adds up to.

Times are when this database learned of something, unless the name says otherwise
(`server_…` is Label Studio's clock).
"""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from factcheck.model import Kind, Problem, Provenance, Status, Verdict

# The revision that `migrations/` leads to; a test holds the two together. It stands here so
# that a command on an up-to-date database need not import Alembic to find that out.
HEAD = "0004"


class Event(enum.StrEnum):
    """What happened to a review, as far as a sync could see."""

    CREATED = "created"
    CHANGED = "changed"
    SKIPPED = "skipped"
    UNSKIPPED = "unskipped"
    DELETED = "deleted"
    RESTORED = "restored"


class ReviewState(enum.StrEnum):
    """Where a review stands in Label Studio; a deleted one stays here as a tombstone."""

    SUBMITTED = "submitted"
    SKIPPED = "skipped"
    DELETED = "deleted"


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware time, stored in UTC with microseconds.

    SQLite would drop the offset without a word, so naive values are refused and the offset
    is put back on reading.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without an offset can't be stored: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _word(words: type[enum.StrEnum]) -> sa.Enum:
    """A column that holds one of `words`, by value, with a CHECK."""
    return sa.Enum(
        words,
        name=words.__name__.lower(),
        native_enum=False,
        create_constraint=True,
        length=24,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )


class Base(DeclarativeBase):
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy reads it there)
        datetime: UtcDateTime(),
        Kind: _word(Kind),
        Problem: _word(Problem),
        Provenance: _word(Provenance),
        Status: _word(Status),
        Verdict: _word(Verdict),
        Event: _word(Event),
        ReviewState: _word(ReviewState),
        list[str]: sa.JSON(),
        list[Any]: sa.JSON(),
        dict[str, Any]: sa.JSON(),
    }


def _one_live(name: str, *columns: str, where: str = "superseded_at IS NULL") -> sa.Index:
    condition = sa.text(where)
    return sa.Index(name, *columns, unique=True, sqlite_where=condition, postgresql_where=condition)


class Article(Base):
    """An article, known by its source."""

    __tablename__ = "articles"

    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    source: Mapped[str] = mapped_column(sa.Text, unique=True)
    created_at: Mapped[datetime]


class Revision(Base):
    """One text of an article, as it was cut. Going back to an earlier is a revision of its own.

    `original_sha256` is of the bytes that were read, `cut_with` names the rules by which they
    were cut; both are None where an older factcheck wrote the row.
    """

    __tablename__ = "revisions"
    __table_args__ = (_one_live("uq_revisions_live", "article_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[str] = mapped_column(sa.ForeignKey("articles.id"), index=True)
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)
    title: Mapped[str] = mapped_column(sa.Text)
    text: Mapped[str] = mapped_column(sa.Text)
    url: Mapped[str | None] = mapped_column(sa.Text)
    author: Mapped[str | None] = mapped_column(sa.Text)
    published_at: Mapped[datetime | None]
    language: Mapped[str | None] = mapped_column(sa.Text)
    original_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    cut_with: Mapped[str | None] = mapped_column(sa.String(32))
    ingested_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]


class Claim(Base):
    """A claim of an article, whichever of its revisions hold it; `text` as first seen."""

    __tablename__ = "claims"

    id: Mapped[str] = mapped_column(sa.String(17), primary_key=True)
    article_id: Mapped[str] = mapped_column(sa.ForeignKey("articles.id"), index=True)
    text: Mapped[str] = mapped_column(sa.Text)
    occurrence: Mapped[int]
    created_at: Mapped[datetime]


class Piece(Base):
    """A stretch of one revision: a claim with its `position`, or the reason why it is none.

    `lead_in` is what has to be read before a claim that does not stand alone. Of a claim `cues`
    are lists of kind, start, end and strength, and `parts` of start and end, in code points of
    the claim; both are None where an older factcheck wrote the row.
    """

    __tablename__ = "pieces"
    __table_args__ = (
        sa.UniqueConstraint("revision_id", "claim_id"),
        sa.CheckConstraint('start >= 0 AND "end" > start', name="span"),
        sa.CheckConstraint(
            "(kind = 'claim') = (claim_id IS NOT NULL) "
            "AND (kind = 'claim') = (position IS NOT NULL)",
            name="claim",
        ),
    )

    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revisions.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    start: Mapped[int]
    end: Mapped[int]
    kind: Mapped[Kind]
    reason: Mapped[str] = mapped_column(sa.String(64))
    claim_id: Mapped[str | None] = mapped_column(sa.ForeignKey("claims.id"), index=True)
    position: Mapped[int | None]
    lead_in: Mapped[str | None] = mapped_column(sa.Text)
    cues: Mapped[list[Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    parts: Mapped[list[Any] | None] = mapped_column(sa.JSON(none_as_null=True))


class Project(Base):
    """The desk's project in Label Studio; all but the newest are retired.

    The row is committed with its `marker` before the project is asked for, and the marker
    stands in the project's description: after a lost answer it is found, not made again.
    `labeling` is the page as it was last put there; `cursor_at` is Label Studio's clock.
    """

    __tablename__ = "projects"

    id: Mapped[int] = mapped_column(primary_key=True)
    marker: Mapped[str] = mapped_column(sa.String(36), unique=True)
    url: Mapped[str] = mapped_column(sa.Text)
    title: Mapped[str] = mapped_column(sa.Text)
    server_id: Mapped[int | None]
    labeling: Mapped[str | None] = mapped_column(sa.Text)
    cursor_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class Batch(Base):
    """The push ledger: one import request, written down before it leaves."""

    __tablename__ = "batches"

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    created_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class Task(Base):
    """A claim put before the reviewers, in the ledger from before the request leaves.

    `server_id` is None until Label Studio is known to have it, and is no identity: SQLite
    behind Label Studio hands out the id of a deleted task again. The task shows the claim as it
    stood in `revision_id`. Where the claim leans on other words by now, another task of it takes
    its place, and this one stays on the server, `superseded_at` then, for its reviews.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        _one_live(
            "uq_tasks_live",
            "project_id",
            "claim_id",
            where="removed_at IS NULL AND superseded_at IS NULL",
        ),
        _one_live(
            "uq_tasks_server",
            "project_id",
            "server_id",
            where="removed_at IS NULL AND server_id IS NOT NULL",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"))
    claim_id: Mapped[str] = mapped_column(sa.ForeignKey("claims.id"), index=True)
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revisions.id"), index=True)
    batch_id: Mapped[str] = mapped_column(sa.ForeignKey("batches.id"), index=True)
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    server_id: Mapped[int | None]
    server_updated_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class SyncRun(Base):
    """One run of `factcheck sync`; without `finished_at` it was cut short.

    `cursor_at` is the cursor that it left, on Label Studio's clock.
    """

    __tablename__ = "sync_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    full: Mapped[bool]
    cursor_at: Mapped[datetime | None]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    report: Mapped[dict[str, Any] | None]


class Judged:
    """What a reviewer said, as columns; `said` is Label Studio's own record of it."""

    state: Mapped[ReviewState]
    verdict: Mapped[Verdict | None]
    not_checkable: Mapped[bool]
    reasons: Mapped[list[str]]
    problem_words: Mapped[list[str]]
    correction: Mapped[str | None] = mapped_column(sa.Text)
    evidence: Mapped[list[str]]
    note: Mapped[str | None] = mapped_column(sa.Text)
    problem: Mapped[Problem | None]
    detail: Mapped[str | None] = mapped_column(sa.Text)
    ground_truth: Mapped[bool]
    said: Mapped[list[Any]]
    server_updated_at: Mapped[datetime]


class Review(Judged, Base):
    """One reviewer's judgement of one claim, as it stands now.

    An annotation is known by its task, its id and its creation (`id` is made of these),
    since Label Studio may give an id a second time.
    """

    __tablename__ = "reviews"

    id: Mapped[str] = mapped_column(sa.String(17), primary_key=True)
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("tasks.id"), index=True)
    claim_id: Mapped[str] = mapped_column(sa.ForeignKey("claims.id"), index=True)
    annotation_id: Mapped[int]
    reviewer: Mapped[str] = mapped_column(sa.Text)
    server_created_at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class ReviewEvent(Judged, Base):
    """The history of reviews: a row for each change, never altered."""

    __tablename__ = "review_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[str] = mapped_column(sa.ForeignKey("reviews.id"), index=True)
    sync_run_id: Mapped[int] = mapped_column(sa.ForeignKey("sync_runs.id"), index=True)
    event: Mapped[Event]
    recorded_at: Mapped[datetime]


class Ruling(Base):
    """An editor's word on a claim; `review_id` where it was given as a star in Label Studio.

    `verdict` is None where the claim was ruled not checkable.
    """

    __tablename__ = "rulings"
    __table_args__ = (_one_live("uq_rulings_live", "claim_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[str] = mapped_column(sa.ForeignKey("claims.id"), index=True)
    editor: Mapped[str] = mapped_column(sa.Text)
    verdict: Mapped[Verdict | None]
    note: Mapped[str] = mapped_column(sa.Text)
    correction: Mapped[str | None] = mapped_column(sa.Text)
    evidence: Mapped[list[str]]
    review_id: Mapped[str | None] = mapped_column(sa.ForeignKey("reviews.id"))
    ruled_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]


class Decision(Base):
    """What the desk says of a claim, as reviews, ruling and rule had it at the time."""

    __tablename__ = "decisions"
    __table_args__ = (_one_live("uq_decisions_live", "claim_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[str] = mapped_column(sa.ForeignKey("claims.id"), index=True)
    status: Mapped[Status]
    verdict: Mapped[Verdict | None]
    provenance: Mapped[Provenance | None]
    supported: Mapped[int]
    overstated: Mapped[int]
    unsupported: Mapped[int]
    not_checkable: Mapped[int]
    reasons: Mapped[list[str]]
    problem_words: Mapped[list[str]]
    correction: Mapped[str | None] = mapped_column(sa.Text)
    evidence: Mapped[list[str]]
    reviewers: Mapped[list[str]]
    note: Mapped[str | None] = mapped_column(sa.Text)
    contradicted_by: Mapped[list[str]]
    decided_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]
