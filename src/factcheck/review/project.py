"""The desk's project on the annotation server, and the page that its reviewers see."""

from __future__ import annotations

import difflib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree

import sqlalchemy as sa

from factcheck.errors import DriftError
from factcheck.model import ServerProject
from factcheck.review.server import AnnotationServer, looks
from factcheck.store import queries
from factcheck.store.engine import Database
from factcheck.store.tables import Project, Task


def retire(database: Database) -> None:
    """Leave the desk's project and its tasks behind, if there is one."""
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


@dataclass(frozen=True, slots=True)
class Prepared:
    """The desk's project, and as the server has it; both None where a dry run found none yet."""

    project: Project | None = None
    remote: ServerProject | None = None
    page_updated: bool = False


def prepare(
    database: Database,
    server: AnnotationServer,
    title: str,
    labeling: str,
    reviews_per_claim: int,
    *,
    dry_run: bool,
) -> Prepared:
    """The desk's project, made on first use, with its page as it should be.

    Raises DriftError where it was deleted, or its page altered, in Label Studio.
    """
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
        return Prepared()
    if project.server_id is None:
        # A new project can't be there yet: this tells whether that is a Label Studio at all.
        marker = project.marker
        remote = server.find_project(marker) if made else _find_asked_for(server, project)
        if remote is None:
            if dry_run:
                return Prepared(project)
            remote = server.create_project(title, project.marker, labeling, reviews_per_claim)
        _remember(database, project, server_id=remote.id, labeling=remote.labeling)
        return Prepared(project, remote)
    remote = open_project(server, project)
    updated = _page(database, server, project, remote, labeling, reviews_per_claim, dry_run=dry_run)
    return Prepared(project, remote, updated)


def _find_asked_for(server: AnnotationServer, project: Project) -> ServerProject | None:
    """The project that an earlier push asked for without learning of it."""
    for _ in looks(project.created_at):
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
    *,
    dry_run: bool,
) -> bool:
    """Bring the page up to date, unless somebody altered it since it was last put there.

    Whether it was not.
    """
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
    outdated = (
        _canonical_xml(remote.labeling) != ours or remote.reviews_per_claim != reviews_per_claim
    )
    if outdated and not dry_run:
        server.update_project(remote.id, labeling, reviews_per_claim)
    if _canonical_xml(project.labeling or "") != ours and not dry_run:
        # Also where an earlier push put it there without learning of it.
        _remember(database, project, server_id=remote.id, labeling=labeling)
    return outdated


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
