"""Label Studio as an annotation server: its API in the domain's types.

The SDK's retries are off for writes: a request that is sent again after a lost answer is
stored twice (https://github.com/HumanSignal/label-studio has no unique key for tasks). What
reads in bulk takes the API's JSON as it is, since building the SDK's models takes longer than
the request.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import httpx
from label_studio_sdk.base_client import LabelStudioBase
from label_studio_sdk.core.api_error import ApiError
from label_studio_sdk.core.request_options import RequestOptions

from factcheck.errors import (
    NotAuthorisedError,
    ServerError,
    UncertainError,
    UnreachableError,
)
from factcheck.labelstudio import payload
from factcheck.model import (
    Assignment,
    Changes,
    Page,
    PostedTask,
    Posting,
    ReceivedTask,
    ServerProject,
)

_ONCE: RequestOptions = {"max_retries": 0}
_EVERYTHING = 1_000_000  # Label Studio sets no limit to page_size

_OF_A_PROJECT = (
    "id,description,label_config,maximum_annotations,task_number,total_annotations_number,"
    "skipped_annotations_number"
)

_OF_AN_ANNOTATION = (
    *("id", "result", "completed_by", "was_cancelled", "ground_truth"),
    *("created_at", "updated_at"),
)


class LabelStudio:
    """A Label Studio server, as one of its users.

    Every method raises UnreachableError, NotAuthorisedError or ServerError. A method that
    writes raises UncertainError instead where the server may have done it all the same.
    """

    def __init__(self, url: str, token: str, *, timeout: float = 60.0) -> None:
        self.url = url.rstrip("/")
        self._token = token
        # Label Studio's development server is slow to end a kept-alive connection: with one for
        # each call, a call takes about a quarter of the time.
        self._http = httpx.Client(
            timeout=timeout,
            follow_redirects=True,
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        with self._asking("sign in"):
            self._sdk = LabelStudioBase(base_url=self.url, api_key=token, httpx_client=self._http)
        self._reviewers: dict[int, str] | None = None

    def close(self) -> None:
        self._http.close()

    def find_project(self, marker: str) -> ServerProject | None:
        """The project whose description holds `marker`."""
        page: str | None = "api/projects/?page_size=500&include=id,description"
        while page:
            with self._asking("look for the desk's project"):
                answer = self._get(page)
            for project in answer["results"]:
                if marker in (project["description"] or ""):
                    return self._project(int(project["id"]))
            page = answer["next"] and "api/projects/?" + answer["next"].partition("?")[2]
        return None

    def create_project(
        self, title: str, marker: str, labeling: str, reviews_per_claim: int
    ) -> ServerProject:
        """A new project whose page is `labeling`, known by `marker` in its description."""
        with self._asking("make a project", writes=True):
            project = self._sdk.projects.create(
                title=title,
                description=f"The claims of this fact-checking desk. [factcheck {marker}]",
                label_config=labeling,
                maximum_annotations=reviews_per_claim,
                show_skip_button=True,
                sampling="Sequential sampling",
                request_options=_ONCE,
            )
        return self._project(int(project.id or 0))

    def project(self, project_id: int) -> ServerProject | None:
        """The project of that id, None where there is none (any more)."""
        try:
            return self._project(project_id)
        except _MissingError:
            return None

    def _project(self, project_id: int) -> ServerProject:
        with self._asking("open the desk's project"):
            row = self._get(f"api/projects/{project_id}/", include=_OF_A_PROJECT)
        return ServerProject(
            id=int(row["id"]),
            description=str(row["description"] or ""),
            labeling=str(row["label_config"]),
            reviews_per_claim=int(row["maximum_annotations"]),
            tasks=int(row["task_number"]),
            reviews=int(row["total_annotations_number"]),
            skipped=int(row["skipped_annotations_number"]),
        )

    def update_project(self, project_id: int, labeling: str, reviews_per_claim: int) -> None:
        """Give the project this page and this number of reviewers for each claim."""
        with self._asking("update the desk's project", writes=True):
            self._sdk.projects.update(
                project_id,
                label_config=labeling,
                maximum_annotations=reviews_per_claim,
                request_options=_ONCE,
            )

    def show_queue(self, project_id: int) -> None:
        """Make the desk's view of the project's tasks, unless there is one of that title."""
        with self._asking("look at the views of the desk's project"):
            views = self._get("api/dm/views/", project=project_id)
            if any(view["data"].get("title") == payload.QUEUE for view in views):
                return
            columns = self._get("api/dm/columns/", project=project_id)["columns"]
        with self._asking("make a view of the desk's project", writes=True):
            self._request(
                "POST",
                "api/dm/views/",
                json=payload.queue(project_id, columns),
                request_options=_ONCE,
            )

    def posting(self, assignment: Assignment) -> Posting:
        """The task that puts `assignment` before the reviewers."""
        return payload.posting(assignment)

    def add_tasks(self, project_id: int, postings: Sequence[Posting], batch: str) -> list[int]:
        """Make these tasks, all or none; their ids, in order."""
        tasks = [payload.task(posting, batch) for posting in postings]
        with self._asking(f"import {len(tasks)} tasks", writes=True):
            answer = self._request(
                "POST",
                f"api/projects/{project_id}/import",
                params={"return_task_ids": "true"},
                # The SDK would look at every value for what JSON does not have.
                content=json.dumps(tasks),
                headers={"Content-Type": "application/json"},
                request_options=_ONCE,
            ).json()
            ids = [int(task_id) for task_id in answer.get("task_ids", ())]
        if len(ids) != len(tasks):
            raise UncertainError(f"Label Studio stored {len(ids)} of {len(tasks)} tasks.")
        return ids

    def remove_unreviewed(self, project_id: int, task_ids: Sequence[int]) -> set[int]:
        """Delete those of the tasks that nobody has reviewed or skipped; the ids of the others.

        Whether a task was reviewed is decided by the request that deletes it.
        """
        if not task_ids:
            return set()
        untouched = [_is("total_annotations", "equal", "Number", 0)]
        untouched += [_is("cancelled_annotations", "equal", "Number", 0)]
        with self._asking(f"delete {len(task_ids)} tasks", writes=True):
            self._request(
                "POST",
                "api/dm/actions/",
                params={"id": "delete_tasks", "project": project_id},
                json={
                    "selectedItems": {"all": False, "included": list(task_ids)},
                    "filters": {"conjunction": "and", "items": untouched},
                },
                request_options=_ONCE,
            )
        left = self._list(project_id, include="id", query=_query(_among(task_ids)))
        return {int(row["id"]) for row in left.rows}

    def tasks(self, project_id: int) -> list[PostedTask]:
        """Every task of the project, without what was said of it; by id."""
        return self._posted(project_id, {"ordering": ["tasks:id"]}).tasks

    def changed(self, project_id: int, since: datetime) -> Changes:
        """The tasks that changed at or after `since`, the earliest change first.

        All of them in one answer: pages by the clock lose tasks that change meanwhile.
        """
        # Any other form, one without the fraction too, is answered with a 500.
        form = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        later = _is("updated_at", "greater_or_equal", "Datetime", form)
        return self._posted(project_id, _query(later) | {"ordering": ["tasks:updated_at"]})

    def _posted(self, project_id: int, query: dict[str, Any]) -> Changes:
        listed = self._list(
            project_id,
            include="id,meta,updated_at,total_annotations,cancelled_annotations",
            query=query,
        )
        tasks = [
            PostedTask(
                id=int(row["id"]),
                claim_id=payload.claim_id(row),
                content_hash=payload.pushed_hash(row),
                updated_at=payload.moment(row["updated_at"]),
                reviews=int(row["total_annotations"]),
                skipped=int(row["cancelled_annotations"]),
            )
            for row in listed.rows
        ]
        return Changes(tasks, listed.asked_at)

    def received(self, project_id: int, task_ids: Sequence[int]) -> list[ReceivedTask]:
        """Those of the tasks that exist, each with the whole set of its reviews."""
        return self._received(project_id, _query(_among(task_ids))).tasks

    def page(self, project_id: int, after: int, size: int) -> Page:
        """The first `size` tasks whose ids come after that one, by id, with their reviews.

        Where the next page starts depends on no other task: no change parts two pages.
        """
        behind = _query(_is("id", "greater", "Number", after))
        return self._received(project_id, behind | {"ordering": ["tasks:id"]}, page_size=size)

    def _received(
        self, project_id: int, query: dict[str, Any], page_size: int = _EVERYTHING
    ) -> Page:
        rows, asked_at = self._list(
            project_id,
            # A server that does not expand knows the plain names.
            include=",".join(
                ["id,data,meta,updated_at", *_OF_AN_ANNOTATION]
                + [f"annotations.{name}" for name in _OF_AN_ANNOTATION]
            ),
            query=query,
            fields="all",
            # Expanded, all annotations of a list share one serialiser; otherwise the server
            # makes a new one for each task, and takes more than twice as long.
            expand="annotations",
            page_size=page_size,
        )
        users = {
            user
            for row in rows
            for annotation in row["annotations"]
            if isinstance(user := annotation.get("completed_by"), int)
        }
        reviewers = self._names(users)
        return Page([payload.received_task(row, reviewers) for row in rows], asked_at)

    def submit_review(self, task_id: int, result: list[dict[str, Any]]) -> None:
        """Submit an annotation as the user that the token belongs to."""
        with self._asking("submit a review", writes=True):
            self._sdk.annotations.create(task_id, result=result, request_options=_ONCE)

    def link(self, project_id: int, task_id: int) -> str:
        """Where a person sees that task."""
        return f"{self.url}/projects/{project_id}/data?task={task_id}"

    def project_link(self, project_id: int) -> str:
        """Where a person finds the project."""
        return f"{self.url}/projects/{project_id}/data"

    def _names(self, users: set[int]) -> dict[int, str]:
        """The users' addresses by id, asked for again when an unknown one turns up."""
        if self._reviewers is None or not users <= self._reviewers.keys():
            with self._asking("list the reviewers"):
                rows = self._get("api/users/")
            self._reviewers = {int(row["id"]): str(row["email"]) for row in rows}
        return self._reviewers

    def _list(
        self,
        project_id: int,
        *,
        include: str,
        query: dict[str, Any],
        page_size: int = _EVERYTHING,
        **more: str,
    ) -> _Listed:
        with self._asking("list tasks"):
            answer = self._request(
                "GET",
                "api/tasks/",
                params={
                    "project": project_id,
                    "include": include,
                    "resolve_uri": "false",
                    "page_size": page_size,
                    "query": json.dumps(query),
                    **more,
                },
            )
            return _Listed(answer.json()["tasks"], _asked_at(answer))

    def _get(self, path: str, **params: Any) -> Any:
        return self._request("GET", path, params=params or None).json()

    def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        # The SDK's own HTTP client: its authorisation, its retries, and the answer unparsed.
        http = self._sdk._client_wrapper.httpx_client  # noqa: SLF001
        response: httpx.Response = http.request(path, method=method, **options)
        if response.status_code in (200, 404) and "html" in response.headers.get(
            "content-type", ""
        ):
            raise UnreachableError(
                f"What answers at {self.url} is not Label Studio: it sent a web page.",
                hint="Check LABEL_STUDIO_URL: the address up to, and without, /projects.",
            )
        if response.is_success:
            return response
        raise ApiError(status_code=response.status_code, body=response.text)

    @contextlib.contextmanager
    def _asking(self, what: str, *, writes: bool = False) -> Iterator[None]:
        """Turns what can go wrong while asking the server for `what` into our errors."""
        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
            raise UnreachableError(
                f"Label Studio at {self.url} does not answer.",
                hint="Start it with `factcheck server start`, or check LABEL_STUDIO_URL.",
            ) from error
        except (httpx.HTTPError, json.JSONDecodeError) as error:
            if writes:
                raise UncertainError(
                    f"The answer to «{what}» was lost ({type(error).__name__})."
                ) from error
            raise UnreachableError(
                f"Label Studio at {self.url} broke off while asked to {what} "
                f"({type(error).__name__}).",
                hint="Look at the server's log, then run this again: it goes on where it stopped.",
            ) from error
        except ApiError as error:
            raise self._refused(error, what, writes=writes) from error

    def _refused(self, error: ApiError, what: str, *, writes: bool) -> Exception:
        status = error.status_code or 0
        if status in (401, 403):
            return self._not_authorised(status)
        if status == 404:
            return _MissingError(f"Label Studio has nothing there, asked to {what}.")
        message = f"Label Studio at {self.url} answered {status}, asked to {what}: {_said(error)}"
        if writes and (status >= 500 or status in (408, 409, 429)):
            return UncertainError(message)
        return ServerError(message, hint="Look at the server's log; then run this again.")

    def _not_authorised(self, status: int) -> NotAuthorisedError:
        if self._token.count(".") == 2:
            kind = "personal access token"
            hint = "It may have expired or been revoked: make a new one under Account & Settings."
        else:
            kind = "legacy token"
            hint = (
                "Newer servers refuse legacy tokens unless the organisation allows them: make a "
                "personal access token under Account & Settings."
            )
        return NotAuthorisedError(
            f"Label Studio at {self.url} does not accept this {kind} ({status}).",
            hint=f"{hint} Put it into LABEL_STUDIO_API_KEY.",
        )


