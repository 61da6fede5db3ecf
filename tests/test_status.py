"""`factcheck status`: where every article stands, and what waits for whom."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desk_builder import (
    CAFFEINE,
    COFFEE,
    CURES,
    LOWERS,
    NOT_CHECKABLE,
    OVERSTATED,
    SUPPORTED,
    TEA,
    TRIALS,
    UNSUPPORTED,
    DeskBuilder,
)
from factcheck import screen
from factcheck.model import Problem, Verdict
from factcheck.review.status import ArticleStatus, status
from factcheck.store.engine import Database


@pytest.fixture
def builder(sqlite_database: Database, tmp_path: Path) -> DeskBuilder:
    return DeskBuilder(sqlite_database, tmp_path / "articles")


def counts(article: ArticleStatus) -> dict[str, int]:
    """Those of the counts that are not 0."""
    named = {name: getattr(article, name) for name in ArticleStatus.__slots__}
    return {name: number for name, number in named.items() if isinstance(number, int) and number}


def test_every_claim_is_counted_where_it_stands(builder: DeskBuilder) -> None:
    lines = [f"Trial {n} enrolled 40 adults in 2019." for n in range(1, 7)]
    builder.write("Trials\n\n" + "\n\n".join(lines) + "\n", "trials.txt")
    builder.agree(SUPPORTED, lines[0])
    builder.agree(OVERSTATED, lines[1])
    builder.agree(UNSUPPORTED, lines[2])
    builder.agree(NOT_CHECKABLE, lines[3])
    builder.review(builder.claim_id(lines[4]), "ana", SUPPORTED)
    builder.review(builder.claim_id(lines[4]), "ben", UNSUPPORTED)
    (article,) = status(builder.database).articles
    assert article.source == "trials.txt"
    assert counts(article) == {
        "claims": 6,
        "reviewed": 5,
        "supported": 1,
        "overstated": 1,
        "unsupported": 1,
        "dropped": 1,
        "disputed": 1,
        "pending": 1,
    }


def test_a_claim_with_too_few_reviews_is_reviewed_and_pending(builder: DeskBuilder) -> None:
    builder.write(COFFEE, "coffee.txt")
    builder.review(builder.claim_id(LOWERS), "ana", SUPPORTED)
    (article,) = status(builder.database).articles
    assert counts(article) == {"claims": 1, "reviewed": 1, "pending": 1}


def test_a_stale_claim_is_counted_beside_the_live_ones(builder: DeskBuilder) -> None:
    builder.write()
    builder.agree()
    builder.write(TEA.replace("50 mg", "45 mg"))
    (article,) = status(builder.database).articles
    assert counts(article) == {
        "claims": 3,
        "reviewed": 2,
        "supported": 2,
        "pending": 1,
        "stale": 1,
    }


def test_articles_stand_in_the_order_of_their_sources(builder: DeskBuilder) -> None:
    builder.write(TEA, "tea.txt")
    builder.write(COFFEE, "coffee.txt")
    builder.write("Is tea good for you?\n", "nothing.txt")
    articles = status(builder.database).articles
    assert [article.source for article in articles] == ["coffee.txt", "nothing.txt", "tea.txt"]
    assert counts(articles[1]) == {}


def test_a_review_that_is_set_aside_is_told_and_not_counted(builder: DeskBuilder) -> None:
    builder.write(COFFEE, "coffee.txt")
    aside = replace(SUPPORTED, verdict=None, problem=Problem.UNKNOWN_VERDICT, detail="banana")
    builder.review(builder.claim_id(LOWERS), "ana", aside)
    found = status(builder.database)
    assert found.set_aside == 1
    assert counts(found.articles[0]) == {"claims": 1, "pending": 1}


def test_a_review_that_was_deleted_is_not_counted(builder: DeskBuilder) -> None:
    builder.write(COFFEE, "coffee.txt")
    builder.agree()
    builder.delete_review(builder.claim_id(LOWERS), "ana")
    assert counts(status(builder.database).articles[0]) == {
        "claims": 1,
        "reviewed": 1,
        "pending": 1,
    }


def test_disputed_claims_are_listed_with_what_each_reviewer_says(builder: DeskBuilder) -> None:
    builder.write()
    disputed = builder.claim_id(TRIALS)
    builder.review(disputed, "ana", NOT_CHECKABLE)
    builder.review(disputed, "ben", UNSUPPORTED)
    builder.agree(SUPPORTED, CURES)
    (waits,) = status(builder.database).disputed
    assert (waits.claim_id, waits.source, waits.position) == (disputed, "tea.txt", 2)
    assert waits.claim == TRIALS
    assert waits.votes == {"ana": None, "ben": Verdict.UNSUPPORTED}


def test_the_reviewers_agreement_is_that_of_the_counted_reviews(builder: DeskBuilder) -> None:
    builder.write()
    builder.agree(SUPPORTED, CURES, TRIALS)
    builder.review(builder.claim_id(CAFFEINE), "ana", SUPPORTED)
    builder.review(builder.claim_id(CAFFEINE), "ben", UNSUPPORTED)
    found = status(builder.database).agreement
    assert found.n_units == 3
    assert found.observed.value == pytest.approx(2 / 3)


def test_tasks_and_the_last_sync_are_told(builder: DeskBuilder) -> None:
    builder.write()
    assert status(builder.database).tasks == 0
    assert status(builder.database).synced_at is None
    builder.agree(SUPPORTED, CURES, TRIALS)
    first = status(builder.database)
    builder.review(builder.claim_id(CURES), "cleo", SUPPORTED)
    then = status(builder.database)
    assert first.tasks == then.tasks == 2
    assert first.synced_at is not None
    assert then.synced_at is not None
    assert first.synced_at < then.synced_at


class TestPrinted:
    """What the editor reads."""

    def test_the_table_has_a_row_for_each_article_and_the_sums(
        self, builder: DeskBuilder, capsys: pytest.CaptureFixture[str]
    ) -> None:
        builder.write(TEA, "tea.txt")
        builder.write(COFFEE, "coffee.txt")
        builder.agree(SUPPORTED, CURES, LOWERS)
        screen.desk_status(status(builder.database))
        head, coffee, tea, total, *rest = capsys.readouterr().out.splitlines()
        assert head.split() == [
            *("article", "claims", "reviewed", "supported", "overstated", "unsupported"),
            *("disputed", "pending"),
        ]
        assert coffee.split() == ["coffee.txt", "1", "1", "1", "0", "0", "0", "0"]
        assert tea.split() == ["tea.txt", "3", "1", "1", "0", "0", "0", "2"]
        assert total.split() == ["all", "4", "2", "2", "0", "0", "0", "2"]
        assert rest[-1].startswith("2 tasks in Label Studio. Last sync: 20")

    def test_a_desk_without_articles_says_what_to_do_first(
        self, builder: DeskBuilder, capsys: pytest.CaptureFixture[str]
    ) -> None:
        screen.desk_status(status(builder.database))
        assert capsys.readouterr().out == (
            "There is no article at the desk yet. First `factcheck ingest FOLDER`.\n"
        )

    def test_what_is_disputed_names_the_command_that_settles_it(
        self, builder: DeskBuilder, capsys: pytest.CaptureFixture[str]
    ) -> None:
        builder.write(COFFEE, "coffee.txt")
        builder.review(builder.claim_id(LOWERS), "ana", SUPPORTED)
        builder.review(builder.claim_id(LOWERS), "ben", NOT_CHECKABLE)
        screen.desk_status(status(builder.database))
        printed = capsys.readouterr().out
        assert "1 claim disputed, waiting for a ruling:" in printed
        assert (
            f"{builder.claim_id(LOWERS)}  coffee.txt 1: ana supported, ben not checkable" in printed
        )
        assert LOWERS in printed
        assert "factcheck adjudicate" in printed

    def test_of_many_disputed_claims_ten_are_listed_and_the_rest_is_counted(
        self, builder: DeskBuilder, capsys: pytest.CaptureFixture[str]
    ) -> None:
        lines = [f"Trial {n} enrolled 40 adults in 2019." for n in range(12)]
        builder.write("Trials\n\n" + "\n\n".join(lines) + "\n", "trials.txt")
        for claim in builder.claims():
            builder.review(claim.id, "ana", SUPPORTED)
            builder.review(claim.id, "ben", UNSUPPORTED)
        screen.desk_status(status(builder.database))
        printed = capsys.readouterr().out
        assert "12 claims disputed" in printed
        assert printed.count("ben unsupported") == 10
        assert "and 2 more" in printed

    def test_a_single_review_set_aside_is_told_in_the_singular(
        self, builder: DeskBuilder, capsys: pytest.CaptureFixture[str]
    ) -> None:
        builder.write(COFFEE, "coffee.txt")
        builder.review(
            builder.claim_id(LOWERS), "ana", replace(SUPPORTED, problem=Problem.NO_VERDICT)
        )
        screen.desk_status(status(builder.database))
        printed = capsys.readouterr().out
        assert "1 review set aside and not counted: `factcheck sync` lists" in printed
        assert "1 task in Label Studio." in printed
