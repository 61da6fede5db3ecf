"""From reviews and rulings to decisions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checked_claims import MONDAY, review
from factcheck.model import (
    Decision,
    Judgement,
    Problem,
    Provenance,
    Reason,
    Review,
    Rule,
    Ruling,
    Status,
    Verdict,
)
from factcheck.review.decide import decide

SUPPORTED, OVERSTATED, UNSUPPORTED = Verdict
NOT_CHECKABLE = None


def decided(
    *votes: Verdict | None,
    rule: Rule = Rule.UNANIMOUS,
    ruling: Ruling | None = None,
    needed: int = 2,
) -> Decision:
    reviews = [review(f"reviewer {n}", vote, hours=n) for n, vote in enumerate(votes)]
    return decide(reviews, ruling, reviews_per_claim=needed, rule=rule)


def ruled(verdict: Verdict | None, *, hours: int = 48, **said: object) -> Ruling:
    return Ruling("mia", verdict, "see the label", MONDAY + timedelta(hours=hours), **said)


@pytest.mark.parametrize("rule", Rule)
def test_a_claim_with_too_few_reviews_is_pending_under_every_rule(rule: Rule) -> None:
    decision = decided(UNSUPPORTED, rule=rule)

    assert (decision.status, decision.verdict, decision.provenance) == (Status.PENDING, None, None)
    assert decision.tally == {SUPPORTED: 0, OVERSTATED: 0, UNSUPPORTED: 1}
    assert decision.reviewers == ("reviewer 0",)


def test_a_claim_without_reviews_is_pending_and_counts_every_verdict_as_none() -> None:
    assert decided() == Decision(
        Status.PENDING, tally={SUPPORTED: 0, OVERSTATED: 0, UNSUPPORTED: 0}
    )


@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize("verdict", Verdict)
def test_what_everybody_says_is_unanimous_under_every_rule(rule: Rule, verdict: Verdict) -> None:
    decision = decided(verdict, verdict, rule=rule)

    assert (decision.status, decision.verdict) == (Status.DECIDED, verdict)
    assert decision.provenance is Provenance.UNANIMOUS
    assert decision.tally[verdict] == 2


@pytest.mark.parametrize("rule", Rule)
def test_a_claim_that_nobody_finds_checkable_is_dropped_under_every_rule(rule: Rule) -> None:
    decision = decided(NOT_CHECKABLE, NOT_CHECKABLE, rule=rule)

    assert (decision.status, decision.verdict) == (Status.DROPPED, None)
    assert decision.provenance is Provenance.UNANIMOUS
    assert decision.not_checkable == 2


DISPUTED = (Status.DISPUTED, None, None)


def stands(verdict: Verdict, provenance: Provenance) -> tuple[Status, Verdict, Provenance]:
    return Status.DECIDED, verdict, provenance


@pytest.mark.parametrize(
    ("rule", "votes", "outcome"),
    [
        (Rule.UNANIMOUS, (SUPPORTED, UNSUPPORTED), DISPUTED),
        (Rule.UNANIMOUS, (SUPPORTED, NOT_CHECKABLE), DISPUTED),
        (Rule.UNANIMOUS, (SUPPORTED, SUPPORTED, OVERSTATED), DISPUTED),
        (Rule.MAJORITY, (SUPPORTED, UNSUPPORTED), DISPUTED),
        (Rule.MAJORITY, (SUPPORTED, OVERSTATED, UNSUPPORTED), DISPUTED),
        (Rule.MAJORITY, (SUPPORTED, SUPPORTED, NOT_CHECKABLE, NOT_CHECKABLE), DISPUTED),
        (Rule.MAJORITY, (SUPPORTED, SUPPORTED, OVERSTATED, NOT_CHECKABLE), DISPUTED),
        (
            Rule.MAJORITY,
            (OVERSTATED, SUPPORTED, OVERSTATED),
            stands(OVERSTATED, Provenance.MAJORITY),
        ),
        (
            Rule.MAJORITY,
            (NOT_CHECKABLE, NOT_CHECKABLE, UNSUPPORTED),
            (Status.DROPPED, None, Provenance.MAJORITY),
        ),
        (
            Rule.STRICTEST,
            (SUPPORTED, UNSUPPORTED, OVERSTATED),
            stands(UNSUPPORTED, Provenance.STRICTEST),
        ),
        (
            Rule.STRICTEST,
            (NOT_CHECKABLE, OVERSTATED, SUPPORTED),
            stands(OVERSTATED, Provenance.STRICTEST),
        ),
        (Rule.STRICTEST, (NOT_CHECKABLE, SUPPORTED), stands(SUPPORTED, Provenance.STRICTEST)),
    ],
)
def test_the_rule_settles_what_reviewers_see_differently(
    rule: Rule, votes: tuple[Verdict | None, ...], outcome: tuple[object, ...]
) -> None:
    decision = decided(*votes, rule=rule)

    assert (decision.status, decision.verdict, decision.provenance) == outcome


def test_a_decision_speaks_with_the_words_of_the_reviews_that_say_the_same() -> None:
    reviews = [
        review(
            "ana",
            OVERSTATED,
            hours=3,
            reasons=(Reason.HARMS_OMITTED, Reason.ABSOLUTE),
            problem_words=("always", "cures"),
            correction="The later wording.",
            evidence=("https://b.example", "https://c.example"),
        ),
        review("cem", OVERSTATED, hours=1, problem_words=("cures",)),
        review(
            "ben",
            OVERSTATED,
            hours=2,
            reasons=(Reason.ABSOLUTE, Reason.CERTAINTY),
            problem_words=("never",),
            correction="The earlier wording.",
            evidence=("https://a.example", "https://b.example"),
            note="stays with the review",
        ),
        review("dov", UNSUPPORTED, hours=0, correction="Not this.", evidence=("https://x",)),
    ]

    decision = decide(reviews, None, reviews_per_claim=2, rule=Rule.MAJORITY)

    assert decision == Decision(
        status=Status.DECIDED,
        verdict=OVERSTATED,
        provenance=Provenance.MAJORITY,
        tally={SUPPORTED: 0, OVERSTATED: 3, UNSUPPORTED: 1},
        reasons=(Reason.ABSOLUTE, Reason.CERTAINTY, Reason.HARMS_OMITTED),
        problem_words=("cures", "never", "always"),
        correction="The earlier wording.",
        evidence=("https://a.example", "https://b.example", "https://c.example"),
        reviewers=("ana", "ben", "cem", "dov"),
    )


def test_a_disputed_claim_takes_no_side() -> None:
    reviews = [
        review("ana", OVERSTATED, reasons=(Reason.OTHER,), correction="A.", evidence=("u",)),
        review("ben", UNSUPPORTED, problem_words=("all",), correction="B."),
        review("cem", NOT_CHECKABLE, evidence=("v",), problem_words=("some",)),
    ]

    decision = decide(reviews, None, reviews_per_claim=2, rule=Rule.UNANIMOUS)

    assert decision.status is Status.DISPUTED
    assert (decision.correction, decision.evidence) == (None, ())
    assert (decision.reasons, decision.problem_words) == ((), ())


@pytest.mark.parametrize("rule", Rule)
def test_an_editors_ruling_overrides_the_reviews_and_carries_its_note(rule: Rule) -> None:
    decision = decided(SUPPORTED, SUPPORTED, ruling=ruled(UNSUPPORTED), rule=rule)

    assert (decision.status, decision.verdict) == (Status.DECIDED, UNSUPPORTED)
    assert (decision.provenance, decision.note) == (Provenance.ADJUDICATED, "see the label")
    assert decision.tally[SUPPORTED] == 2


def test_a_ruling_needs_no_reviews() -> None:
    assert decided(ruling=ruled(OVERSTATED)).status is Status.DECIDED


def test_a_ruling_without_a_verdict_drops_the_claim() -> None:
    decision = decided(SUPPORTED, SUPPORTED, ruling=ruled(None))

    assert (decision.status, decision.verdict) == (Status.DROPPED, None)
    assert decision.provenance is Provenance.ADJUDICATED


def test_a_rulings_own_words_go_before_those_of_reviews_that_agree_with_it() -> None:
    agreeing = review("ana", OVERSTATED, correction="Ana's.", evidence=("https://ana.example",))
    differing = review("ben", UNSUPPORTED, correction="Ben's.", evidence=("https://ben.example",))

    def ruled_on(ruling: Ruling) -> Decision:
        return decide([agreeing, differing], ruling, reviews_per_claim=2, rule=Rule.UNANIMOUS)

    bare = ruled_on(ruled(OVERSTATED))
    assert (bare.correction, bare.evidence) == ("Ana's.", ("https://ana.example",))
    own = ruled_on(ruled(OVERSTATED, correction="Mia's.", evidence=("https://mia.example",)))
    assert (own.correction, own.evidence) == ("Mia's.", ("https://mia.example",))


def test_later_reviews_that_contradict_a_ruling_are_named_and_change_nothing() -> None:
    reviews = [
        review("before", SUPPORTED, hours=1),
        review("same moment", SUPPORTED, hours=48),
        review("zoe", SUPPORTED, hours=49),
        review("ben", NOT_CHECKABLE, hours=50),
        review("agrees", UNSUPPORTED, hours=51),
    ]

    decision = decide(reviews, ruled(UNSUPPORTED), reviews_per_claim=2, rule=Rule.MAJORITY)

    assert decision.contradicted_by == ("ben", "zoe")
    assert (decision.status, decision.verdict) == (Status.DECIDED, UNSUPPORTED)


reviews_of_a_claim = st.lists(
    st.builds(
        lambda name, vote, hours, reasons, words, correction: review(
            name,
            vote,
            hours=hours,
            reasons=tuple(reasons),
            problem_words=tuple(words),
            correction=correction,
            evidence=tuple(words),
        ),
        st.sampled_from("abcdefg"),
        st.sampled_from([*Verdict, None]),
        st.integers(0, 3),
        st.lists(st.sampled_from(Reason), max_size=2),
        st.lists(st.sampled_from(["always", "never", "all"]), max_size=2),
        st.sampled_from([None, "A.", "B."]),
    ),
    max_size=6,
    unique_by=lambda each: each.reviewer,
)
rulings = st.none() | st.builds(ruled, st.sampled_from([*Verdict, None]), hours=st.integers(0, 3))


@given(reviews_of_a_claim, rulings, st.sampled_from(Rule), st.integers(1, 4), st.randoms())
def test_the_order_in_which_reviews_arrive_decides_nothing(
    reviews: list[Review], ruling: Ruling | None, rule: Rule, needed: int, random: object
) -> None:
    shuffled = list(reviews)
    random.shuffle(shuffled)

    decision = decide(reviews, ruling, reviews_per_claim=needed, rule=rule)

    assert decide(shuffled, ruling, reviews_per_claim=needed, rule=rule) == decision
    assert sum(decision.tally.values()) + decision.not_checkable == len(reviews)
    assert (decision.status is Status.DECIDED) == (decision.verdict is not None)
    settled = decision.status in (Status.DECIDED, Status.DROPPED)
    assert settled == (decision.provenance is not None)


@pytest.mark.parametrize(
    ("reviews", "complaint"),
    [
        ([review("ana", SUPPORTED), review("ana", SUPPORTED, hours=1)], "counts once"),
        ([review("ana", SUPPORTED, problem=Problem.TEXT_CHANGED)], "set aside"),
        ([Review("ana", Judgement(), MONDAY)], "exactly one thing"),
        ([review("ana", SUPPORTED, not_checkable=True)], "exactly one thing"),
    ],
)
def test_what_cannot_be_counted_is_refused(reviews: list[Review], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        decide(reviews, None, reviews_per_claim=1, rule=Rule.MAJORITY)


def test_a_desk_that_asks_for_no_reviews_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        decided(needed=0)
