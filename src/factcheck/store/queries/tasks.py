"""The project, its ledger of tasks, and how the claims stand to it."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from factcheck.store import tables
from factcheck.store.queries.leaning import outdated_tasks
from factcheck.store.tables import ReviewState


def live_project(session: Session) -> tables.Project | None:
    """The desk's project, None before the first push."""
    return session.scalar(
        sa.select(tables.Project)
        .where(tables.Project.retired_at.is_(None))
        .order_by(tables.Project.id.desc())
        .limit(1)
    )


def last_run(session: Session, project_id: int) -> tables.SyncRun | None:
    """The last sync of the project that was finished."""
    return session.scalar(
        sa.select(tables.SyncRun)
        .where(tables.SyncRun.project_id == project_id, tables.SyncRun.finished_at.is_not(None))
        .order_by(tables.SyncRun.id.desc())
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
