"""Reviews from the annotation server into the database: none lost, none doubled.

The server's clock is the cursor. What changed since is asked for in one answer and fetched in
chunks; each chunk's rows and the cursor are one transaction. A task's whole set of reviews
replaces what was known of it, and every difference is an event in a history that only grows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from factcheck.errors import UsageError
from factcheck.model import KnownReview, PostedTask, ReceivedTask
from factcheck.review.history import Happened, deleted, happened, write
from factcheck.review.ledger import is_reviewed
from factcheck.review.push import open_project
from factcheck.review.reconcile import (
    Difference,
    Known,
    Look,
    Mismatch,
    differences,
    is_all_known,
    look,
    orphaned,
)
from factcheck.review.server import AnnotationServer
from factcheck.review.settle import Policy, counted, settle
from factcheck.store import queries
from factcheck.store.engine import Database
from factcheck.store.tables import Event, Project, Review, ReviewState, SyncRun, Task

CHUNK = 500

# Changes can become visible later than the time that they carry: a slow transaction, two
# workers with clocks of their own. What was seen already costs one row of the list.
LOOKBACK = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class SetAside:
    """A submitted review that is not counted, where to mend it, and what is wrong with it."""

    claim_id: str
    reviewer: str
    problem: str
    detail: str | None
    link: str


@dataclass(slots=True)
class SyncReport:
    """What one run of sync brought. `created` to `restored` count events of the history.

    `tasks` were read, `gone` are tasks that were deleted in Label Studio, `foreign` tasks that
    people made there. `set_aside`, `contradicted` (claims whose ruling later reviews differ
    from) and `stars_without_note` are all that stand now, not only this run's.

    A full run compares the whole project: of its tasks, `as_pushed` are as the desk left them,
    and the others stand among the `differences`, which hold the tasks that are gone as well.
    """

    tasks: int = 0
    created: int = 0
    changed: int = 0
    skipped: int = 0
    unskipped: int = 0
    deleted: int = 0
    restored: int = 0
    gone: int = 0
    foreign: int = 0
    decisions: int = 0
    as_pushed: int | None = None
    differences: list[Difference] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    contradicted: list[str] = field(default_factory=list)
    stars_without_note: list[str] = field(default_factory=list)

    @property
    def has_news(self) -> bool:
        """Whether this run found anything that the desk did not know."""
        return any(getattr(self, event.value) for event in Event) or bool(
            self.gone or self.decisions
        )

    @property
    def has_findings(self) -> bool:
        """Whether somebody has to look at something; tasks that people made are no such thing."""
        return bool(
            self.set_aside
            or self.contradicted
            or self.stars_without_note
            or any(one.kind is not Mismatch.FOREIGN for one in self.differences)
        )


@dataclass(frozen=True, slots=True)
class _Run:
    """A sync at work: with what, on what, and what it has to tell so far."""

    id: int
    database: Database
    server: AnnotationServer
    policy: Policy
    project: Project
    project_id: int
    report: SyncReport


def sync(
    database: Database,
    server: AnnotationServer,
    policy: Policy,
    *,
    full: bool = False,
    stopping: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> SyncReport:
    """Bring every review that changed since the last sync into the database, and decide anew.

    Commits chunk by chunk, the cursor with the rows it covers: an interrupted sync loses
    nothing, and a repeated one changes nothing. It ends early between two chunks once it is
    `stopping`. `full` looks at every task again and compares all of the project.
    """
    with database.reading() as session:
        project = queries.live_project(session)
        last = queries.last_run(session, project.id) if project else None
    if project is None or project.server_id is None:
        raise UsageError(
            "No claim has been put before the reviewers yet.",
            hint="First `factcheck ingest FOLDER`, then `factcheck push`.",
        )
    remote = open_project(server, project)
    known = Known.after(last)
    changes = server.changed(project.server_id, None if full else _since(project, known))
    known.asked_at = changes.asked_at
    report = SyncReport(foreign=(last.report or {}).get("foreign", 0) if last else 0)
    run = _Run(
        id=_begin(database, project, full=full),
        database=database,
        server=server,
        policy=policy,
        project=project,
        project_id=project.server_id,
        report=report,
    )
    with database.reading() as session:
        ours = _ours(session, project, changes.tasks)
    # One that is new to the desk may be a double, and ours may be gone: only a look tells.
    strangers = known.note(task for task in changes.tasks if task.id not in ours)
    news = [
        task
        for task in changes.tasks
        if (standing := ours.get(task.id)) is not None and (full or standing.is_news(task))
    ]
    altered: list[ReceivedTask] = []
    for number, chunk in enumerate(queries.chunks(news, CHUNK)):
        progress(number * CHUNK, len(news))
        if stopping():
            return report
        altered += _take_chunk(run, chunk, in_order=True)
    progress(len(news), len(news))
    if news:
        remote = open_project(server, project)  # counted before what was just taken
    if full:
        seen = _look_at_all(run, known, changes.tasks)
        report.as_pushed, report.differences = differences(
            seen, {task.id for task in altered}, lambda task: server.link(run.project_id, task)
        )
    else:
        with database.reading() as session:
            all_known = is_all_known(session, project, known, remote)
        if strangers or not all_known:
            _look_at_all(run, known, server.tasks(project.server_id))
    with database.sessions.begin() as session:
        if changes.tasks:
            _move_cursor(session, project, changes.tasks[-1].updated_at)
        report.decisions += settle(session, policy).decisions if full else 0
        _findings(session, server, report)
        _finish(session, run, known)
    return report


def _since(project: Project, known: Known) -> datetime | None:
    """The time to ask from: what the server had by then has been seen."""
    if project.cursor_at is None:
        return None
    return max(project.cursor_at, known.asked_at or project.cursor_at) - LOOKBACK


def _begin(database: Database, project: Project, *, full: bool) -> int:
    with database.sessions.begin() as session:
        run = SyncRun(project_id=project.id, full=full, started_at=datetime.now(UTC))
        session.add(run)
        session.flush()
        return run.id


def _finish(session: Session, run: _Run, known: Known) -> None:
    """Write down what the run has told; one that told what the last two did moves that on.

    Somebody may ask for the cursor as of an earlier time: the answer stays what it was.
    """
    this = session.get_one(SyncRun, run.id)
    this.finished_at = datetime.now(UTC)
    this.cursor_at = session.get_one(Project, run.project.id).cursor_at
    told = json.loads(json.dumps(asdict(run.report)))
    this.report = told | {"known": known.stored()}
    earlier = session.scalars(
        sa.select(SyncRun)
        .where(
            SyncRun.project_id == this.project_id,
            SyncRun.finished_at.is_not(None),
            SyncRun.id != this.id,
        )
        .order_by(SyncRun.id.desc())
        .limit(2)
    ).all()
    if run.report.has_news or len(earlier) < 2:
        return
    last = earlier[0]
    alike = (last.report or {}) | {"known": None} == told | {"known": None}
    if alike and {one.cursor_at for one in earlier} == {this.cursor_at}:
        last.finished_at, last.report = this.finished_at, this.report
        session.delete(this)


@dataclass(frozen=True, slots=True)
class _Standing:
    """A task of the ledger: when it was last read, and whether reviews of it are known."""

    updated_at: datetime | None
    reviewed: bool

    def is_news(self, task: PostedTask) -> bool:
        """Whether the server's list shows something of it that is not known."""
        return self.updated_at != task.updated_at and (self.reviewed or is_reviewed(task))


