"""A desk on the session's Label Studio, for tests of push and sync: a bench to work at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from label_studio_sdk.core.api_error import ApiError

from factcheck import bundled
from factcheck.labelstudio import payload
from factcheck.labelstudio.client import LabelStudio
from factcheck.labelstudio.local import Reviewer
from factcheck.model import Claim, Judgement, PostedTask, Reason, ReceivedTask, Rule, Verdict
from factcheck.review.ingest import IngestReport, ingest
from factcheck.review.push import PushReport, push
from factcheck.review.settle import Policy
from factcheck.review.sync import SyncReport, sync
from factcheck.store import queries
from factcheck.store.engine import Database
from factcheck.store.tables import Review, ReviewEvent

SUPPORTED = Judgement(verdict=Verdict.SUPPORTED)
UNSUPPORTED = Judgement(verdict=Verdict.UNSUPPORTED, correction="Nobody knows.")
OVERSTATED = Judgement(
    verdict=Verdict.OVERSTATED, reasons=(Reason.ABSOLUTE,), correction="It may help some people."
)

ARTICLE = """Tea and sleep

Green tea cures insomnia in three days. Two small trials found that it shortens the time to \
fall asleep.

A cup of black tea holds about 50 mg of caffeine."""
CURES = "Green tea cures insomnia in three days."
TRIALS = "Two small trials found that it shortens the time to fall asleep."
CAFFEINE = "A cup of black tea holds about 50 mg of caffeine."

# The second claim leans on the first.
HONEY = "Honey and coughs\n\nHoney calms the throat at night. It never does harm.\n"
CALMS = "Honey calms the throat at night."
HARM = "It never does harm."
THINS = "Honey thins the blood at night."
HONEY_EDITED = HONEY.replace(CALMS, THINS)


@dataclass
class Bench:
    """A database, a server and a folder of articles, with the commands on them."""

    database: Database
    server: LabelStudio
    articles: Path
    accounts: Sequence[Reviewer]
    clients: dict[str, LabelStudio] = field(default_factory=dict)

    def write(self, text: str = ARTICLE, name: str = "tea.txt") -> IngestReport:
        """Put an article into the folder and ingest it."""
        (self.articles / name).write_text(text, encoding="utf-8")
        return ingest(self.database, self.articles, Policy(2, Rule.UNANIMOUS))

    def push(self, server: Any = None, **options: Any) -> PushReport:
        settings = {
            "title": "A desk under test",
            "labeling": bundled.path("configs/labeling.xml").read_text(encoding="utf-8"),
            "reviews_per_claim": 2,
        }
        return push(self.database, server or self.server, **(settings | options))

    def sync(
        self, server: Any = None, *, rule: Rule = Rule.UNANIMOUS, full: bool = False
    ) -> SyncReport:
        return sync(self.database, server or self.server, Policy(2, rule), full=full)

    @property
    def project_id(self) -> int:
        with self.database.reading() as session:
            project = queries.live_project(session)
        assert project is not None
        assert project.server_id is not None
        return project.server_id

    def claims(self) -> list[str]:
        """The words of every live claim, in order."""
        return [claim.text for claim in self._claims()]

    def claim_id(self, text: str) -> str:
        return next(claim.id for claim in self._claims() if claim.text == text)

    def _claims(self) -> list[Claim]:
        with self.database.reading() as session:
            revisions = queries.current_revisions(session)
            return [c for r in revisions for c in queries.stored_article(session, r).claims]

    def posted(self) -> list[PostedTask]:
        """The tasks that Label Studio has."""
        return self.server.tasks(self.project_id)

    def posted_claims(self) -> list[str | None]:
        """The claims that these tasks show; one that has two tasks stands there twice."""
        return sorted((task.claim_id for task in self.posted()), key=str)

    def task_id(self, text: str) -> int:
        """Label Studio's id of the one task of a claim."""
        (task,) = [t for t in self.posted() if t.claim_id == self.claim_id(text)]
        return task.id

    def received(self, text: str) -> ReceivedTask:
        return self.server.received(self.project_id, [self.task_id(text)])[0]

    def review(
        self,
        who: int,
        text: str,
        said: Judgement | list[Any],
        *,
        task: int | None = None,
        **more: Any,
    ) -> int:
        """Submit a review as Ana (0) or Ben (1), through the API; the annotation's id.

        It is one of the claim's only task, or of that `task`.
        """
        created = self.as_reviewer(who)._sdk.annotations.create(
            task or self.task_id(text), result=_result(said, text), **more
        )
        assert created.id is not None
        return int(created.id)

    def say_instead(
        self, who: int, annotation: int, text: str, said: Judgement | list[Any], **more: Any
    ) -> None:
        """Change what Ana (0) or Ben (1) has submitted."""
        self.as_reviewer(who)._sdk.annotations.update(
            annotation, result=_result(said, text), **more
        )

    def delete_task(self, text: str) -> None:
        """Delete the task of a claim in Label Studio."""
        self.server._sdk.tasks.delete(str(self.task_id(text)))

    def alter(self, text: str, to: str = "Tea is a drink.") -> None:
        """Change what the task of a claim shows, as somebody in Label Studio can."""
        task = str(self.task_id(text))
        data = self.server._sdk.tasks.get(task).data
        self.server._sdk.tasks.update(task, data=data | {"claim": to})

    def double(self, task_id: int) -> int:
        """Make a copy of a task, as an export that is imported again does; its id."""
        task = self.server._sdk.tasks.get(str(task_id))
        return self._import({"data": task.data, "meta": task.meta})

    def handed(self, who: int) -> str | None:
        """The claim that Ana (0) or Ben (1) gets next in Label Studio, as the page asks for it."""
        try:
            task = (
                self.as_reviewer(who)
                ._request(
                    "POST",
                    "api/dm/actions",
                    params={"id": "next_task", "project": self.project_id},
                    json={
                        "project": str(self.project_id),
                        "ordering": [],
                        "selectedItems": {"all": False, "included": []},
                        "filters": {"conjunction": "and", "items": []},
                    },
                )
                .json()
            )
        except ApiError as error:
            if error.status_code != 404:
                raise
            return None
        return str(task["data"]["claim"])

    def requests(self) -> list[str]:
        """Every request that this desk's server gets from here on, as it comes."""
        seen: list[str] = []

        def note(request: httpx.Request) -> None:
            seen.append(f"{request.method} {request.url.path}")

        self.server._http.event_hooks["request"].append(note)
        return seen

    def views(self) -> list[dict[str, Any]]:
        """The views that the project has in the Data Manager."""
        found: list[dict[str, Any]] = self.server._get("api/dm/views/", project=self.project_id)
        return found

    def by_hand(self) -> int:
        """A task that somebody made in Label Studio; its id."""
        fields = ("article_title", "lead_in", "claim", "context_html")
        return self._import({"data": dict.fromkeys(fields, "By hand.")})

    def _import(self, task: dict[str, Any]) -> int:
        answer = self.server._request(
            "POST",
            f"api/projects/{self.project_id}/import",
            params={"return_task_ids": "true"},
            json=[task],
        )
        return int(answer.json()["task_ids"][0])

    def as_reviewer(self, who: int) -> LabelStudio:
        account = self.accounts[who]
        if account.email not in self.clients:
            self.clients[account.email] = LabelStudio(self.server.url, account.token)
        return self.clients[account.email]

    def decision(self, text: str) -> Any:
        with self.database.reading() as session:
            return queries.decisions(session).get(self.claim_id(text))

    def reviews(self) -> list[Review]:
        """Every review in the order in which they were made; a sync brings several at once."""
        with self.database.reading() as session:
            return list(session.scalars(sa.select(Review).order_by(Review.server_created_at)))

    def events(self) -> list[str]:
        """What happened to reviews so far, in order."""
        with self.database.reading() as session:
            return [
                str(e)
                for e in session.scalars(sa.select(ReviewEvent.event).order_by(ReviewEvent.id))
            ]

    def cursor(self) -> datetime | None:
        with self.database.reading() as session:
            project = queries.live_project(session)
        return project.cursor_at if project else None

    def dump(self) -> dict[str, list[Any]]:
        """Every row of the database but the log of sync runs, to see whether anything changed."""
        with self.database.reading() as session:
            tables = sa.MetaData()
            tables.reflect(session.connection())
            return {
                table.name: session.execute(sa.select(table).order_by(*table.primary_key)).all()
                for table in tables.sorted_tables
                if table.name != "sync_runs"
            }

    def end_state(self) -> dict[str, list[Any]]:
        """What it comes to, on the server and in the database, for two desks to be compared.

        Without times and ids, and without the logs of what it took: runs of sync, batches, and
        tasks that never were on the server.
        """
        tasks = self.posted()
        claims = {task.id: task.claim_id for task in tasks}
        with self.database.reading() as session:
            project = queries.live_project(session)
            assert project is not None
            everywhere = self.server._get("api/projects/", page_size=10_000, include="description")
            state: dict[str, list[Any]] = {
                "on the server": [(t.claim_id, t.reviews, t.skipped) for t in tasks],
                "projects of ours": [
                    True for p in everywhere["results"] if project.marker in p["description"]
                ],
            }
            tables = sa.MetaData()
            tables.reflect(session.connection())
            for table in tables.sorted_tables:
                if table.name in _LOGS:
                    continue
                rows = session.execute(sa.select(table)).mappings().all()
                if table.name == "tasks":
                    rows = [r for r in rows if r["server_id"] or not r["removed_at"]]
                    state["ledger"] = [
                        (r["claim_id"], claims.get(r["server_id"]))
                        for r in rows
                        if not r["removed_at"]
                    ]
                told = [c.name for c in table.columns if c.name not in _SURROGATES]
                state[table.name] = [
                    {n: bool(r[n]) if n.endswith("_at") else r[n] for n in told} for r in rows
                ]
        return {name: sorted(rows, key=repr) for name, rows in state.items()}


def _result(said: Judgement | list[Any], text: str) -> list[Any]:
    return payload.result(said, text) if isinstance(said, Judgement) else said


_LOGS = {"alembic_version", "batches", "sync_runs"}
_SURROGATES = {
    *("id", "marker", "server_id", "project_id", "batch_id", "task_id", "sync_run_id"),
    *("annotation_id", "review_id", "revision_id", "url"),
}


class CrashError(BaseException):
    """The process ends here."""


class Broken:
    """A server one of whose methods goes wrong; everything else reaches the real one."""

    def __init__(self, server: LabelStudio, method: str, wrong: Callable[..., Any]) -> None:
        self._server = server
        self._method = method
        self._wrong = wrong

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._server, name)
        return (
            (lambda *args, **kw: self._wrong(real, *args, **kw)) if name == self._method else real
        )
