"""A desk in a database, with reviews as a sync leaves them there, and no Label Studio."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from factcheck.exports.export import ExportReport, export
from factcheck.model import CheckedClaim, Claim, Decision, Judgement, Reason, Rule, Verdict
from factcheck.review.adjudicate import adjudicate
from factcheck.review.ingest import IngestReport, ingest
from factcheck.review.settle import Policy, settle
from factcheck.review.status import checked_claims, last_cursor
from factcheck.store import queries
from factcheck.store.engine import Database
from factcheck.store.tables import (
    Base,
    Batch,
    Event,
    Judged,
    Project,
    Review,
    ReviewEvent,
    ReviewState,
    SyncRun,
    Task,
)

TWO_AGREE = Policy(reviews_per_claim=2, rule=Rule.UNANIMOUS)

SUPPORTED = Judgement(verdict=Verdict.SUPPORTED, evidence=("https://example.org/trial",))
OVERSTATED = Judgement(
    verdict=Verdict.OVERSTATED,
    reasons=(Reason.ABSOLUTE,),
    correction="It may help some people.",
)
UNSUPPORTED = Judgement(verdict=Verdict.UNSUPPORTED, note="No trial says so.")
NOT_CHECKABLE = Judgement(not_checkable=True)

TEA = """\
Tea and sleep

Green tea cures insomnia in three days. Two small trials found that it shortens the time to \
fall asleep.

A cup of black tea holds about 50 mg of caffeine.
"""
CURES = "Green tea cures insomnia in three days."
TRIALS = "Two small trials found that it shortens the time to fall asleep."
CAFFEINE = "A cup of black tea holds about 50 mg of caffeine."

COFFEE = """\
Coffee and the heart

