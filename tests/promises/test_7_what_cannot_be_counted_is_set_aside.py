"""Promise 7: what Label Studio accepts and the desk cannot count is set aside.

Stored and reported with a link at every sync, never dropped and never counted; mended in Label
Studio, it counts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bench import CAFFEINE, CURES, OVERSTATED, SUPPORTED, TRIALS, UNSUPPORTED, Bench
from factcheck.model import Judgement, Status
from factcheck.review.status import checked_claims, status

ANA, BEN = 0, 1


def problems(bench: Bench, report: Any) -> list[tuple[str, str]]:
    return sorted((aside.reviewer.partition("@")[0], aside.problem) for aside in report.set_aside)


def answer(name: str, *values: Any, kind: str = "choices") -> dict[str, Any]:
    """What a control of the page submits."""
    return {"from_name": name, "to_name": "claim", "type": kind, "value": {kind: list(values)}}


def marked(words: str) -> dict[str, Any]:
    """These words marked as those at fault."""
    value = {"start": 0, "end": len(words), "text": words, "labels": ["words at fault"]}
    return {"from_name": "problem", "to_name": "claim", "type": "labels", "value": value}


# By what is wrong: what somebody submits through the API, or on a page that was altered.
WRONG: dict[str, list[tuple[str, Judgement | list[Any]]]] = {
    "unknown_verdict": [
        ("an unknown verdict", [answer("verdict", "banana")]),
        ("a verdict in capitals", [answer("verdict", "SUPPORTED")]),
        ("a verdict with a NUL", [answer("verdict", "suppor\0ted ")]),
    ],
    "no_verdict": [
        ("nothing at all", []),
        ("all but a verdict", [answer("note", "It is so.", kind="text")]),
        ("an empty verdict", [answer("verdict")]),
    ],
    "several_verdicts": [
        ("two verdicts at once", [answer("verdict", "supported", "unsupported")]),
        ("two answers", [answer("verdict", "supported"), answer("verdict", "supported")]),
    ],
    "unknown_reason": [
        ("a reason of their own", [answer("verdict", "overstated"), answer("reasons", "mood")]),
    ],
    "no_reason": [("overstated without a reason", replace(OVERSTATED, reasons=()))],
    "no_correction": [
        ("overstated without a correction", replace(OVERSTATED, correction=None)),
        ("a correction that is the claim itself", replace(OVERSTATED, correction=CURES + " ")),
    ],
    "contradictory": [
        ("supported, with reasons", [answer("verdict", "supported"), answer("reasons", "absolute")])
    ],
    "malformed": [
        ("a control that the page does not have", [answer("mood", "bad")]),
        ("words that are not in the claim", [answer("verdict", "supported"), marked("tea leaf")]),
        ("a control without a value", [{"from_name": "verdict", "type": "choices"}]),
        ("a verdict that is a number", [answer("verdict", 3)]),
    ],
}


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        pytest.param(problem, said, id=name)
        for problem, cases in WRONG.items()
        for name, said in cases
    ],
)
def test_it_is_told_with_a_link_and_counts_once_it_is_mended(
    pushed: Bench, problem: str, said: Judgement | list[Any]
) -> None:
    annotation = pushed.review(ANA, CURES, said)
    report = pushed.sync()
    assert problems(pushed, report) == [("ana", problem)]
    assert report.set_aside[0].claim_id == pushed.claim_id(CURES)
    assert report.set_aside[0].link == pushed.server.link(pushed.project_id, pushed.task_id(CURES))
    assert report.has_findings
    decision = pushed.decision(CURES)
    assert (decision.status, decision.reviewers) == (Status.PENDING, [])
    assert [str(review.problem) for review in pushed.reviews()] == [problem]

    pushed.say_instead(ANA, annotation, CURES, SUPPORTED)
    assert pushed.sync().set_aside == []
    assert pushed.decision(CURES).reviewers == ["ana@desk.example"]
    assert pushed.decision(CURES).supported == 1


def test_all_of_it_is_kept_word_for_word_and_told_again_until_it_is_mended(
    each_pushed: Bench,
) -> None:
    bench = each_pushed
    cases = [cases[-1] for cases in WRONG.values()] + WRONG["unknown_verdict"]
    for number, (_, said) in enumerate(cases):
        bench.review(number % 2, (CURES, TRIALS)[number // 2 % 2], said)
    for full in (False, False, True):
        report = bench.sync(full=full)
        assert len(report.set_aside) == len(bench.reviews())
    assert status(bench.database).set_aside == len(bench.reviews()) > 10
    assert [claim.reviews for claim in checked_claims(bench.database)] == [()] * 3
    stored = [review.said for review in bench.reviews()]
    assert [answer("verdict", "banana")] in stored
    assert [answer("verdict", "supported ")] in stored  # no database holds a NUL


def test_a_review_beside_it_counts(pushed: Bench) -> None:
    pushed.review(ANA, CURES, [answer("verdict", "banana")])
    pushed.review(BEN, CURES, SUPPORTED)
    assert problems(pushed, pushed.sync()) == [("ana", "unknown_verdict")]
    assert pushed.decision(CURES).reviewers == ["ben@desk.example"]


class TestTwice:
    """A reviewer counts once for a claim."""

    def test_of_two_reviews_by_one_person_the_newer_counts(self, pushed: Bench) -> None:
        pushed.review(ANA, CURES, SUPPORTED)
        pushed.review(ANA, CURES, UNSUPPORTED)
        report = pushed.sync()
        assert problems(pushed, report) == [("ana", "reviewed_twice")]
        assert pushed.decision(CURES).unsupported == 1
        assert pushed.decision(CURES).supported == 0

    def test_the_newer_counts_whichever_a_sync_saw_first(self, pushed: Bench) -> None:
        first = pushed.review(ANA, CURES, SUPPORTED)
        pushed.review(ANA, CURES, UNSUPPORTED)
        pushed.sync()
        pushed.say_instead(ANA, first, CURES, OVERSTATED)
        assert problems(pushed, pushed.sync()) == [("ana", "reviewed_twice")]
        assert (pushed.decision(CURES).overstated, pushed.decision(CURES).unsupported) == (1, 0)

    def test_one_that_cannot_be_counted_takes_the_place_of_none(self, pushed: Bench) -> None:
        pushed.review(ANA, CURES, SUPPORTED)
        pushed.review(ANA, CURES, [])
        assert problems(pushed, pushed.sync()) == [("ana", "no_verdict")]
        assert pushed.decision(CURES).supported == 1

    def test_where_one_of_the_two_is_deleted_the_other_counts(self, pushed: Bench) -> None:
        pushed.review(ANA, CAFFEINE, SUPPORTED)
        second = pushed.review(ANA, CAFFEINE, UNSUPPORTED)
        pushed.sync()
        pushed.server._sdk.annotations.delete(second)
        assert pushed.sync().set_aside == []
        assert pushed.decision(CAFFEINE).supported == 1