def _ours(session: Session, project: Project, tasks: Sequence[PostedTask]) -> dict[int, _Standing]:
    """Those of the tasks that are on the ledger, by the server's id.

    A task that a push sent without learning its id is known by its claim. One of another claim
    was made under the id of a deleted task.
    """
    reviewed = sa.exists().where(Review.task_id == Task.id, Review.state != ReviewState.DELETED)
    live = sa.select(Task.server_updated_at, reviewed).where(
        Task.project_id == project.id, Task.removed_at.is_(None)
    )
    found: dict[int, _Standing] = {}
    for chunk in queries.chunks(tasks):
        claims = {task.id: task.claim_id for task in chunk}
        by_id = live.add_columns(Task.server_id, Task.claim_id).where(Task.server_id.in_(claims))
        for updated_at, is_known, server_id, claim_id in session.execute(by_id):
            if claims[int(server_id or 0)] == claim_id:
                found[int(server_id or 0)] = _Standing(updated_at, is_known)
    unanswered = set(
        session.scalars(
            sa.select(Task.claim_id).where(
                Task.project_id == project.id,
                Task.removed_at.is_(None),
                Task.server_id.is_(None),
            )
        )
    )
    for task in tasks:
        if task.claim_id in unanswered:
            found.setdefault(task.id, _Standing(None, reviewed=False))
    return found


