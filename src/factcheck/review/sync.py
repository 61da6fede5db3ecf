"""Reviews from the annotation server into the database: none lost, none doubled.

The server's clock is the cursor. What changed since is asked for in one answer and fetched in
chunks; each chunk's rows and the cursor are one transaction. A task's whole set of reviews
replaces what was known of it, and every difference is an event in a history that only grows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from factcheck.errors import UsageError
from factcheck.model import Changes, KnownReview, Page, PostedTask, ReceivedTask, ServerProject
from factcheck.review.history import Happened, Pushed, deleted, happened, write
from factcheck.review.ledger import is_reviewed
from factcheck.review.project import open_project
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
from factcheck.review.workers import ahead
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
    known: Known
    stopping: Callable[[], bool]
    progress: Callable[[int, int], None]


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
    since = None if full else _since(project, known)
    changes = server.changed(project.server_id, since) if since else None
    run = _Run(
        id=_begin(database, project, full=full),
        database=database,
        server=server,
        policy=policy,
        project=project,
        project_id=project.server_id,
        report=SyncReport(foreign=(last.report or {}).get("foreign", 0) if last else 0),
        known=known,
        stopping=stopping,
        progress=progress,
    )
    report = run.report
    taken = _take_changes(run, changes) if changes else _take_all(run, remote)
    if taken is None:
        return report
    if report.tasks:
        remote = open_project(server, project)  # counted before what was just taken
    if full:
        seen = _look_at_all(run, taken.tasks)
        report.as_pushed, report.differences = differences(
            seen, taken.altered, lambda task: server.link(run.project_id, task)
        )
    else:
        with database.reading() as session:
            all_known = is_all_known(session, project, known, remote)
        if taken.strangers or not all_known:
            _look_at_all(run, server.tasks(project.server_id))
    with database.sessions.begin() as session:
        _move_cursor(session, project, taken.cursor)
        report.decisions += settle(session, policy).decisions if full else 0
        _findings(session, server, report)
        _finish(session, run, known)
    return report


@dataclass(frozen=True, slots=True)
class _Taken:
    """The tasks that a run has read, the ids of those with another text, and how far it is.

    `strangers` says whether some are new to the desk: one may be a double, and one of ours be
    gone, with the counts as they were. Only a look tells.
    """

    tasks: Sequence[PostedTask]
    altered: set[int]
    cursor: datetime | None
    strangers: bool


def _take_changes(run: _Run, changes: Changes) -> _Taken | None:
    """Take what changed in chunks, each with the cursor; None where it was told to stop."""
    run.known.asked_at = changes.asked_at
    with run.database.reading() as session:
        ours = _ours(session, run.project, changes.tasks)
    strangers = run.known.note(task for task in changes.tasks if task.id not in ours)
    news = [task for task in changes.tasks if task.id in ours and ours[task.id].is_news(task)]
    altered: set[int] = set()
    done = 0
    for chunk, received in _fetched(run, news):
        run.progress(done, len(news))
        if run.stopping():
            return None
        altered |= _take(run, received, cursor=chunk[-1].updated_at)
        done += len(chunk)
    run.progress(done, len(news))
    last = changes.tasks[-1].updated_at if changes.tasks else None
    return _Taken(changes.tasks, altered, last, strangers)


def _fetched(
    run: _Run, tasks: Sequence[PostedTask]
) -> Iterator[tuple[list[PostedTask], list[ReceivedTask]]]:
    """These tasks in chunks, as listed and as received; the next is fetched meanwhile."""
    return ahead(
        (chunk, run.server.received(run.project_id, [task.id for task in chunk]))
        for chunk in queries.chunks(tasks, CHUNK)
    )


def _take_all(run: _Run, remote: ServerProject) -> _Taken | None:
    """Take every task of the project page by page, by id; None where it was told to stop.

    The cursor stays until all of them are in. A task may have changed after its page was read,
    and another one later: so it does not come further than half of what the next run looks back
    on, behind the time when the first page was asked for.
    """
    tasks: list[PostedTask] = []
    altered: set[int] = set()
    strangers = False
    asked_at = None
    for page in ahead(_pages(run)):
        asked_at = asked_at or page.asked_at
        run.progress(len(tasks), remote.tasks)
        if run.stopping():
            return None
        posted = [task.posted for task in page.tasks]
        with run.database.reading() as session:
            ours = _ours(session, run.project, posted)
        strangers |= run.known.note(task for task in posted if task.id not in ours)
        altered |= _take(run, page.tasks, cursor=None)
        tasks += posted
    run.progress(len(tasks), len(tasks))
    run.known.asked_at = asked_at
    last = max((task.updated_at for task in tasks), default=None)
    seen = last and asked_at and min(last, asked_at + LOOKBACK / 2)
    return _Taken(tasks, altered, seen, strangers)


def _pages(run: _Run) -> Iterator[Page]:
    """The project's tasks page by page, one at least."""
    after = 0
    while True:
        page = run.server.page(run.project_id, after, CHUNK)
        yield page
        if len(page.tasks) < CHUNK:
            return
        after = page.tasks[-1].id


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


