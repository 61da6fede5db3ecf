"""`factcheck adjudicate`: an editor's ruling stands over the reviews, whatever comes later."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from desk_builder import (
    CURES,
    NOT_CHECKABLE,
    OVERSTATED,
    SUPPORTED,
    UNSUPPORTED,
    DeskBuilder,
)
from factcheck.errors import UsageError
from factcheck.model import Problem, Provenance, Rule, Status, Verdict
from factcheck.review.adjudicate import find_claim, verdict_of
from factcheck.review.settle import Policy, settle_all
from factcheck.store.engine import Database
from factcheck.store.tables import Ruling


@pytest.fixture
def builder(sqlite_database: Database, tmp_path: Path) -> DeskBuilder:
    builder = DeskBuilder(sqlite_database, tmp_path / "articles")
    builder.write()
    return builder


@pytest.fixture
def cures(builder: DeskBuilder) -> str:
    return builder.claim_id(CURES)


def test_a_ruling_overrides_what_all_reviewers_say(builder: DeskBuilder, cures: str) -> None:
    builder.agree(SUPPORTED)
    decision = builder.rule(cures, Verdict.UNSUPPORTED, evidence=["https://example.org/review"])
    assert decision == builder.checked(cures).decision
    assert (decision.status, decision.verdict) == (Status.DECIDED, Verdict.UNSUPPORTED)
    assert decision.provenance is Provenance.ADJUDICATED
    assert decision.note == "Read all three trials."
    assert decision.evidence == ("https://example.org/review",)
    assert decision.tally[Verdict.SUPPORTED] == 2
    ruling = builder.checked(cures).ruling
    assert ruling is not None
    assert ruling.editor == "mara"


def test_a_ruling_settles_a_disputed_claim(builder: DeskBuilder, cures: str) -> None:
    builder.review(cures, "ana", SUPPORTED)
    builder.review(cures, "ben", UNSUPPORTED)
    assert builder.checked(cures).status is Status.DISPUTED
    builder.rule(cures, Verdict.SUPPORTED)
    assert builder.checked(cures).status is Status.DECIDED


def test_a_claim_that_nobody_reviewed_can_be_ruled_on(builder: DeskBuilder, cures: str) -> None:
    assert builder.rule(cures, Verdict.SUPPORTED).status is Status.DECIDED


def test_a_claim_ruled_not_checkable_is_dropped(builder: DeskBuilder, cures: str) -> None:
    builder.agree(SUPPORTED)
    decision = builder.rule(cures, verdict_of("not_checkable"))
    assert (decision.status, decision.verdict) == (Status.DROPPED, None)
    assert builder.checked(cures).status is Status.DROPPED


@pytest.mark.parametrize("missing", ["note", "editor"])
def test_a_ruling_without_a_note_or_an_editor_is_refused(
    builder: DeskBuilder, cures: str, missing: str
) -> None:
    before = builder.dump()
    with pytest.raises(UsageError) as caught:
        builder.rule(cures, Verdict.SUPPORTED, **{missing: " \n"})
    assert f"--{missing}" in str(caught.value.hint)
    assert builder.dump() == before


def test_another_ruling_supersedes_the_first_which_is_kept(
    builder: DeskBuilder, cures: str
) -> None:
    builder.rule(cures, Verdict.SUPPORTED)
    builder.rule(cures, Verdict.UNSUPPORTED, note="The trials were retracted.")
    assert builder.checked(cures).decision.verdict is Verdict.UNSUPPORTED
    with builder.database.reading() as session:
        rows = session.scalars(sa.select(Ruling).order_by(Ruling.id)).all()
    assert [row.verdict for row in rows] == [Verdict.SUPPORTED, Verdict.UNSUPPORTED]
    assert rows[0].superseded_at == rows[1].ruled_at
    assert rows[1].superseded_at is None


class TestOverstated:
    """A claim that is overstated needs to be told how it should read."""

    def test_the_ruling_may_say_it(self, builder: DeskBuilder, cures: str) -> None:
        decision = builder.rule(cures, Verdict.OVERSTATED, correction=" It may help. ")
        assert decision.correction == "It may help."

    def test_a_counted_review_may_have_said_it(self, builder: DeskBuilder, cures: str) -> None:
        builder.review(cures, "ana", OVERSTATED)
        decision = builder.rule(cures, Verdict.OVERSTATED)
        assert decision.correction == OVERSTATED.correction

    def test_without_one_it_is_refused(self, builder: DeskBuilder, cures: str) -> None:
        builder.review(cures, "ana", UNSUPPORTED)
        before = builder.dump()
        with pytest.raises(UsageError, match="needs its correction") as caught:
            builder.rule(cures, Verdict.OVERSTATED, correction=" ")
        assert "--correction" in str(caught.value.hint)
        assert builder.dump() == before

    def test_a_review_that_is_set_aside_does_not_help(
        self, builder: DeskBuilder, cures: str
    ) -> None:
        builder.review(cures, "ana", replace(OVERSTATED, reasons=(), problem=Problem.NO_REASON))
        with pytest.raises(UsageError, match="needs its correction"):
            builder.rule(cures, Verdict.OVERSTATED)


class TestLaterReviews:
    """What comes in after a ruling changes nothing, and is told where it contradicts."""

    def test_one_that_contradicts_is_named(self, builder: DeskBuilder, cures: str) -> None:
        builder.review(cures, "ana", UNSUPPORTED)
        builder.rule(cures, Verdict.SUPPORTED)
        assert builder.checked(cures).decision.contradicted_by == ()
        builder.review(cures, "ben", UNSUPPORTED)
        builder.review(cures, "cleo", SUPPORTED)
        decision = builder.checked(cures).decision
        assert decision.verdict is Verdict.SUPPORTED
        assert decision.contradicted_by == ("ben",)

    def test_one_that_was_changed_after_it_is_named(self, builder: DeskBuilder, cures: str) -> None:
        builder.agree(SUPPORTED, CURES)
        builder.rule(cures, Verdict.SUPPORTED)
        builder.review(cures, "ana", NOT_CHECKABLE)
        assert builder.checked(cures).decision.contradicted_by == ("ana",)

    def test_a_new_ruling_answers_it(self, builder: DeskBuilder, cures: str) -> None:
        builder.rule(cures, Verdict.SUPPORTED)
        builder.review(cures, "ben", UNSUPPORTED)
        decision = builder.rule(cures, Verdict.SUPPORTED, note="Ben's trial was retracted.")
        assert decision.contradicted_by == ()


def test_another_rule_of_the_desk_leaves_a_ruling_alone(builder: DeskBuilder, cures: str) -> None:
    builder.agree(UNSUPPORTED)
    builder.rule(cures, Verdict.SUPPORTED)
    before = builder.checked(cures)
    settle_all(builder.database, Policy(1, Rule.STRICTEST))
    assert builder.checked(cures) == before


def test_a_claim_is_found_by_the_start_of_its_id(builder: DeskBuilder, cures: str) -> None:
    assert find_claim(builder.database, cures) == cures
    assert find_claim(builder.database, cures[:8]) == cures


def test_a_start_that_several_claims_have_lists_them(builder: DeskBuilder) -> None:
    with pytest.raises(UsageError, match="Several claims start with c: ") as caught:
        find_claim(builder.database, "c")
    assert all(claim.id in caught.value.message for claim in builder.claims())
    assert "…" not in caught.value.message  # these three are all
    builder.write("Sugar\n\nSugar makes every child restless.\n", "sugar.txt")
    with pytest.raises(UsageError, match=r", …$"):
        find_claim(builder.database, "c")


@pytest.mark.parametrize("given", ["c00000000", "%", "_"])
def test_a_claim_that_is_not_there_is_said_to_be_missing(builder: DeskBuilder, given: str) -> None:
    with pytest.raises(UsageError, match=f"There is no claim {given}") as caught:
        find_claim(builder.database, given)
    assert "factcheck claims" in str(caught.value.hint)


def test_a_word_that_is_no_verdict_is_refused_with_those_that_are() -> None:
    assert verdict_of("overstated") is Verdict.OVERSTATED
    with pytest.raises(UsageError, match="no verdict banana") as caught:
        verdict_of("banana")
    assert "supported, overstated, unsupported, not_checkable" in str(caught.value.hint)
