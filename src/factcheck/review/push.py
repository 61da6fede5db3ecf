"""Claims before the reviewers: one live task for each live claim, whatever happens on the way.

Each batch is written into the ledger before its request leaves. Where no clear answer comes
back, what is on the server is looked up by the claims' ids before anything is sent again: a
task is never guessed to be missing.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa

from factcheck.errors import FactcheckError, UncertainError
from factcheck.model import Order, Posting
from factcheck.review.mend import mend, revive
from factcheck.review.project import prepare, retire
from factcheck.review.server import AnnotationServer, looks
from factcheck.review.waiting import waiting
from factcheck.store import queries
from factcheck.store.engine import Database
from factcheck.store.tables import Batch, Project, Task

BATCH = 2000  # tasks that are sent in one request


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
        retire(database)
    found = prepare(database, server, title, labeling, reviews_per_claim, dry_run=dry_run)
    project, remote = found.project, found.remote
    report.page_updated = found.page_updated
    without: dict[str, set[str]] = {}
    if project is not None and remote is not None:
        mended = mend(
            database, server, project, remote, repair=repair, dry_run=dry_run, progress=progress
        )
        report.project_id, report.foreign = remote.id, mended.foreign
        report.found, report.removed = mended.found, mended.removed
        report.doubled, report.problems = mended.doubled, mended.problems
        without = {why: getattr(mended, why) for why in ("gone", "replaced", "outdated")}
    project_id = project.id if project else None
    with database.reading() as session:
        standing = queries.standing_of(session, project_id)
    if project is not None and standing.waiting and revive(database, project):
        with database.reading() as session:
            standing = queries.standing_of(session, project_id)
    with database.reading() as session:
        added = {c for some in queries.waiting_claims(session, project_id).values() for c in some}
    report.live, report.added = standing.live, len(added)
    for why, claim_ids in without.items():
        setattr(report, why, len(added & claim_ids))
    report.kept = standing.kept + standing.retired  # what is left of these was reviewed
    report.unchanged = report.live - report.found - report.added
    if dry_run or project is None or remote is None:
        return report
    done = 0
    progress(done, report.added)
    for sent in _send(database, server, project, remote.id, order):
        done += sent
        progress(done, report.added)
    try:
        server.show_queue(remote.id)  # no claim has to wait where that fails
    except FactcheckError as error:
        report.problems.append(f"the list of tasks could not be set up: {error.message}")
    return report


def _send(
    database: Database, server: AnnotationServer, project: Project, project_id: int, order: Order
) -> Iterator[int]:
    """Put the claims that wait before the reviewers, batch by batch; how many are in each."""
    postings = (
        (server.posting(one.assignment), one.revision_id)
        for one in waiting(database, project.id, order)
    )
    batches = queries.chunks(postings, BATCH)
    with ThreadPoolExecutor(1) as besides:
        coming = next(batches, None)
        while coming:
            batch_id = _write_down(database, project, coming)
            sent = [posting for posting, _ in coming]
            answer = besides.submit(server.add_tasks, project_id, sent, batch_id)
            coming = next(batches, None)  # worked out while the server is at work
            try:
                task_ids = answer.result()
            except UncertainError as error:
                task_ids = _look_up(server, project_id, sent, error)
            except FactcheckError:
                _forget(database, batch_id)  # a clear no: nothing was stored
                raise
            _answered(database, batch_id, task_ids)
            yield len(sent)


def _write_down(database: Database, project: Project, coming: Sequence[tuple[Posting, int]]) -> str:
    """Put a batch on the ledger, each task with the revision that it shows; the batch's id."""
    batch = Batch(id=str(uuid.uuid4()), project_id=project.id, created_at=datetime.now(UTC))
    rows = [
        {
            "project_id": project.id,
            "claim_id": posting.claim_id,
            "revision_id": revision_id,
            "batch_id": batch.id,
            "content_hash": posting.content_hash,
            "server_id": None,
            "created_at": batch.created_at,
        }
        for posting, revision_id in coming
    ]
    with database.sessions.begin() as session:
        session.add(batch)
        session.flush()
        queries.insert(session, Task, rows)
    return batch.id


def _answered(database: Database, batch_id: str, task_ids: Sequence[int]) -> None:
    """Note the ids that a batch's tasks got, in order."""
    with database.sessions.begin() as session:
        session.get_one(Batch, batch_id).answered_at = datetime.now(UTC)
        rows = session.scalars(
            sa.select(Task.id).where(Task.batch_id == batch_id).order_by(Task.id)
        )
        answered = zip(rows.all(), task_ids, strict=True)
        session.execute(
            sa.update(Task), [{"id": row, "server_id": task_id} for row, task_id in answered]
        )


def _look_up(
    server: AnnotationServer,
    project_id: int,
    postings: Sequence[Posting],
    error: UncertainError,
) -> list[int]:
    """The ids that the tasks of a request without an answer got, if it was carried out."""
    for _ in looks(datetime.now(UTC)):
        # By what they show, too: an older task of a claim may be there for its reviews.
        ids = {(task.claim_id, task.content_hash): task.id for task in server.tasks(project_id)}
        task_ids = [ids.get((one.claim_id, one.content_hash)) for one in postings]
        found = [task_id for task_id in task_ids if task_id is not None]
        if len(found) == len(postings):
            return found
    raise UncertainError(
        f"{error.message} The server does not have these {len(postings)} tasks so far.",
        hint="Nothing is lost: run `factcheck push` again, it looks for them before it sends any.",
    )


def _forget(database: Database, batch_id: str) -> None:
    with database.sessions.begin() as session:
        session.execute(
            sa.update(Task).where(Task.batch_id == batch_id).values(removed_at=datetime.now(UTC))
        )