def _take(run: _Run, received: Sequence[ReceivedTask], *, cursor: datetime | None) -> set[int]:
    """Write what is new about these tasks' reviews, the cursor with it.

    Returns the ids of those that show another text than was pushed.
    """
    with run.database.sessions.begin() as session:
        events, altered = _take_tasks(session, run, received)
        _decide(session, run, events)
        _move_cursor(session, run.project, cursor)
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


def _move_cursor(session: Session, project: Project, to: datetime | None) -> None:
    row = session.get_one(Project, project.id)
    if to is not None and (row.cursor_at is None or row.cursor_at < to):
        row.cursor_at = project.cursor_at = to


# one chunk


def _take_tasks(
    session: Session, run: _Run, received: Sequence[ReceivedTask]
) -> tuple[list[Happened], set[int]]:
    """Write what is new about these tasks' reviews; the server's set of them is the truth.

    Returns what happened, and the ids of the tasks that no longer show what was pushed.
    """
    now = datetime.now(UTC)
    # A task that a push sent without learning its id is known by its claim.
    columns = (getattr(Task, name) for name in Pushed._fields)
    rows = session.execute(
        sa.select(*columns).where(
            Task.project_id == run.project.id,
            Task.removed_at.is_(None),
            Task.claim_id.in_([task.claim_id for task in received if task.claim_id]),
        )
    )
    ledger = {(task.claim_id, task.server_id): task for task in map(Pushed._make, rows)}
    known: dict[int, dict[str, Review]] = {}
    for review in session.scalars(
        sa.select(Review).where(Review.task_id.in_([task.id for task in ledger.values()]))
    ):
        known.setdefault(review.task_id, {})[review.id] = review
    events: list[Happened] = []
    altered: set[int] = set()
    read: list[dict[str, Any]] = []
    for one in received:
        claim_id = one.claim_id or ""
        task = ledger.get((claim_id, one.id)) or ledger.pop((claim_id, None), None)
        if task is None:
            continue  # made by people, or a double that the next push undoes
        if task.content_hash != one.content_hash:
            altered.add(one.id)
        if task.server_updated_at is not None and one.updated_at < task.server_updated_at:
            continue  # a stale page: newer reviews of this task are known
        said = one.reviews or task.id in known
        if said:
            events += happened(run.project, task, one, known.get(task.id, {}), now)
        if said or task.server_id is None:
            updated_at = one.updated_at if said else task.server_updated_at
            read.append({"id": task.id, "server_id": one.id, "server_updated_at": updated_at})
    if read:
        session.execute(sa.update(Task), read)
    write(session, events, run.id, now)
    return events, altered


# what no change of a task tells


def _look_at_all(run: _Run, posted: Sequence[PostedTask]) -> Look:
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
    run.known.others, run.known.said = set(), {}
    run.known.note(seen.others)
    for _, received in _fetched(run, seen.missed):
        # Other tasks may have changed before these: the next sync starts where this one did.
        _take(run, received, cursor=None)
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
