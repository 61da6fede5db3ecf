"""From the counted reviews of a claim to what the desk says of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from factcheck.model import Decision, Provenance, Reason, Rule, Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from factcheck.model import Review, Ruling


def decide(
    reviews: Sequence[Review], ruling: Ruling | None, *, reviews_per_claim: int, rule: Rule
) -> Decision:
    """Settle a claim by an editor's ruling or, without one, by the desk's rule.

    `reviews` are the counted ones, in any order; all of them have a voice, also when there
    are more than `reviews_per_claim`. "Not checkable" is a vote like a verdict, and a claim
    that it wins is dropped. Once there are enough reviews:

    - whatever the rule, what all reviewers say stands, as `unanimous`;
    - `unanimous` leaves everything else disputed;
    - `majority` follows what more than half of the reviewers say;
    - `strictest` follows the most severe verdict, even beside "not checkable" votes: one
      reviewer found something to correct, and dropping the claim would hide it.

    A ruling stands however many reviews there are. Reviews submitted after it that say
    something else are named in `contradicted_by` and change nothing.

    The words of a decision (reasons, words at fault, correction, evidence) are those of the
    reviews that say the same, the earliest review first; a ruling's own correction and
    evidence go before theirs. Of several corrections the earliest stands. `note` is the
    editor's: reviewers' notes stay with their reviews.

    Raises ValueError for what can't be a set of counted reviews: two of one reviewer, one
    that is set aside, or one that says nothing.
    """
    if reviews_per_claim < 1:
        raise ValueError(f"reviews_per_claim is {reviews_per_claim}, and must be at least 1")
    ordered = sorted(reviews, key=lambda review: (review.at, review.reviewer))
    names = [review.reviewer for review in ordered]
    if len(set(names)) < len(names):
        raise ValueError(f"a reviewer counts once for a claim, got {sorted(names)}")
    votes = Counter(_vote(review) for review in ordered)

    if ruling is not None:
        status, vote = _status(ruling.verdict), ruling.verdict
        provenance: Provenance | None = Provenance.ADJUDICATED
    elif len(ordered) < reviews_per_claim:
        status, vote, provenance = Status.PENDING, None, None
    else:
        status, vote, provenance = _settle(votes, rule)

    settled = status in (Status.DECIDED, Status.DROPPED)
    bearing = [r.judgement for r in ordered if settled and _vote(r) == vote]
    given = {reason for judgement in bearing for reason in judgement.reasons}
    corrections = [j.correction for j in bearing if j.correction]
    evidence = _union(judgement.evidence for judgement in bearing)
    if ruling is not None:
        corrections = [ruling.correction or "", *corrections]
        evidence = _union([ruling.evidence]) or evidence
    return Decision(
        status=status,
        verdict=vote,
        provenance=provenance,
        tally={verdict: votes[verdict] for verdict in Verdict},
        not_checkable=votes[None],
        reasons=tuple(reason for reason in Reason if reason in given),
        problem_words=_union(judgement.problem_words for judgement in bearing),
        correction=next(filter(None, corrections), None),
        evidence=evidence,
        reviewers=tuple(sorted(names)),
        note=ruling.note if ruling else None,
        contradicted_by=tuple(
            sorted(r.reviewer for r in ordered if r.at > ruling.at and _vote(r) != vote)
            if ruling
            else ()
        ),
    )


def _settle(
    votes: Counter[Verdict | None], rule: Rule
) -> tuple[Status, Verdict | None, Provenance | None]:
    """What the desk's rule makes of enough votes; None among the votes is "not checkable"."""
    (winner, count), *others = votes.most_common()
    if not others:
        return _status(winner), winner, Provenance.UNANIMOUS
    if rule is Rule.MAJORITY and 2 * count > votes.total():
        return _status(winner), winner, Provenance.MAJORITY
    if rule is Rule.STRICTEST:
        strictest = max((vote for vote in votes if vote), key=lambda vote: vote.severity)
        return Status.DECIDED, strictest, Provenance.STRICTEST
    return Status.DISPUTED, None, None


def _vote(review: Review) -> Verdict | None:
    """The verdict of a counted review, or None where it says "not checkable"."""
    judgement = review.judgement
    if judgement.problem is not None:
        raise ValueError(f"the review of {review.reviewer} is set aside: {judgement.problem}")
    if (judgement.verdict is None) is not judgement.not_checkable:
        raise ValueError(f"the review of {review.reviewer} must say exactly one thing")
    return judgement.verdict


def _status(vote: Verdict | None) -> Status:
    return Status.DROPPED if vote is None else Status.DECIDED


def _union(lists: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """All items in order, each where it comes first."""
    return tuple(dict.fromkeys(item for items in lists for item in items))
