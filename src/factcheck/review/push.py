"""Claims before the reviewers: one live task for each live claim, whatever happens on the way.

Each batch is written into the ledger before its request leaves. Where no clear answer comes
back, what is on the server is looked up by the claims' ids before anything is sent again: a
task is never guessed to be missing.
"""

from __future__ import annotations

import contextlib
import difflib
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import sqlalchemy as sa
from sqlalchemy.orm import Session

from factcheck.errors import DriftError, FactcheckError, UncertainError
from factcheck.model import Assignment, Order, PostedTask, ServerProject
from factcheck.review.ledger import compare, is_reviewed
from factcheck.review.server import AnnotationServer
from factcheck.review.waiting import Waiting, assignments, waiting
from factcheck.review.workers import ahead
from factcheck.store import queries
from factcheck.store.engine import Database
from factcheck.store.tables import Batch, Claim, Project, Task

BATCH = 2000  # tasks that are sent in one request
LOOK = 500  # tasks that are looked at, or removed, in one request

# After a lost answer the server may still be at work on the request; in seconds.
_LOOK_AGAIN = (1.0, 4.0, 10.0)


_Coming = tuple[Waiting, str]
"""A claim without a task, and the hash of what its reviewers will see."""


def _looks(since: datetime) -> Iterator[None]:
    """The times to look for what a request of `since`, whose answer is lost, did on the server."""
    yield
    for seconds in _LOOK_AGAIN:
        if datetime.now(UTC) - since > timedelta(seconds=sum(_LOOK_AGAIN)):
            return
        time.sleep(seconds)
        yield


@dataclass(slots=True)
class PushReport:
    """What one run of push did. `project_id` is None where a dry run found no project yet.

    `live` counts the live claims, and each is one of three: its task was `unchanged`, or
    `found` on the server without the ledger knowing, or `added`. Among those added are the
    claims whose task was `gone`, deleted in Label Studio, or `replaced`, since its text had been
    altered there, or `outdated`, since the claim leans on other words by now. Of the tasks of
    retired claims, and of those outdated, the unreviewed ones were `removed`, and the reviewed
    ones are `kept`; of those that were `doubled` the unreviewed ones were removed too. `foreign`
    are tasks that people made, which are left alone. `problems` are left to a person.
    """

    project_id: int | None = None
    live: int = 0
    unchanged: int = 0
    found: int = 0
    added: int = 0
    gone: int = 0
    replaced: int = 0
    outdated: int = 0
    removed: int = 0
    kept: int = 0
    doubled: int = 0
    foreign: int = 0
    page_updated: bool = False
    problems: list[str] = field(default_factory=list)


