"""Promise 6: a verdict never stands on text its reviewer did not see.

Neither where a task was altered in Label Studio, nor where the claim was edited, nor where the
words that it leans on were.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench import (
    ARTICLE,
    CAFFEINE,
    CALMS,
    CURES,
    HARM,
    HONEY,
    HONEY_EDITED,
    SUPPORTED,
    THINS,
    UNSUPPORTED,
    Bench,
)
from desk_builder import TWO_AGREE, DeskBuilder, contents
from factcheck.exports.export import export
from factcheck.model import Provenance, Status, Verdict
from factcheck.review.adjudicate import adjudicate
from factcheck.review.cutting import Cutting
from factcheck.review.ingest import ingest
from factcheck.review.status import checked_claims, last_cursor
from factcheck.store.engine import Database, open_database

ANA, BEN = 0, 1
BOTH = (ANA, BEN)


class TestAlteredInLabelStudio:
    """Somebody changes what a task shows."""

    def test_a_verdict_on_a_text_that_was_never_pushed(self, pushed: Bench) -> None:
        pushed.alter(CURES)
        pushed.review(ANA, CURES, SUPPORTED)
        (told,) = pushed.sync().set_aside
        assert (told.reviewer, told.problem) == ("ana@desk.example", "text_changed")
        assert told.link == pushed.server.link(pushed.project_id, pushed.task_id(CURES))
        assert pushed.decision(CURES).reviewers == []

    def test_a_verdict_from_before_the_text_was_altered_still_stands(self, pushed: Bench) -> None:
        pushed.review(ANA, CURES, SUPPORTED)
        pushed.sync()
        pushed.alter(CURES)
        pushed.review(BEN, CURES, SUPPORTED)
        (told,) = pushed.sync().set_aside
        assert (told.reviewer, told.problem) == ("ben@desk.example", "text_changed")
        assert pushed.decision(CURES).reviewers == ["ana@desk.example"]

    def test_changed_after_that_a_verdict_counts_no_longer(self, each_pushed: Bench) -> None:
        annotation = each_pushed.review(ANA, CURES, SUPPORTED)
        each_pushed.review(BEN, CURES, SUPPORTED)
        each_pushed.sync()
        each_pushed.alter(CURES)
        each_pushed.say_instead(ANA, annotation, CURES, UNSUPPORTED)
        assert [one.problem for one in each_pushed.sync().set_aside] == ["text_changed"]
        assert each_pushed.decision(CURES).reviewers == ["ben@desk.example"]
        assert each_pushed.decision(CURES).status is Status.PENDING

    def test_neither_does_a_star_on_it(self, pushed: Bench) -> None:
        pushed.alter(CURES)
        star = replace(SUPPORTED, note="It is so.")
        pushed.review(ANA, CURES, star, ground_truth=True)
        assert [one.problem for one in pushed.sync().set_aside] == ["text_changed"]
        assert pushed.decision(CURES).status is Status.PENDING


class TestEditedClaim:
    """A claim whose words change is another claim."""

    def test_reviews_of_a_claim_whose_words_changed_stay_with_the_old_words(
        self, pushed: Bench
    ) -> None:
        for who in (ANA, BEN):
            pushed.review(who, CAFFEINE, SUPPORTED)
        pushed.sync()
        old = pushed.claim_id(CAFFEINE)
        pushed.write(ARTICLE.replace("about 50 mg", "up to 90 mg"))
        pushed.push()
        pushed.sync()
        new = pushed.claim_id(CAFFEINE.replace("about 50 mg", "up to 90 mg"))
        assert new != old
        assert {review.claim_id for review in pushed.reviews()} == {old}
        assert pushed.decision(CAFFEINE.replace("about 50 mg", "up to 90 mg")) is None


def with_decisions(bench: Bench) -> Bench:
    """A desk whose two claims are decided, one of which leans on the other."""
    bench.write(HONEY)
    bench.push()
    for who in BOTH:
        bench.review(who, CALMS, SUPPORTED)
        bench.review(who, HARM, SUPPORTED)
    bench.sync()
    assert bench.decision(HARM).status is Status.DECIDED
    return bench


@pytest.fixture
def decided(bench: Bench) -> Bench:
    return with_decisions(bench)


@pytest.fixture
def each_decided(each_bench: Bench) -> Bench:
    """The same on each of the two engines."""
    return with_decisions(each_bench)


def tasks_of(bench: Bench, text: str) -> list[int]:
    return [task.id for task in bench.posted() if task.claim_id == bench.claim_id(text)]


def reviewed_by(bench: Bench, text: str) -> list[str]:
    """Whose reviews of a live claim count."""
    (claim,) = (
        c
        for c in checked_claims(bench.database)
        if c.claim.id == bench.claim_id(text) and c.status is not Status.STALE
    )
    assert sorted(claim.decision.reviewers) == [review.reviewer for review in claim.reviews]
    return [review.reviewer.partition("@")[0] for review in claim.reviews]


class TestEditedLeadIn:
    """A claim keeps its words, and leans on others by now."""

    def test_its_reviews_no_longer_count_and_it_gets_another_task(
        self, each_decided: Bench
    ) -> None:
        (first,) = tasks_of(each_decided, HARM)
        report = each_decided.write(HONEY_EDITED)
        assert (report.again, report.new, report.retired) == (1, 1, 1)
        assert each_decided.decision(HARM).status is Status.PENDING
        assert reviewed_by(each_decided, HARM) == []
        pushed = each_decided.push()
        assert (pushed.outdated, pushed.added, pushed.kept, pushed.removed) == (1, 2, 2, 0)
        assert len(tasks_of(each_decided, HARM)) == 2
        (second,) = set(tasks_of(each_decided, HARM)) - {first}
        shown = each_decided.server._sdk.tasks.get(str(second)).data
        assert (shown["claim"], shown["lead_in"]) == (HARM, THINS)

        for who in BOTH:
            each_decided.review(who, HARM, UNSUPPORTED, task=second)
        assert each_decided.sync().created == 2
        decision = each_decided.decision(HARM)
        assert (decision.verdict, decision.unsupported) == (Verdict.UNSUPPORTED, 2)
        assert (decision.supported, decision.status) == (0, Status.DECIDED)
        assert len(each_decided.reviews()) == 6

    def test_the_reviewed_task_stays_and_counts_again_when_the_old_words_are_back(
        self, decided: Bench
    ) -> None:
        (first,) = tasks_of(decided, HARM)
        decided.write(HONEY_EDITED)
        decided.push()
        decided.write(HONEY)
        assert reviewed_by(decided, HARM) == ["ana", "ben"]
        assert decided.decision(HARM).status is Status.DECIDED
        report = decided.push()
        assert (report.added, report.outdated, report.removed) == (0, 0, 2)
        assert tasks_of(decided, HARM) == [first]

    def test_and_so_does_the_one_that_took_its_place_if_it_was_reviewed(
        self, each_decided: Bench
    ) -> None:
        (first,) = tasks_of(each_decided, HARM)
        each_decided.write(HONEY_EDITED)
        each_decided.push()
        each_decided.review(ANA, HARM, UNSUPPORTED, task=max(tasks_of(each_decided, HARM)))
        each_decided.sync()
        assert reviewed_by(each_decided, HARM) == ["ana"]
        each_decided.write(HONEY)
        report = each_decided.push()
        assert (report.added, report.kept) == (0, 1)
        assert (reviewed_by(each_decided, HARM), each_decided.decision(HARM).supported) == (
            ["ana", "ben"],
            2,
        )
        each_decided.write(HONEY_EDITED)
        assert each_decided.push().outdated == 0
        assert reviewed_by(each_decided, HARM) == ["ana"]
        assert each_decided.decision(HARM).unsupported == 1
        assert first in tasks_of(each_decided, HARM)

    def test_an_unreviewed_task_is_replaced(self, bench: Bench) -> None:
        bench.write(HONEY)
        bench.push()
        bench.write(HONEY_EDITED)
        report = bench.push()
        assert (report.outdated, report.removed, report.kept) == (1, 2, 0)
        (task,) = tasks_of(bench, HARM)
        assert bench.server._sdk.tasks.get(str(task)).data["lead_in"] == THINS

    @pytest.mark.parametrize("pushes", [True, False])
    def test_a_review_given_on_the_old_words_after_the_edit_does_not_count(
        self, bench: Bench, pushes: bool
    ) -> None:
        bench.write(HONEY)
        bench.push()
        bench.review(ANA, HARM, SUPPORTED)
        (first,) = tasks_of(bench, HARM)
        bench.write(HONEY_EDITED)
        if pushes:
            bench.push()
        bench.review(BEN, HARM, SUPPORTED, task=first)
        assert bench.sync().created == 2
        assert reviewed_by(bench, HARM) == []
        bench.write(HONEY)
        bench.push()
        assert reviewed_by(bench, HARM) == ["ana", "ben"]

    def test_a_ruling_is_withdrawn(self, decided: Bench) -> None:
        ruled = adjudicate(
            decided.database,
            TWO_AGREE,
            decided.claim_id(HARM),
            Verdict.UNSUPPORTED,
            editor="mara",
            note="It did harm in a trial.",
        )
        assert ruled.provenance is Provenance.ADJUDICATED
        decided.write(HONEY_EDITED)
        assert (decided.decision(HARM).status, decided.decision(HARM).note) == ("pending", None)
        decided.write(HONEY)
        assert decided.decision(HARM).provenance is Provenance.UNANIMOUS

    def test_a_star_rules_no_longer_until_the_old_words_are_back(self, bench: Bench) -> None:
        bench.write(HONEY)
        bench.push()
        bench.review(ANA, HARM, replace(SUPPORTED, note="I have read it."), ground_truth=True)
        bench.sync()
        assert bench.decision(HARM).provenance is Provenance.ADJUDICATED
        bench.write(HONEY_EDITED)
        bench.sync(full=True)
        assert bench.decision(HARM).status is Status.PENDING
        bench.write(HONEY)
        assert bench.decision(HARM).provenance is Provenance.ADJUDICATED

    def test_exports_of_before_still_give_the_earlier_decision(
        self, decided: Bench, tmp_path: Path
    ) -> None:
        def files(as_of: datetime | None = None) -> dict[str, bytes]:
            export(
                checked_claims(decided.database, as_of),
                tmp_path / "exports",
                cursor=last_cursor(decided.database, as_of),
                allow_incomplete=True,
            )
            return contents(tmp_path / "exports")

        before, moment = files(), datetime.now(UTC)
        assert b"decided,supported,unanimous,2" in before["verdicts.csv"]
        decided.write(HONEY_EDITED)
        edited, later = files(), datetime.now(UTC)
        assert b"pending" in edited["verdicts.csv"]
        decided.push()
        decided.review(ANA, HARM, UNSUPPORTED, task=max(tasks_of(decided, HARM)))
        decided.sync()
        assert (files(moment), files(later)) == (before, edited)
        decided.write(HONEY)
        decided.push()
        assert (files(moment), files(later)) == (before, edited)

    def test_a_full_sync_tells_no_difference_and_all_tasks_are_counted(
        self, decided: Bench
    ) -> None:
        decided.write(HONEY_EDITED)
        decided.push()
        decided.by_hand()
        report = decided.sync(full=True)
        assert [str(one.kind) for one in report.differences] == ["foreign"]
        assert report.as_pushed == 4
        for text in (HONEY_EDITED, HONEY, HONEY_EDITED):
            decided.write(text)
            pushed = decided.push()
            assert pushed.live == pushed.unchanged + pushed.found + pushed.added
            assert len(decided.posted()) == pushed.live + pushed.kept + pushed.foreign
            report = decided.sync(full=True)
            assert len(decided.posted()) == (report.as_pushed or 0) + report.foreign
            assert decided.push().added == 0

    @pytest.mark.parametrize("texts", [[HONEY_EDITED], [HONEY, HONEY_EDITED]])
    def test_tasks_that_an_older_database_forgot_count_for_what_they_show(
        self, bench: Bench, texts: list[str]
    ) -> None:
        """The database comes back from a backup, and the article was edited since."""
        bench.write()
        bench.push()
        file = bench.database.file
        assert file is not None
        with bench.database.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql(f"VACUUM INTO '{file.with_name('older.db')}'")
            connection.exec_driver_sql("BEGIN")
        bench.write(HONEY, "honey.txt")
        bench.push()
        for who in BOTH:
            bench.review(who, HARM, SUPPORTED)
        restored = replace(bench, database=open_database("sqlite:///older.db", file.parent))
        try:
            for text in texts:
                restored.write(text, "honey.txt")
            restored.push()
            assert restored.sync(full=True).created == 2
            assert reviewed_by(restored, HARM) == []
            assert restored.decision(HARM) is None or restored.decision(HARM).reviewers == []
            restored.push()
            restored.write(HONEY, "honey.txt")
            restored.push()
            known = HONEY in texts
            assert reviewed_by(restored, HARM) == (["ana", "ben"] if known else [])
        finally:
            restored.database.close()


@pytest.fixture
def builder(database: Database, tmp_path: Path) -> DeskBuilder:
    return DeskBuilder(database, tmp_path / "articles")


class TestWhatIsAnotherLeadIn:
    """What it says has to differ, and the article has to have been edited."""

    SAYS = "Is honey good for 5 in 10 adults?"
    ANSWER = "Not really, as two trials found."

    def article(self, question: str, more: str = "") -> str:
        return f"Honey and coughs\n\n{question}\n\n{self.ANSWER}\n{more}"

    def status_after(self, builder: DeskBuilder, *questions: str) -> Status:
        for question in questions:
            builder.write(self.article(question), "honey.txt")
            if question == questions[0]:
                builder.agree(SUPPORTED)
        checked = builder.checked(builder.claim_id(self.ANSWER))
        assert checked.claim.lead_in == questions[-1]
        assert bool(checked.reviews) is (checked.status is Status.DECIDED)
        return checked.status

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Is honey safe?", "Is sugar safe?"),
            ("Does it help 1.5 in 10 adults?", "Does it help 15 in 10 adults?"),
            ("Is it that p < 0.05?", "Is it that p > 0.05?"),
            ("Does it help 5% of adults?", "Does it help 5 of adults?"),
            ("Is it kept at -5 °C?", "Is it kept at 5 °C?"),
            ("Is it kept at 5 °C?", "Is it kept at 5 F?"),
            ("Does it cost 5 €?", "Does it cost 5 $?"),
            ("Does it take 3-4 days?", "Does it take 34 days?"),
        ],
    )
    def test_other_words_numbers_and_signs_are(
        self, builder: DeskBuilder, one: str, other: str
    ) -> None:
        assert self.status_after(builder, one, other) is Status.PENDING

    def test_punctuation_capitals_and_dashes_are_not(self, builder: DeskBuilder) -> None:
        questions = ("Is honey “safe”, for 3-4 adults?", "Is Honey safe for 3–4 adults?")
        assert self.status_after(builder, *questions) is Status.DECIDED
        before = builder.dump()
        builder.write(self.article(questions[1]), "honey.txt")
        assert builder.dump() == before

    def test_a_claim_that_was_away_meanwhile_is_compared_with_what_it_last_leaned_on(
        self, builder: DeskBuilder
    ) -> None:
        builder.write(self.article("Is honey safe?"), "honey.txt")
        builder.agree(SUPPORTED)
        builder.rule(builder.claim_id(self.ANSWER), Verdict.SUPPORTED)
        builder.write("Honey and coughs\n\nHoney is made by bees.\n", "honey.txt")
        report = builder.write(self.article("Is honey a cure?"), "honey.txt")
        assert [change.what for change in report.articles[0].changes] == ["retired", "new"]
        checked = builder.checked(builder.claim_id(self.ANSWER))
        assert (checked.status, checked.ruling, checked.reviews) == (Status.PENDING, None, ())

    COLDS = "Honey and coughs\n\nColds last for ten days. Honey calms the throat at night.\n"
    MORE = "\nBees live for six weeks in summer.\n"

    @pytest.fixture
    def other_rules(self, tmp_path: Path) -> Cutting:
        """Rules by which a claim that opens with honey leans on the sentence before it."""
        own = tmp_path / "wording.toml"
        own.write_text("[leaning.opening]\npronoun = ['honey\\b']\n", encoding="utf-8")
        return Cutting(own)

    @pytest.mark.parametrize("edited", [False, True])
    def test_other_rules_alone_change_nothing(
        self, builder: DeskBuilder, other_rules: Cutting, edited: bool
    ) -> None:
        """Also where the article was edited elsewhere since the claim was reviewed."""
        builder.write(self.COLDS, "honey.txt")
        builder.agree(SUPPORTED)
        builder.rule(builder.claim_id(CALMS), Verdict.SUPPORTED)
        if edited:
            builder.write(self.COLDS + self.MORE, "honey.txt")
        before = builder.dump()
        report = ingest(builder.database, builder.articles, TWO_AGREE, other_rules)
        assert (report.changed, report.again) == (1, 0)
        checked = builder.checked(builder.claim_id(CALMS))
        assert checked.claim.lead_in == "Colds last for ten days."
        assert (checked.status, len(checked.reviews)) == (Status.DECIDED, 2)
        after = builder.dump()
        for table in ("tasks", "reviews", "review_events", "rulings", "decisions"):
            assert after[table] == before[table]

        text = (builder.articles / "honey.txt").read_text(encoding="utf-8")
        (builder.articles / "honey.txt").write_text(text.replace("ten days", "two days"))
        assert ingest(builder.database, builder.articles, TWO_AGREE, other_rules).again == 1
        assert builder.checked(builder.claim_id(CALMS)).status is Status.PENDING