class _MissingError(ServerError):
    """404: there is nothing of that name."""


class _Listed(NamedTuple):
    """A list of tasks as the API has them, and the server's clock when it was asked for it."""

    rows: list[dict[str, Any]]
    asked_at: datetime | None


def _asked_at(answer: httpx.Response) -> datetime | None:
    """The server's clock when it was asked, or a little earlier; None if it does not say.

    The header has whole seconds, cut off, and is written when the answer is ready.
    """
    try:
        return parsedate_to_datetime(answer.headers["date"]).astimezone(UTC) - answer.elapsed
    except (KeyError, ValueError):
        return None


def _query(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"filters": {"conjunction": "and", "items": conditions}}


def _is(column: str, operator: str, kind: str, value: Any) -> dict[str, Any]:
    return {
        "filter": f"filter:tasks:{column}",
        "operator": operator,
        "type": kind,
        "value": value,
    }


def _among(task_ids: Sequence[int]) -> dict[str, Any]:
    return _is("id", "in_list", "List", list(task_ids))


def _said(error: ApiError) -> str:
    """The server's own words, short; its error pages are HTML."""
    body = error.body if isinstance(error.body, str) else json.dumps(error.body, default=str)
    return "an HTML page" if body.lstrip().startswith("<") else body[:300]
