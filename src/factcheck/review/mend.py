"""The ledger of tasks held against the server, and what differs mended."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from factcheck.model import PostedTask, ServerProject
from factcheck.review.ledger import compare, is_reviewed
from factcheck.review.reconcile import Known
from factcheck.review.server import AnnotationServer, looks
from factcheck.review.waiting import assignments
from factcheck.store import queries
from factcheck.store.engine import Database
from factcheck.store.tables import Batch, Claim, Project, Task

LOOK = 500  # tasks that are looked at, or removed, in one request


@dataclass(slots=True)
class Mended:
    """What was found to differ, and what was made of it.

    Tasks that the ledger did not know were `found`; of those that nobody reviewed, so many were
    `removed`, or taken back as `doubled`; `foreign` were made by people.
    `gone`, `replaced` and `outdated` are the claims that were left without a task since
    it was deleted, its text altered, or it shows them leaning on other words. `problems` are left
    to a person.
    """

    found: int = 0
    removed: int = 0
    doubled: int = 0
    foreign: int = 0
    gone: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    outdated: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


def mend(
    database: Database,
    server: AnnotationServer,
    project: Project,
    remote: ServerProject,
    *,
    repair: bool,
    dry_run: bool,
    progress: Callable[[int, int], None],
) -> Mended:
    """Hold the ledger against the server wherever the two may differ, and mend what differs.

    The list of tasks is asked for only if a batch was left without an answer, a task's claim is
    gone or leans on other words, the number of tasks is not what was left there, or some are
    neither the ledger's nor made by people; and what they show only for a `repair`.
    """
    with database.reading() as session:
        standing = queries.standing_of(session, project.id)
        last = queries.last_run(session, project.id)
    foreign = (last.report or {}).get("foreign", 0) if last else 0
    # A double that stays for its reviews would hide that another task is gone.
    others = len(Known.after(last).others)
    if not (
        repair
        or standing.unanswered
        or standing.outdated
        or standing.retired
        or others != foreign
        or remote.tasks != standing.tasks + foreign
    ):
        return Mended(foreign=foreign)
    posted = _posted(database, server, project, remote.id)
    with database.reading() as session:
        live = queries.live_claims(session)
        found = compare(queries.ledger(session, project.id), posted, queries.claims(session))
        other_words = queries.outdated_tasks(session)
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
    known = [*(task.claim_id for task, _ in learned), *(one.claim_id for one in adopted)]
    unwanted = [*(one for _, one in (*outdated, *past)), *strays]
    return Mended(
        found=sum(claim_id in live for claim_id in known),
        removed=sum(one.id not in left for one in unwanted),
        doubled=sum(one.id not in left for _, one in found.doubled),
        foreign=len(found.foreign),
        gone={t.claim_id for t in found.gone if t.server_id and t.superseded_at is None},
        replaced={task.claim_id for task, _ in altered},
        outdated={task.claim_id for task, _ in outdated},
        problems=_problems(database, server, remote.id, altered, found.doubled, left),
    )


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
    for _ in looks(max(unanswered.values(), default=datetime.now(UTC))):
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
                one.claim_id: server.posting(one).content_hash
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


def revive(database: Database, project: Project) -> bool:
    """Let tasks stand again whose claim leans on what they show once more; whether any does."""
    with database.sessions.begin() as session:
        tasks = queries.revivable_tasks(session, project.id)
        if tasks:
            rows = [{"id": task, "superseded_at": None} for task in tasks]
            session.execute(sa.update(Task), rows)
    return bool(tasks)
