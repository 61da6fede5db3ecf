"""The whole walk on the demo's articles, with a Label Studio of its own and two reviewers."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from factcheck import bundled
from factcheck.desk import Desk
from factcheck.errors import UsageError
from factcheck.exports.export import ExportReport, export
from factcheck.labelstudio import payload
from factcheck.labelstudio.local import Reviewer, ServerState
from factcheck.model import Judgement, Reason, Verdict
from factcheck.review.ingest import ingest
from factcheck.review.push import push
from factcheck.review.status import DeskStatus, checked_claims, last_cursor, status
from factcheck.review.sync import sync
from factcheck.store import queries
from factcheck.store.engine import Database


@dataclass(frozen=True, slots=True)
class DemoReport:
    """Where the desk stands after the demo, what was written, and how to log in.

    `server` is None where the demo stopped the server again.
    """

    status: DeskStatus
    exported: ExportReport
    reviewers: tuple[Reviewer, ...]
    server: ServerState | None
    project_link: str


def demo(
    desk: Desk,
    *,
    keep: bool,
    say: Callable[[str], None],
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> DemoReport:
    """Ingest, push, review as two people, sync and export; run again, it ends the same.

    Uses the desk's local server whatever the settings say, and stops it again unless it ran
    before or `keep` says so. Raises UsageError on a desk that holds articles of its own.
    """
    seeds = bundled.path("seeds")
    with desk.database() as database:
        _refuse_real_desk(database, seeds)
        local = desk.local_server
        was_running = local.status().running
        state = local.start(say)
        try:
            return _walk(desk, database, seeds, state, keep or was_running, say, progress)
        finally:
            if not (keep or was_running):
                say("Stopping Label Studio")
                local.stop()


def _refuse_real_desk(database: Database, seeds: Path) -> None:
    names = {file.name for file in seeds.glob("*.txt")}
    with database.reading() as session:
        others = sorted(set(queries.sources(session).values()) - names)
    if others:
        raise UsageError(
            f"This desk has articles of its own, such as {others[0]}.",
            hint="Run the demo in an empty folder, so that the two don't mix.",
        )


def _walk(
    desk: Desk,
    database: Database,
    seeds: Path,
    state: ServerState,
    stays: bool,
    say: Callable[[str], None],
    progress: Callable[[int, int], None],
) -> DemoReport:
    from factcheck.labelstudio.client import LabelStudio

    url, token = str(state.url), str(state.token)
    demo_reviews = _read_reviews(seeds / "reviews.jsonl")
    say("Cutting the articles into claims")
    ingest(database, seeds)
    say("Putting the claims before the reviewers")
    with database.lock("demo"):
        server = LabelStudio(url, token)
        pushed = push(
            database,
            server,
            title=desk.settings.desk,
            labeling=desk.labeling,
            reviews_per_claim=desk.settings.reviews_per_claim,
        )
        project_id = int(pushed.project_id or 0)
        reviewers = []
        for email in sorted(demo_reviews):
            say(f"Reviewing as {email}")
            reviewer = desk.local_server.add_reviewer(email)
            reviewers.append(reviewer)
            own = LabelStudio(url, reviewer.token)
            _submit(database, own, project_id, email, demo_reviews[email], progress)
            own.close()
        say("Fetching the reviews and deciding")
        sync(database, server, desk.policy)
        link = server.project_link(project_id)
        server.close()
    say("Writing the exports")
    exported = export(
        checked_claims(database),
        desk.settings.exports,
        cursor=last_cursor(database),
        allow_incomplete=True,
    )
    return DemoReport(
        status=status(database),
        exported=exported,
        reviewers=tuple(reviewers),
        server=state if stays else None,
        project_link=link,
    )


def _read_reviews(file: Path) -> dict[str, dict[tuple[str, str, int], Judgement]]:
    """The demo's reviews by reviewer; a claim is named by article, words and occurrence."""
    reviews: defaultdict[str, dict[tuple[str, str, int], Judgement]] = defaultdict(dict)
    for line in file.read_text(encoding="utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        key = (row["article"], row["claim"], row["occurrence"])
        reviews[row["reviewer"]][key] = Judgement(
            verdict=Verdict(row["verdict"]) if row["verdict"] else None,
            not_checkable=row["not_checkable"],
            reasons=tuple(Reason(reason) for reason in row["reasons"]),
            problem_words=tuple(row["problem_words"]),
            correction=row["correction"],
            evidence=tuple(row["evidence"]),
            note=row["note"],
        )
    return dict(reviews)


def _submit(
    database: Database,
    server: Any,
    project_id: int,
    email: str,
    judgements: dict[tuple[str, str, int], Judgement],
    progress: Callable[[int, int], None],
) -> None:
    """Submit, through the API, what this reviewer has not submitted yet."""
    with database.reading() as session:
        project = queries.live_project(session)
        tasks = queries.live_tasks(session, project.id) if project else []
        claims = {}
        for revision_id in queries.current_revisions(session):
            stored = queries.stored_article(session, revision_id)
            for claim in stored.claims:
                claims[claim.id] = (stored.article.source, claim.text, claim.occurrence)
    ids = {task.claim_id: task.server_id for task in tasks if task.server_id is not None}
    received = server.received(project_id, list(ids.values()))
    done = {
        task.claim_id
        for task in received
        if any(review.reviewer == email for review in task.reviews)
    }
    for number, (claim_id, task_id) in enumerate(ids.items()):
        progress(number, len(ids))
        words = claims.get(claim_id)
        if claim_id in done or words is None or words not in judgements:
            continue
        server.submit_review(task_id, payload.result(judgements[words], words[1]))
    progress(len(ids), len(ids))
