"""The whole walk on the demo's articles, with a Label Studio of its own and two reviewers."""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from factcheck.labelstudio.client import LabelStudio


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

    with (
        database.lock("demo"),
        contextlib.closing(LabelStudio(str(state.url), str(state.token))) as server,
    ):
        say("Cutting the articles into claims")
        ingest(database, seeds, desk.policy)
        say("Putting the claims before the reviewers")
        pushed = push(
            database,
            server,
            title=desk.settings.desk,
            labeling=desk.labeling,
            reviews_per_claim=desk.settings.reviews_per_claim,
        )
        reviewers = submit_demo_reviews(desk, database, say=say, progress=progress)
        say("Fetching the reviews and deciding")
        sync(database, server, desk.policy)
        link = server.project_link(int(pushed.project_id or 0))
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
        reviewers=reviewers,
        server=state if stays else None,
        project_link=link,
    )


def submit_demo_reviews(
    desk: Desk,
    database: Database,
    *,
    say: Callable[[str], None],
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[Reviewer, ...]:
    """Submit the demo's reviews to the local server, each as its reviewer, through the API.

    What a reviewer has submitted already is left as it is. Returns the reviewers' accounts.
    """
    from factcheck.labelstudio.client import LabelStudio

    reviews = _read_reviews(bundled.path("seeds/reviews.jsonl"))
    accounts = []
    for email, judgements in sorted(reviews.items()):
        say(f"Reviewing as {email}")
        account = desk.local_server.add_reviewer(email)
        url = str(desk.local_server.status().url)
        with contextlib.closing(LabelStudio(url, account.token)) as reviewer:
            _submit(database, reviewer, email, judgements, progress)
        accounts.append(account)
    return tuple(accounts)


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
    reviewer: LabelStudio,
    email: str,
    judgements: dict[tuple[str, str, int], Judgement],
    progress: Callable[[int, int], None],
) -> None:
    with database.reading() as session:
        project = queries.live_project(session)
        tasks = queries.ledger(session, project.id) if project else []
        words = {
            claim.id: (stored.article.source, claim.text, claim.occurrence)
            for revision_id in queries.current_revisions(session)
            for stored in [queries.stored_article(session, revision_id)]
            for claim in stored.claims
        }
    if project is None or project.server_id is None:
        return
    there = {task.claim_id: task.server_id for task in tasks if task.server_id is not None}
    done = {
        task.claim_id
        for task in reviewer.received(project.server_id, list(there.values()))
        if any(review.reviewer == email for review in task.reviews)
    }
    waiting = [claim for claim in there if claim not in done and words.get(claim) in judgements]
    for number, claim_id in enumerate(waiting):
        progress(number, len(waiting))
        said = payload.result(judgements[words[claim_id]], words[claim_id][1])
        reviewer.submit_review(there[claim_id], said)
    progress(len(waiting), len(waiting))
