"""What the desk's work needs of an annotation server, and how to look after a lost answer."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from factcheck.model import (
    Assignment,
    Changes,
    Page,
    PostedTask,
    Posting,
    ReceivedTask,
    ServerProject,
)

# After a lost answer the server may still be at work on the request; in seconds.
_LOOK_AGAIN = (1.0, 4.0, 10.0)


def looks(since: datetime) -> Iterator[None]:
    """The times to look for what a request of `since`, whose answer is lost, did on the server."""
    yield
    for seconds in _LOOK_AGAIN:
        if datetime.now(UTC) - since > timedelta(seconds=sum(_LOOK_AGAIN)):
            return
        time.sleep(seconds)
        yield


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

    def posting(self, assignment: Assignment) -> Posting:
        """The task that puts `assignment` before the reviewers; no request."""

    def add_tasks(self, project_id: int, postings: Sequence[Posting], batch: str) -> list[int]:
        """Make all of these tasks, or none; their ids, in order."""

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