Coffee lowers blood pressure in every adult.
"""
LOWERS = "Coffee lowers blood pressure in every adult."

EDITED = TEA.replace("about 50 mg", "about 45 mg")


@dataclass
class DeskBuilder:
    """Does to a database what the commands do, and for `sync` what it would."""

    database: Database
    articles: Path
    policy: Policy = TWO_AGREE

    def write(self, text: str = TEA, name: str = "tea.txt") -> IngestReport:
        """Put an article into the folder, and ingest the folder."""
        self.articles.mkdir(exist_ok=True)
        (self.articles / name).write_text(text, encoding="utf-8")
        return ingest(self.database, self.articles, self.policy)

    def claims(self) -> list[Claim]:
        """The live claims, in reading order."""
        with self.database.reading() as session:
            revisions = queries.current_revisions(session)
            return [c for r in revisions for c in queries.stored_article(session, r).claims]

    def claim_id(self, text: str) -> str:
        """The live claim of these words."""
        return next(claim.id for claim in self.claims() if claim.text == text)

    def checked(self, claim_id: str) -> CheckedClaim:
        """All that the desk says of a claim."""
        return next(c for c in checked_claims(self.database) if c.claim.id == claim_id)

    def review(self, claim_id: str, reviewer: str, judgement: Judgement) -> None:
        """A sync brings a review: a new one, or a change of what the reviewer said before."""
        self._sync([(claim_id, reviewer, judgement)])

    def delete_review(self, claim_id: str, reviewer: str) -> None:
        """A sync finds that a review was deleted in Label Studio."""
        self._sync([(claim_id, reviewer, None)])

    def _sync(self, reviews: Sequence[tuple[str, str, Judgement | None]]) -> None:
        now = datetime.now(UTC)
        with self.database.sessions.begin() as session:
            tasks = _tasks(session, [claim_id for claim_id, _, _ in reviews], now)
            run = SyncRun(
                project_id=next(iter(tasks.values())).project_id,
                full=False,
                cursor_at=now,
                started_at=now,
                finished_at=now,
                report={},
            )
            session.add(run)
            for claim_id, reviewer, judgement in reviews:
                review_id = _review_id(claim_id, reviewer)
                review = session.get(Review, review_id)
                event = Event.CHANGED if review else Event.CREATED
                if review is None:
                    review = Review(
                        id=review_id,
                        task_id=tasks[claim_id].id,
                        claim_id=claim_id,
                        annotation_id=1,
                        reviewer=reviewer,
                        server_created_at=now,
                        recorded_at=now,
                    )
                    session.add(review)
                if judgement is None:
                    event, review.state = Event.DELETED, ReviewState.DELETED
                else:
                    for name, value in _columns(judgement, now).items():
                        setattr(review, name, value)
                session.flush()
                judged = {name: getattr(review, name) for name in Judged.__annotations__}
                session.add(
                    ReviewEvent(
                        review_id=review_id,
                        sync_run_id=run.id,
                        event=event,
                        recorded_at=now,
                        **judged,
                    )
                )
            session.flush()
            settle(session, self.policy, sorted(tasks))

    def agree(self, judgement: Judgement = SUPPORTED, *texts: str) -> None:
        """Ana and Ben say the same of these live claims (of all)."""
        claims = [claim.id for claim in self.claims() if not texts or claim.text in texts]
        self._sync([(claim, who, judgement) for claim in claims for who in ("ana", "ben")])

    def rule(self, claim_id: str, verdict: Verdict | None, **said: Any) -> Decision:
        """Mara, the editor, rules on a claim."""
        options = {"editor": "mara", "note": "Read all three trials."} | said
        return adjudicate(self.database, self.policy, claim_id, verdict, **options)

    def export(
        self, folder: Path, *, as_of: datetime | None = None, **options: bool
    ) -> ExportReport:
        """Write the exports, of now or of an earlier time."""
        return export(
            checked_claims(self.database, as_of),
            folder,
            cursor=last_cursor(self.database, as_of),
            **options,
        )

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        with self.database.reading() as session:
            return {
                table.name: sorted(map(tuple, session.execute(sa.select(table))), key=repr)
                for table in Base.metadata.sorted_tables
            }


def begun(database: Database, folder: Path) -> DeskBuilder:
    """A desk on which tea.txt is finished, and one claim of coffee.txt is pending."""
    builder = DeskBuilder(database, folder / "articles")
    builder.write(TEA, "tea.txt")
    builder.write(COFFEE, "coffee.txt")
    builder.agree(OVERSTATED, CURES)
    builder.agree(SUPPORTED, TRIALS)
    builder.agree(UNSUPPORTED, CAFFEINE)
    return builder


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below `folder`, hidden ones too."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def _review_id(claim_id: str, reviewer: str) -> str:
    return "r" + hashlib.sha256(f"{claim_id} {reviewer}".encode()).hexdigest()[:16]


def _columns(judgement: Judgement, now: datetime) -> dict[str, Any]:
    return {
        **asdict(judgement),
        "state": ReviewState.SUBMITTED,
        "reasons": [str(reason) for reason in judgement.reasons],
        "problem_words": list(judgement.problem_words),
        "evidence": list(judgement.evidence),
        "ground_truth": False,
        "said": [],
        "server_updated_at": now,
    }


def _tasks(session: Session, claim_ids: Sequence[str], now: datetime) -> dict[str, Task]:
    """The tasks of these claims, put before the reviewers if that was not done before."""
    project = queries.live_project(session)
    if project is None:
        project = Project(
            marker="a desk under test",
            url="http://127.0.0.1:9",
            title="Desk",
            server_id=1,
            created_at=now,
        )
        session.add(project)
        session.flush()
    there = queries.ledger(session, project.id)
    tasks = {task.claim_id: task for task in there if task.claim_id in claim_ids}
    new = list(dict.fromkeys(claim for claim in claim_ids if claim not in tasks))
    shown = queries.last_revisions(session, new)
    if new:
        batch = Batch(id=f"batch {len(there)}", project_id=project.id, created_at=now)
        session.add(batch)
        session.flush()
        for server_id, claim_id in enumerate(new, start=len(there) + 1):
            tasks[claim_id] = Task(
                project_id=project.id,
                claim_id=claim_id,
                revision_id=shown[claim_id],
                batch_id=batch.id,
                content_hash="0" * 64,
                server_id=server_id,
                created_at=now,
            )
        session.add_all(tasks.values())
        session.flush()
    return tasks
