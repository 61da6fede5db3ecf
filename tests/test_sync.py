"""`factcheck sync`: every review into the database, none lost and none doubled."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench import (
    CURES,
    OVERSTATED,
    SUPPORTED,
    TRIALS,
    UNSUPPORTED,
    Bench,
)
from factcheck.errors import UsageError
from factcheck.model import Provenance, Reason, Rule, Status, Verdict
from factcheck.review.adjudicate import adjudicate
from factcheck.review.settle import Policy

ANA, BEN = 0, 1


def test_before_the_first_push_there_is_nothing_to_sync(bench: Bench) -> None:
    with pytest.raises(UsageError, match="No claim has been put before the reviewers"):
        bench.sync()


def test_a_review_arrives_with_everything_that_was_said(each_pushed: Bench) -> None:
    said = replace(
        OVERSTATED,
        problem_words=("cures insomnia",),
        evidence=("https://example.org/trial",),
        note="Only one open-label study.",
    )
    each_pushed.review(ANA, CURES, said)
    report = each_pushed.sync()
    assert (report.tasks, report.created) == (3, 1)
    (review,) = each_pushed.reviews()
    assert review.reviewer == "ana@desk.example"
    assert review.verdict is Verdict.OVERSTATED
    assert review.reasons == [Reason.ABSOLUTE]
    assert review.problem_words == ["cures insomnia"]
    assert review.correction == said.correction
    assert review.evidence == ["https://example.org/trial"]
    assert review.note == "Only one open-label study."


def test_a_dry_run_counts_the_same_and_changes_nothing(each_pushed: Bench) -> None:
    each_pushed.review(ANA, CURES, OVERSTATED)
    each_pushed.review(BEN, TRIALS, replace(OVERSTATED, reasons=()))
    before = each_pushed.dump()
    with each_pushed.database.rehearsal() as rehearsal:
        told = replace(each_pushed, database=rehearsal).sync()
    assert each_pushed.dump() == before
    assert told == each_pushed.sync()


def test_reviewers_who_agree_decide_a_claim(pushed: Bench) -> None:
    pushed.review(ANA, CURES, OVERSTATED)
    pushed.sync()
    assert pushed.decision(CURES).status is Status.PENDING
    pushed.review(BEN, CURES, OVERSTATED)
    pushed.sync()
    decision = pushed.decision(CURES)
    assert (decision.status, decision.verdict) == (Status.DECIDED, Verdict.OVERSTATED)
    assert decision.provenance is Provenance.UNANIMOUS


def test_reviewers_who_differ_leave_it_disputed_unless_the_rule_says_otherwise(
    pushed: Bench,
) -> None:
    pushed.review(ANA, CURES, SUPPORTED)
    pushed.review(BEN, CURES, UNSUPPORTED)
    pushed.sync()
    assert pushed.decision(CURES).status is Status.DISPUTED
    pushed.sync(rule=Rule.STRICTEST, full=True)
    assert pushed.decision(CURES).verdict is Verdict.UNSUPPORTED


def test_tasks_that_people_made_are_reported_and_left_out(pushed: Bench) -> None:
    task = pushed.by_hand()
    pushed.review(ANA, "By hand.", SUPPORTED, task=task)
    report = pushed.sync()
    assert report.foreign == 1
    assert pushed.reviews() == []
    assert pushed.sync().foreign == 1


class TestRulings:
    """An editor's word stands over the reviews."""

    def test_a_star_with_a_note_is_a_ruling(self, each_pushed: Bench) -> None:
        each_pushed.review(ANA, CURES, SUPPORTED)
        star = replace(UNSUPPORTED, note="No trial lasted three days.")
        each_pushed.review(BEN, CURES, star, ground_truth=True)
        each_pushed.sync()
        decision = each_pushed.decision(CURES)
        assert (decision.verdict, decision.provenance) == (
            Verdict.UNSUPPORTED,
            Provenance.ADJUDICATED,
        )
        assert decision.note == "No trial lasted three days."

    def test_a_star_without_a_note_is_reported_and_rules_nothing(self, pushed: Bench) -> None:
        pushed.review(BEN, CURES, UNSUPPORTED, ground_truth=True)
        report = pushed.sync()
        assert len(report.stars_without_note) == 1
        assert pushed.decision(CURES).provenance is None

    def test_taking_the_star_off_withdraws_the_ruling(self, pushed: Bench) -> None:
        star = replace(UNSUPPORTED, note="No trial lasted three days.")
        annotation = pushed.review(BEN, CURES, star, ground_truth=True)
        pushed.sync()
        pushed.server._sdk.annotations.update(annotation, ground_truth=False)
        pushed.sync()
        assert pushed.decision(CURES).status is Status.PENDING

    def test_a_later_review_that_contradicts_a_ruling_is_reported(self, pushed: Bench) -> None:
        adjudicate(
            pushed.database,
            Policy(2, Rule.UNANIMOUS),
            pushed.claim_id(CURES),
            Verdict.UNSUPPORTED,
            editor="eva@desk.example",
            note="There is no such trial.",
        )
        pushed.review(ANA, CURES, SUPPORTED)
        report = pushed.sync()
        assert report.contradicted == [pushed.claim_id(CURES)]
        decision = pushed.decision(CURES)
        assert (decision.verdict, decision.note) == (
            Verdict.UNSUPPORTED,
            "There is no such trial.",
        )
