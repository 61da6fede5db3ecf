"""What the desk's work needs of an annotation server."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from factcheck.model import Assignment, Changes, Page, PostedTask, ReceivedTask, ServerProject


class AnnotationServer(Protocol):
    """An annotation server, as far as `push` and `sync` use it.

    A method that writes sends its request once. It raises UncertainError where no clear answer
    came back, and the caller looks before it asks again.
    """

    @property
    def url(self) -> str:
        """Where the server is."""

    def find_project(self, marker: str) -> ServerProject | None:
        """The project with `marker` in its description."""

    def create_project(
        self, title: str, marker: str, labeling: str, reviews_per_claim: int
    ) -> ServerProject:
        """A new project with `marker` in its description."""

    def project(self, project_id: int) -> ServerProject | None:
        """The project of that id, None where there is none."""

    def update_project(self, project_id: int, labeling: str, reviews_per_claim: int) -> None:
        """Give the project this page and number of reviewers."""

    def show_queue(self, project_id: int) -> None:
        """Give the project the desk's view of its tasks, unless it has one; others stay."""

    def content_hash(self, assignment: Assignment) -> str:
        """The hash of what the reviewer will see; no request."""

    def add_tasks(
        self, project_id: int, assignments: Sequence[Assignment], batch: str
    ) -> list[int]:
        """Put all of `assignments` before the reviewers, or none; task ids in their order."""

    def remove_unreviewed(self, project_id: int, task_ids: Sequence[int]) -> set[int]:
        """Delete those of the tasks that nobody has reviewed or skipped; ids of the others."""

    def tasks(self, project_id: int) -> list[PostedTask]:
        """Every task of the project, by id."""

    def changed(self, project_id: int, since: datetime) -> Changes:
        """The tasks that changed at or after `since`, the earliest change first."""

    def received(self, project_id: int, task_ids: Sequence[int]) -> list[ReceivedTask]:
        """Those of the tasks that exist, each with the whole set of its reviews."""

    def page(self, project_id: int, after: int, size: int) -> Page:
        """The first `size` tasks whose ids come after that one, by id, with their reviews."""

    def link(self, project_id: int, task_id: int) -> str:
        """Where a person sees that task."""