def push(
    database: Database,
    server: AnnotationServer,
    *,
    title: str,
    labeling: str,
    reviews_per_claim: int,
    order: Order = Order.ARTICLE,
    new_project: bool = False,
    repair: bool = False,
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> PushReport:
    """Give every live claim its task, and take back unreviewed tasks of claims that are gone.

    New tasks come after those that are there already, in the `order` given: that of the
    articles, or the claims with the most overstating cues first.

    Looks at the list of tasks only where the ledger and the number of tasks give reason to.
    `repair` looks at every task, and at what it shows: one whose text was altered in Label
    Studio is replaced, unless it was reviewed.

    Raises DriftError where the project was deleted or its page altered in Label Studio, and
    UncertainError where it stays unknown what became of a request: the next push finds out.
    """
    with database.rehearsal() if dry_run else contextlib.nullcontext(database) as opened:
        return _push(
            opened,
            server,
            title,
            labeling,
            reviews_per_claim,
            order=order,
            new_project=new_project,
            repair=repair,
            dry_run=dry_run,
            progress=progress,
        )


def _push(
    database: Database,
    server: AnnotationServer,
    title: str,
    labeling: str,
    reviews_per_claim: int,
    *,
    order: Order,
    new_project: bool,
    repair: bool,
    dry_run: bool,
    progress: Callable[[int, int], None],
) -> PushReport:
    report = PushReport()
    with database.reading() as session:
        if queries.live_project(session) is None and not queries.standing_of(session, None).live:
            return report
    if new_project:
        _retire(database)
    project, remote = _project(
        database, server, title, labeling, reviews_per_claim, report, dry_run=dry_run
    )
    without: _Without = {}
    if project is not None and remote is not None:
        report.project_id = remote.id
        without = _reconcile(
            database,
            server,
            project,
            remote,
            report,
            repair=repair,
            dry_run=dry_run,
            progress=progress,
        )
    project_id = project.id if project else None
    with database.reading() as session:
        standing = queries.standing_of(session, project_id)
    if project is not None and standing.waiting and _revive(database, project):
        with database.reading() as session:
            standing = queries.standing_of(session, project_id)
    with database.reading() as session:
        added = {c for some in queries.waiting_claims(session, project_id).values() for c in some}
    report.live, report.added = standing.live, len(added)
    report.gone, report.replaced, report.outdated = (
        len(added & without.get(why, set())) for why in ("gone", "replaced", "outdated")
    )
    report.kept = standing.kept + standing.retired  # what is left of these was reviewed
    report.unchanged = report.live - report.found - report.added
    if dry_run or project is None or remote is None:
        return report
    done = 0
    progress(done, report.added)
    coming = (
        (one, server.content_hash(one.assignment)) for one in waiting(database, project_id, order)
    )
    for batch in ahead(queries.chunks(coming, BATCH)):
        _send(database, server, project, remote.id, batch)
        done += len(batch)
        progress(done, report.added)
    _show_queue(server, remote.id, report)
    return report


# the project


def _show_queue(server: AnnotationServer, project_id: int, report: PushReport) -> None:
    """See to the desk's view of its tasks; no claim has to wait where that fails."""
    try:
        server.show_queue(project_id)
    except FactcheckError as error:
        report.problems.append(f"the list of tasks could not be set up: {error.message}")


def _retire(database: Database) -> None:
    now = datetime.now(UTC)
    with database.sessions.begin() as session:
        project = queries.live_project(session)
        if project is None:
            return
        project.retired_at = now
        session.execute(
            sa.update(Task)
            .where(Task.project_id == project.id, Task.removed_at.is_(None))
            .values(removed_at=now)
        )


def _project(
    database: Database,
    server: AnnotationServer,
    title: str,
    labeling: str,
    reviews_per_claim: int,
    report: PushReport,
    *,
    dry_run: bool,
) -> tuple[Project | None, ServerProject | None]:
    """The desk's project, made on first use, with its page as it should be."""
    made = False
    with database.sessions.begin() as session:
        project = queries.live_project(session)
        if project is None and not dry_run:
            made = True
            project = Project(
                marker=str(uuid.uuid4()),
                url=server.url,
                title=title,
                created_at=datetime.now(UTC),
            )
            session.add(project)
    if project is None:
        return None, None
    if project.server_id is None:
        # A new project can't be there yet: this tells whether that is a Label Studio at all.
        marker = project.marker
        remote = server.find_project(marker) if made else _find_project(server, project)
        if remote is None:
            if dry_run:
                return project, None
            remote = server.create_project(title, project.marker, labeling, reviews_per_claim)
        _remember(database, project, server_id=remote.id, labeling=remote.labeling)
        return project, remote
    remote = open_project(server, project)
    return project, _page(
        database, server, project, remote, labeling, reviews_per_claim, report, dry_run=dry_run
    )


def _find_project(server: AnnotationServer, project: Project) -> ServerProject | None:
    """The project that an earlier push asked for without learning of it."""
    for _ in _looks(project.created_at):
        if remote := server.find_project(project.marker):
            return remote
    return None


def open_project(server: AnnotationServer, project: Project) -> ServerProject:
    """The desk's project on the server; DriftError where it is no longer there."""
    remote = server.project(project.server_id) if project.server_id is not None else None
    if remote is None or project.marker not in remote.description:
        raise DriftError(
            f"The desk's project «{project.title}» (number {project.server_id}) is not on "
            f"{server.url}: it was deleted there, or this is another server.",
            hint="Every review synced so far is safe in the database. Check LABEL_STUDIO_URL; or "
            "put the claims into a new project: factcheck push --new-project",
        )
    return remote


def _page(
    database: Database,
    server: AnnotationServer,
    project: Project,
    remote: ServerProject,
    labeling: str,
    reviews_per_claim: int,
    report: PushReport,
    *,
    dry_run: bool,
) -> ServerProject:
    """Bring the page up to date, unless somebody altered it since it was last put there."""
    ours = _canonical_xml(labeling)
    if _canonical_xml(remote.labeling) not in (ours, _canonical_xml(project.labeling or labeling)):
        diff = difflib.unified_diff(
            ours.splitlines(),
            _canonical_xml(remote.labeling).splitlines(),
            "the desk's page",
            "the page in Label Studio",
            lineterm="",
            n=1,
        )
        raise DriftError(
            "The labelling page was changed in Label Studio, and reviews made on it might mean "
            "something else:\n" + "\n".join(diff),
            hint="Undo that under Settings > Labeling Interface of the project, then push again.",
        )
    if _canonical_xml(remote.labeling) != ours or remote.reviews_per_claim != reviews_per_claim:
        report.page_updated = True
        if not dry_run:
            server.update_project(remote.id, labeling, reviews_per_claim)
    if _canonical_xml(project.labeling or "") != ours and not dry_run:
        # Also where an earlier push put it there without learning of it.
        _remember(database, project, server_id=remote.id, labeling=labeling)
    return remote


def _canonical_xml(labeling: str) -> str:
    """One element a line with sorted attributes, so that only real differences show."""
    try:
        root = ElementTree.fromstring(labeling)  # noqa: S314 (our page, or the desk's own server)
    except ElementTree.ParseError:
        return labeling
    return ElementTree.canonicalize(
        ElementTree.tostring(root), strip_text=True, with_comments=False
    ).replace("><", ">\n<")


def _remember(database: Database, project: Project, *, server_id: int, labeling: str) -> None:
    with database.sessions.begin() as session:
        row = session.get_one(Project, project.id)
        row.server_id = project.server_id = server_id
        row.labeling = project.labeling = labeling


# the ledger

_Without = dict[str, set[str]]  # claims without a task, by the reason why


def _reconcile(
    database: Database,
    server: AnnotationServer,
    project: Project,
    remote: ServerProject,
    report: PushReport,
    *,
    repair: bool,
    dry_run: bool,
    progress: Callable[[int, int], None],
) -> _Without:
    """Hold the ledger against the server wherever the two may differ, and mend what differs.

    The list of tasks is asked for only if a batch was left without an answer, a task's claim is
    gone or leans on other words, or the number of tasks is not what was left there. Returns the
    claims that were left without a task.
    """
    with database.reading() as session:
        standing = queries.standing_of(session, project.id)
        last = queries.last_run(session, project.id)
        report.foreign = (last.report or {}).get("foreign", 0) if last else 0
    if not (
        repair
        or standing.unanswered
        or standing.outdated
        or standing.retired
        or remote.tasks != standing.tasks + report.foreign
    ):
        return {}
    posted = _posted(database, server, project, remote.id)
    with database.reading() as session:
        live = queries.live_claims(session)
        found = compare(queries.ledger(session, project.id), posted, queries.claims(session))
        other_words = queries.outdated_tasks(session)
    report.foreign = len(found.foreign)
    outdated = [
        (task, one)
        for task, one in found.standing
        if task.id in other_words and task.claim_id in live
    ]
    past = list(found.superseded)
    past += [(task, one) for task, one in found.standing if task.claim_id not in live]
    altered = _altered(server, remote.id, found.standing, progress) if repair else []
    altered = [(task, one) for task, one in altered if task.id not in other_words]
    strays = [one for one in found.orphaned if one.claim_id not in live and not is_reviewed(one)]
    surplus = [one for _, one in (*altered, *outdated, *past, *found.doubled)] + strays
    left = _take_back(server, remote.id, surplus, dry_run=dry_run)

    taken = [task for task, one in (*altered, *outdated, *past) if one.id not in left]
    report.removed = sum(one.id not in left for _, one in (*outdated, *past))
    report.removed += sum(one.id not in left for one in strays)
    report.doubled = sum(one.id not in left for _, one in found.doubled)
    report.problems += _problems(database, server, remote.id, altered, found.doubled, left)
    with database.sessions.begin() as session:
        _close(session, [*found.gone, *taken])
        _supersede(session, [task for task, one in outdated if one.id in left])
        learned = [(task, one) for task, one in found.standing if task.server_id != one.id]
        for task, one in learned:
            session.execute(
                sa.update(Task)
                .where(Task.id == task.id)
                .values(server_id=one.id, server_updated_at=None)
            )
        adopted = [one for one in found.orphaned if one not in strays]
        _adopt(session, server, project, adopted)
    report.found = sum(task.claim_id in live for task, _ in learned) + sum(
        one.claim_id in live for one in adopted
    )
    return {
        "gone": {t.claim_id for t in found.gone if t.server_id and t.superseded_at is None},
        "replaced": {task.claim_id for task, _ in altered},
        "outdated": {task.claim_id for task, _ in outdated},
    }


def _posted(
    database: Database, server: AnnotationServer, project: Project, project_id: int
) -> list[PostedTask]:
    """Every task of the project; those whose answer was lost are given the time to arrive."""
    with database.reading() as session:
        ledger = queries.ledger(session, project.id)
    unanswered = {
        (task.claim_id, task.content_hash): task.created_at
        for task in ledger
        if task.server_id is None
    }
    posted: list[PostedTask] = []
    for _ in _looks(max(unanswered.values(), default=datetime.now(UTC))):
        posted = server.tasks(project_id)
        if unanswered.keys() <= {(task.claim_id, task.content_hash) for task in posted}:
            break
    return posted


def _altered(
    server: AnnotationServer,
    project_id: int,
    standing: Sequence[tuple[Task, PostedTask]],
    progress: Callable[[int, int], None],
) -> list[tuple[Task, PostedTask]]:
    """Those of the tasks that no longer show what was pushed."""
    pushed = {one.id: (task, one) for task, one in standing}
    altered = []
    for number, chunk in enumerate(queries.chunks(pushed, LOOK)):
        progress(number * LOOK, len(pushed))
        altered += [
            pushed[received.id]
            for received in server.received(project_id, chunk)
            if received.content_hash != pushed[received.id][0].content_hash
        ]
    return altered


def _take_back(
    server: AnnotationServer, project_id: int, tasks: Sequence[PostedTask], *, dry_run: bool
) -> set[int]:
    """Remove those of the tasks that nobody has reviewed; the ids of the others."""
    left = {task.id for task in tasks if is_reviewed(task)}
    if not dry_run:
        for chunk in queries.chunks((task.id for task in tasks if task.id not in left), LOOK):
            left |= server.remove_unreviewed(project_id, chunk)
    return left


def _problems(
    database: Database,
    server: AnnotationServer,
    project_id: int,
    altered: Sequence[tuple[Task, PostedTask]],
    doubled: Sequence[tuple[PostedTask, PostedTask]],
    left: set[int],
) -> list[str]:
    """What a person has to mend in Label Studio, since it was reviewed."""
    told = [
        f"Claim {other.claim_id} has two tasks with reviews, and only the first one's count. "
        f"Delete one: {server.link(project_id, first.id)} or {server.link(project_id, other.id)}"
        for first, other in doubled
        if other.id in left
    ]
    with database.reading() as session:
        for task, one in altered:
            if one.id in left:
                words = session.get_one(Claim, task.claim_id).text
                told.append(
                    f"The text of claim {task.claim_id} was altered in Label Studio, and it has "
                    f"reviews: {server.link(project_id, one.id)}\n  It was: {words}"
                )
    return told


def _close(session: Session, tasks: Sequence[Task]) -> None:
    """Note on the ledger that these tasks are no longer on the server."""
    now = datetime.now(UTC)
    if tasks:
        session.execute(sa.update(Task), [{"id": task.id, "removed_at": now} for task in tasks])


def _supersede(session: Session, tasks: Sequence[Task]) -> None:
    """Note that these tasks stay for their reviews alone."""
    now = datetime.now(UTC)
    if tasks:
        session.execute(sa.update(Task), [{"id": task.id, "superseded_at": now} for task in tasks])


def _revive(database: Database, project: Project) -> bool:
    """Let tasks stand again whose claim leans on what they show once more; whether any does."""
    with database.sessions.begin() as session:
        tasks = queries.revivable_tasks(session, project.id)
        if tasks:
            rows = [{"id": task, "superseded_at": None} for task in tasks]
            session.execute(sa.update(Task), rows)
    return bool(tasks)


def _adopt(
    session: Session, server: AnnotationServer, project: Project, tasks: Sequence[PostedTask]
) -> None:
    """Put tasks on the ledger that it does not have (any more): an older database came back."""
    if not tasks:
        return
    now = datetime.now(UTC)
    batch = Batch(id=str(uuid.uuid4()), project_id=project.id, created_at=now, answered_at=now)
    session.add(batch)
    session.flush()
    for one, (revision_id, shown) in zip(tasks, _shown(session, server, tasks), strict=True):
        # Reviews are known by their task's row: one that was closed is opened again.
        row = session.scalar(
            sa.select(Task)
            .where(
                Task.project_id == project.id,
                Task.claim_id == one.claim_id,
                Task.server_id == one.id,
            )
            .order_by(Task.id.desc())
            .limit(1)
        ) or Task(
            project_id=project.id,
            claim_id=one.claim_id,
            server_id=one.id,
            created_at=now,
        )
        row.batch_id, row.revision_id, row.content_hash = batch.id, revision_id, shown
        row.server_updated_at = row.removed_at = row.superseded_at = None
        session.add(row)
    session.flush()


def _shown(
    session: Session, server: AnnotationServer, tasks: Sequence[PostedTask]
) -> list[tuple[int, str]]:
    """The newest revision that each of the tasks shows its claim in, and the hash of that.

    Where the database has no such revision it is the newest, so that reviews of what it does
    not have are set aside.
    """
    holding = queries.revisions_of_claims(session, [str(one.claim_id) for one in tasks])
    hashes: dict[int, dict[str, str]] = {}

    def hash_in(revision_id: int, claim_id: str) -> str:
        if revision_id not in hashes:
            stored = queries.stored_article(session, revision_id)
            hashes[revision_id] = {
                one.claim_id: server.content_hash(one)
                for one in assignments(stored, {claim.id for claim in stored.claims})
            }
        return hashes[revision_id][claim_id]

    shown = []
    for one in tasks:
        claim_id = str(one.claim_id)
        newest, *earlier = sorted(holding[claim_id], reverse=True)
        of_newest = newest, hash_in(newest, claim_id)
        found = ((number, hash_in(number, claim_id)) for number in (newest, *earlier))
        shown.append(next((each for each in found if each[1] == one.content_hash), of_newest))
    return shown


def _send(
    database: Database,
    server: AnnotationServer,
    project: Project,
    project_id: int,
    coming: Sequence[_Coming],
) -> None:
    """Put these claims before the reviewers, each with the hash of what they will see."""
    assignments = [one.assignment for one, _ in coming]
    batch = Batch(id=str(uuid.uuid4()), project_id=project.id, created_at=datetime.now(UTC))
    with database.sessions.begin() as session:
        session.add(batch)
        session.flush()
        queries.insert(
            session,
            Task,
            [
                {
                    "project_id": project.id,
                    "claim_id": one.assignment.claim_id,
                    "revision_id": one.revision_id,
                    "batch_id": batch.id,
                    "content_hash": content_hash,
                    "server_id": None,
                    "created_at": batch.created_at,
                }
                for one, content_hash in coming
            ],
        )
    try:
        task_ids = server.add_tasks(project_id, assignments, batch.id)
    except UncertainError as error:
        task_ids = _look_up(server, project_id, assignments, error)
    except FactcheckError:
        _forget(database, batch.id)  # a clear no: nothing was stored
        raise
    with database.sessions.begin() as session:
        session.get_one(Batch, batch.id).answered_at = datetime.now(UTC)
        rows = session.scalars(
            sa.select(Task.id).where(Task.batch_id == batch.id).order_by(Task.id)
        )
        answered = zip(rows.all(), task_ids, strict=True)
        session.execute(
            sa.update(Task), [{"id": row, "server_id": task_id} for row, task_id in answered]
        )


def _look_up(
    server: AnnotationServer,
    project_id: int,
    assignments: Sequence[Assignment],
    error: UncertainError,
) -> list[int]:
    """The ids that the tasks of a request without an answer got, if it was carried out."""
    for _ in _looks(datetime.now(UTC)):
        # By what they show, too: an older task of a claim may be there for its reviews.
        ids = {(task.claim_id, task.content_hash): task.id for task in server.tasks(project_id)}
        task_ids = [ids.get((one.claim_id, server.content_hash(one))) for one in assignments]
        found = [task_id for task_id in task_ids if task_id is not None]
        if len(found) == len(assignments):
            return found
    raise UncertainError(
        f"{error.message} The server does not have these {len(assignments)} tasks so far.",
        hint="Nothing is lost: run `factcheck push` again, it looks for them before it sends any.",
    )


def _forget(database: Database, batch_id: str) -> None:
    with database.sessions.begin() as session:
        session.execute(
            sa.update(Task).where(Task.batch_id == batch_id).values(removed_at=datetime.now(UTC))
        )
