"""`factcheck push`: one live task for each live claim, on the real server."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from bench import ARTICLE, CAFFEINE, CURES, SUPPORTED, TRIALS, Bench, Broken
from factcheck.errors import DriftError, ServerError, UncertainError
from factcheck.labelstudio import payload
from factcheck.labelstudio.client import LabelStudio
from factcheck.model import Assignment, Cue, CueKind, Order, Span


def test_every_claim_gets_one_task_that_shows_it(each_bench: Bench) -> None:
    bench = each_bench
    bench.write()
    report = bench.push()
    assert (report.live, report.added) == (3, 3)
    assert bench.posted_claims() == sorted(
        bench.claim_id(text) for text in (CURES, TRIALS, CAFFEINE)
    )
    task = bench.server._sdk.tasks.get(str(bench.task_id(TRIALS)))
    assert task.data["claim"] == TRIALS
    assert task.data["position"] == "2 of 3"
    assert f"<mark>{TRIALS}</mark>" in task.data["context_html"]
    assert task.data["claim_id"] == task.meta["claim_id"] == bench.claim_id(TRIALS)
    assert task.data["content_hash"] == task.meta["content_hash"]


def test_a_dry_run_counts_the_same_and_makes_no_project(bench: Bench) -> None:
    bench.write()
    before = bench.dump()
    assert bench.push(dry_run=True).added == 3
    assert bench.dump() == before
    assert bench.push().added == 3
    assert bench.push(dry_run=True).added == 0


def test_article_text_cannot_become_markup_on_the_page(bench: Bench) -> None:
    hostile = 'Tea <script>alert("x")</script> & <b>honey</b> cure 90% of all colds.'
    bench.write(f"Tea <i>title</i>\n\n{hostile}\n")
    bench.push()
    shown = bench.server._sdk.tasks.get(str(bench.task_id(hostile))).data["context_html"]
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_a_claim_that_leans_on_another_is_shown_below_it(bench: Bench) -> None:
    bench.write("Tea\n\nGreen tea is old. It never does harm.\n\nIs it a drug?\n\nNot really.")
    bench.push()
    shown = {
        claim: bench.server._sdk.tasks.get(str(bench.task_id(claim))).data["lead_in"]
        for claim in bench.claims()
    }
    assert shown == {
        "Green tea is old.": "",
        "It never does harm.": "Green tea is old.",
        "Not really.": "Is it a drug?",
    }


def test_a_task_points_at_the_cues_of_its_claim(bench: Bench) -> None:
    bold = "Green tea cures all colds, and black tea holds 50 mg of caffeine."
    bench.write(f"Tea and sleep\n\n{bold} Black tea is grown in Assam.")
    bench.push()
    data = bench.server._sdk.tasks.get(str(bench.task_id(bold))).data
    assert {"absolute", "quantity"} <= set(data["cues"].split(", "))
    assert {"cures", "50 mg"} <= set(data["cue_words"].split("; "))
    assert 1 <= data["overstating_cues"] < data["cue_count"]
    assert data["parts"] == 2
    plain = bench.server._sdk.tasks.get(str(bench.task_id("Black tea is grown in Assam."))).data
    assert [plain[name] for name in ("cues", "cue_words", "overstating_cues", "cue_count")] == [
        *("", "", 0, 0)
    ]


class TestWhatTheReviewerSaw:
    """The content hash is of what the page shows, and of nothing else."""

    ASSIGNMENT = Assignment(
        claim_id="c1",
        claim="It works.",
        article_title="Tea",
        article_source="tea.txt",
        position=2,
        claims_in_article=3,
        heading=None,
        before="Tea is old. ",
        after="",
        lead_in="Tea is old.",
        cues=(),
        overstating=0,
        parts=1,
    )

    def test_what_the_claim_leans_on_is_part_of_it(self) -> None:
        other = replace(self.ASSIGNMENT, lead_in="Coffee is old.")
        assert payload.posting(other).content_hash != payload.posting(self.ASSIGNMENT).content_hash

    def test_cues_are_not(self) -> None:
        cue = Cue(CueKind.CAUSATION, Span(3, 8))
        other = replace(self.ASSIGNMENT, cues=(cue,), overstating=1, parts=2)
        assert payload.posting(other).content_hash == payload.posting(self.ASSIGNMENT).content_hash

    def test_a_task_from_before_claims_had_a_lead_in_keeps_its_hash(self) -> None:
        data = {"article_title": "Tea", "claim": "Tea helps.", "context_html": "<p>Tea.</p>"}
        listed = b'["Tea", "Tea helps.", "<p>Tea.</p>"]'
        assert payload.content_hash(data) == hashlib.sha256(listed).hexdigest()


class TestTheQueue:
    """The order in which Label Studio hands the claims out, and the list that people see."""

    MILD = "Black tea is grown in Assam."
    BOLD = "Coffee always cures everyone."

    def test_reviewers_get_the_claims_as_they_stand_in_the_articles(self, bench: Bench) -> None:
        bench.write()
        bench.write("Coffee\n\n" + self.BOLD, "coffee.txt")
        bench.push()
        for who in (0, 1):
            handed = []
            while claim := bench.handed(who):
                handed.append(claim)
                bench.review(who, claim, SUPPORTED)
            assert handed == [self.BOLD, CURES, TRIALS, CAFFEINE] == bench.claims()

    def test_or_those_with_the_most_overstating_cues_first(self, bench: Bench) -> None:
        bench.write(f"Coffee\n\n{self.MILD} {CURES} {self.BOLD} {TRIALS}")
        bench.push(order=Order.CUES)
        for who in (0, 1):
            handed = []
            while claim := bench.handed(who):
                handed.append(claim)
                bench.review(who, claim, SUPPORTED)
            assert handed == [self.BOLD, CURES, self.MILD, TRIALS]

    def test_claims_that_wait_already_come_before_new_ones(self, bench: Bench) -> None:
        bench.write()
        bench.push()
        bench.write("Coffee\n\n" + self.BOLD, "coffee.txt")
        bench.push(order=Order.CUES)
        bench.review(0, CURES, SUPPORTED)
        assert bench.handed(0) == TRIALS

    def test_the_list_shows_claims_and_cues_and_no_markup(self, bench: Bench) -> None:
        bench.write()
        bench.push()
        (view,) = bench.views()
        assert view["data"]["title"] == payload.QUEUE
        hidden = view["data"]["hiddenColumns"]["explore"]
        assert {"tasks:data.context_html", "tasks:data.content_hash"} <= set(hidden)
        assert {"tasks:data.claim", "tasks:data.cues", "tasks:data.parts"}.isdisjoint(hidden)
        assert "tasks:data.claim" not in view["data"]["hiddenColumns"]["labeling"]

    def test_views_that_people_made_or_changed_are_left_as_they_are(self, bench: Bench) -> None:
        bench.write()
        bench.push()
        (ours,) = bench.views()
        by_column = {**ours["data"], "ordering": ["-tasks:data.parts"]}
        bench.server._request("PATCH", f"api/dm/views/{ours['id']}/", json={"data": by_column})
        bench.server._request(
            "POST",
            "api/dm/views/",
            json={"project": bench.project_id, "data": {"title": "Mine"}},
        )
        before = bench.views()
        bench.write(ARTICLE.replace("about 50 mg", "up to 90 mg"))
        bench.push()
        assert bench.views() == before
        assert before[0]["data"]["ordering"] == ["-tasks:data.parts"]

    def test_claims_reach_the_reviewers_although_their_list_could_not_be_made(
        self, bench: Bench
    ) -> None:
        def refuse(real, *args, **kw):
            raise ServerError("The server answered 500.")

        bench.write()
        report = bench.push(Broken(bench.server, "show_queue", refuse))
        assert report.added == 3
        assert report.problems == [
            "the list of tasks could not be set up: The server answered 500."
        ]
        assert bench.views() == []
        assert bench.push().problems == []
        assert len(bench.views()) == 1


class TestTheProject:
    """One project for the desk, with the page that factcheck put there."""

    def test_its_page_lets_as_many_people_review_a_claim_as_the_desk_wants(
        self, bench: Bench
    ) -> None:
        bench.write()
        bench.push()
        assert bench.server.project(bench.project_id).reviews_per_claim == 2
        assert bench.push(reviews_per_claim=3).page_updated
        assert bench.server.project(bench.project_id).reviews_per_claim == 3

    def test_a_page_altered_in_label_studio_stops_the_push_with_a_diff(self, bench: Bench) -> None:
        bench.write()
        bench.push()
        page = bench.server.project(bench.project_id).labeling
        altered = page.replace('alias="supported"', 'alias="fine"')
        bench.server._sdk.projects.update(bench.project_id, label_config=altered)
        with pytest.raises(DriftError, match=r'\+.*alias="fine"') as error:
            bench.push()
        assert "Labeling Interface" in str(error.value.hint)

    def test_a_newer_page_of_ours_replaces_the_one_that_we_put_there(self, bench: Bench) -> None:
        bench.write()
        bench.push()
        page = bench.server.project(bench.project_id).labeling
        newer = page.replace('alias="supported"', 'alias="supported" hint="Well borne out."')
        assert bench.push(labeling=newer).page_updated
        assert not bench.push(labeling=newer).page_updated

    def test_a_page_that_was_put_there_without_an_answer_is_known_as_ours(
        self, bench: Bench
    ) -> None:
        def lose(real, *args):
            real(*args)
            raise UncertainError("the answer was lost")

        bench.write()
        bench.push()
        page = bench.server.project(bench.project_id).labeling
        newer, newest = (page.replace('size="6"', f'size="{size}"') for size in (5, 4))
        with pytest.raises(UncertainError):
            bench.push(Broken(bench.server, "update_project", lose), labeling=newer)
        bench.push(labeling=newer)
        assert bench.push(labeling=newest).page_updated

    def test_another_project_under_the_same_number_is_not_taken_for_ours(
        self, bench: Bench, server: LabelStudio
    ) -> None:
        bench.write()
        bench.push()
        server._sdk.projects.update(bench.project_id, description="somebody else's")
        with pytest.raises(DriftError):
            bench.push()