def _take_chunk(run: _Run, chunk: Sequence[PostedTask], *, in_order: bool) -> list[ReceivedTask]:
    """Read these tasks and write what is new about their reviews; those with another text.

    Only what is taken `in_order` of the changes moves the cursor.
    """
    received = run.server.received(run.project_id, [task.id for task in chunk])
    with run.database.sessions.begin() as session:
        events, altered = _take_tasks(session, run, received)
        _decide(session, run, events)
        if in_order:
            _move_cursor(session, run.project, chunk[-1].updated_at)
    run.report.tasks += len(received)
    return altered


def _decide(session: Session, run: _Run, events: Sequence[Happened]) -> None:
    """Count what happened, and decide the claims that it happened to."""
    for event in events:
        name = event.event.value
        setattr(run.report, name, getattr(run.report, name) + 1)
    claim_ids = sorted({event.claim_id for event in events})
    if claim_ids:
        run.report.decisions += settle(session, run.policy, claim_ids).decisions


def _move_cursor(session: Session, project: Project, to: datetime) -> None:
    row = session.get_one(Project, project.id)
    if row.cursor_at is None or row.cursor_at < to:
        row.cursor_at = project.cursor_at = to


# one chunk


def _take_tasks(
    session: Session, run: _Run, received: Sequence[ReceivedTask]
) -> tuple[list[Happened], list[ReceivedTask]]:
    """Write what is new about these tasks' reviews; the server's set of them is the truth.

    Returns what happened, and the tasks that no longer show what was pushed.
    """
    now = datetime.now(UTC)
    # A task that a push sent without learning its id is known by its claim.
    ledger = {
        (task.claim_id, task.server_id): task
        for task in session.scalars(
            sa.select(Task).where(
                Task.project_id == run.project.id,
                Task.removed_at.is_(None),
                Task.claim_id.in_([task.claim_id for task in received if task.claim_id]),
            )
        )
    }
    known: dict[int, dict[str, Review]] = {}
    for review in session.scalars(
        sa.select(Review).where(Review.task_id.in_([task.id for task in ledger.values()]))
    ):
        known.setdefault(review.task_id, {})[review.id] = review
    events: list[Happened] = []
    altered: list[ReceivedTask] = []
    for one in received:
        claim_id = one.claim_id or ""
        task = ledger.get((claim_id, one.id)) or ledger.pop((claim_id, None), None)
        if task is None:
            continue  # made by people, or a double that the next push undoes
        if task.content_hash != one.content_hash:
            altered.append(one)
        if task.server_updated_at is not None and one.updated_at < task.server_updated_at:
            continue  # a stale page: newer reviews of this task are known
        task.server_id = one.id
        if one.reviews or task.id in known:
            events += happened(run.project, task, one, known.get(task.id, {}), now)
            task.server_updated_at = one.updated_at
    session.flush()
    write(session, events, run.id, now)
    return events, altered


# what no change of a task tells


def _look_at_all(run: _Run, known: Known, posted: Sequence[PostedTask]) -> Look:
    """Hold all of the project against the database: what is gone, and what was missed."""
    with run.database.reading() as session:
        seen = look(session, run.project, posted)
    with run.database.sessions.begin() as session:
        now = datetime.now(UTC)
        if seen.gone:
            closed = [{"id": task.id, "removed_at": now} for task in seen.gone]
            session.execute(sa.update(Task), closed)
        events = list(deleted(orphaned(session, run.project)))
        write(session, events, run.id, now)
        _decide(session, run, events)
    run.report.gone += len(seen.gone)
    run.report.foreign = len(seen.found.foreign)
    known.others, known.said = set(), {}
    known.note(seen.others)
    for chunk in queries.chunks(seen.missed, CHUNK):
        # Other tasks may have changed before these: the next sync starts where this one did.
        _take_chunk(run, chunk, in_order=False)
    return seen


# what needs a person


def _findings(session: Session, server: AnnotationServer, report: SyncReport) -> None:
    for reviews in queries.known_reviews(session, queries.doubtful_claims(session)).values():
        report.set_aside += [
            SetAside(
                claim_id=review.claim_id,
                reviewer=review.reviewer,
                problem=str(review.judgement.problem),
                detail=review.judgement.detail,
                link=server.link(review.project_id, review.task_id),
            )
            for review in counted(reviews)[1]
        ]
        report.stars_without_note += [
            server.link(review.project_id, review.task_id)
            for review in reviews
            if _is_bare_star(review)
        ]
    report.contradicted = queries.contradicted_claims(session)


def _is_bare_star(review: KnownReview) -> bool:
    return review.ground_truth and review.judgement.problem is None and not review.judgement.note
