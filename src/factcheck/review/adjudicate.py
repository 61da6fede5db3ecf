"""An editor's ruling on a claim."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from factcheck.errors import UsageError
from factcheck.model import Decision, Verdict
from factcheck.review.settle import Policy, counted, rule_on, settle
from factcheck.store import queries
from factcheck.store.engine import Database
from factcheck.store.tables import Claim, Ruling


def adjudicate(
    database: Database,
    policy: Policy,
    claim_id: str,
    verdict: Verdict | None,
    *,
    editor: str,
    note: str,
    correction: str | None = None,
    evidence: Sequence[str] = (),
) -> Decision:
    """Rule on a claim (None: it is no checkable claim); the ruling stands from now on.

    It overrides the reviews, and no later sync changes it. The same ruling again changes
    nothing. Raises UsageError for an unknown claim, a ruling without a note or an editor, and
    one that finds a claim overstated where nobody has said how it should read.
    """
    editor, note = editor.strip(), note.strip()
    if not note:
        raise UsageError(
            "A ruling needs a note.", hint='Say why: --note "what the ruling rests on"'
        )
    if not editor:
        raise UsageError(
            "A ruling needs the name of the editor who makes it.",
            hint='Say who: --editor "Mara", or set FACTCHECK_EDITOR.',
        )
    correction = (correction or "").strip() or None
    links = [link.strip() for link in evidence if link.strip()]
    wanted = (editor, verdict, note, correction, links)
    with database.sessions.begin() as session:
        claim = session.get(Claim, claim_id)
        if claim is None:
            raise UsageError(
                f"There is no claim {claim_id}.",
                hint="`factcheck claims ARTICLE` lists the claims of an article with their ids.",
            )
        if verdict is Verdict.OVERSTATED and not correction:
            reviews, _ = counted(queries.known_reviews(session, [claim_id]).get(claim_id, []))
            if not any(r.judgement.correction for r in reviews if r.judgement.verdict is verdict):
                raise UsageError(
                    "A claim that is overstated needs its correction, and no review has one.",
                    hint='Say how it should read: --correction "…"',
                )
        standing = queries.rulings(session, [claim_id]).get(claim_id)
        if standing is None or wanted != _said(standing):
            rule_on(
                session,
                Ruling(
                    claim_id=claim_id,
                    editor=editor,
                    verdict=verdict,
                    note=note,
                    correction=correction,
                    evidence=links,
                    review_id=None,
                    ruled_at=datetime.now(UTC),
                    superseded_at=None,
                ),
            )
        settle(session, policy, [claim_id])
        return queries.decision_of(queries.decisions(session, [claim_id])[claim_id])


def _said(ruling: Ruling) -> tuple[str, Verdict | None, str, str | None, list[str]]:
    return ruling.editor, ruling.verdict, ruling.note, ruling.correction, list(ruling.evidence)


def verdict_of(given: str) -> Verdict | None:
    """The verdict of that name, None for `not_checkable`; UsageError for any other word."""
    if given == "not_checkable":
        return None
    try:
        return Verdict(given)
    except ValueError as error:
        raise UsageError(
            f"There is no verdict {given}.",
            hint=f"Say one of: {', '.join(Verdict)}, not_checkable.",
        ) from error


def find_claim(database: Database, given: str) -> str:
    """The id of the claim that `given` starts, so that a few characters will do.

    Raises UsageError where none or several do.
    """
    with database.reading() as session:
        found = session.scalars(
            sa.select(Claim.id)
            .where(Claim.id.startswith(given, autoescape=True))
            .order_by(Claim.id)
            .limit(4)
        ).all()
    if len(found) == 1:
        return found[0]
    told = ", ".join(found[:3]) + (", …" if len(found) > 3 else "")
    raise UsageError(
        f"Several claims start with {given}: {told}" if found else f"There is no claim {given}.",
        hint="`factcheck claims ARTICLE` lists the claims of an article with their ids.",
    )
