"""The ledger and the project held against each other: `sync --full` and `push --repair`."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bench import ARTICLE, CAFFEINE, CURES, SUPPORTED, TRIALS, UNSUPPORTED, Bench, Broken
from factcheck.model import Changes
from factcheck.review.push import PushReport
from factcheck.review.sync import SyncReport
from factcheck.store.tables import ReviewEvent, SyncRun

ANA, BEN = 0, 1
NEW = "Tea keeps the heart young for 20 years."


def kinds(report: SyncReport) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in report.differences:
        found[str(one.kind)] = found.get(str(one.kind), 0) + 1
    return found


def mess(bench: Bench) -> None:
    """Everything that people can do to a project, at once: three claims become six tasks."""
    bench.write(f"Tea and the heart\n\n{NEW}", "heart.txt")
    bench.push()
    bench.alter(CURES)
    bench.delete_task(TRIALS)
    bench.double(bench.task_id(CAFFEINE))
    bench.by_hand()


def check_sum(report: PushReport, bench: Bench) -> None:
    assert report.live == report.unchanged + report.found + report.added
    assert len(bench.posted()) == report.live + report.kept + report.foreign


class TestPush:
    """What a push mends by itself: that a live claim has one task."""

    def test_its_counts_add_up_whatever_was_done_in_label_studio(self, pushed: Bench) -> None:
        mess(pushed)
        pushed.review(ANA, NEW, SUPPORTED)
        pushed.write("Tea and the heart\n\nTea is from Assam and from Ceylon.", "heart.txt")
        report = pushed.push()
        check_sum(report, pushed)
        assert (report.unchanged, report.added, report.gone) == (2, 2, 1)
        assert (report.doubled, report.kept, report.foreign) == (1, 1, 1)
        check_sum(again := pushed.push(), pushed)
        assert (again.unchanged, again.added, again.doubled) == (4, 0, 0)

    def test_with_nothing_to_do_it_asks_for_no_list_of_tasks(self, pushed: Bench) -> None:
        pushed.by_hand()
        pushed.review(ANA, CAFFEINE, SUPPORTED)
        pushed.write(ARTICLE.replace("about 50 mg", "up to 90 mg"))
        pushed.push()
        pushed.sync()
        seen = pushed.requests()
        report = pushed.push()
        assert (report.unchanged, report.kept, report.foreign) == (3, 1, 1)
        assert len(seen) <= 3
        assert "GET /api/tasks/" not in seen


class TestRepair:
    """What an editor has to want: that every unreviewed task shows what was pushed."""

    def test_an_altered_task_is_replaced_and_only_then(self, pushed: Bench) -> None:
        pushed.alter(CURES)
        old = pushed.task_id(CURES)
        assert pushed.push().unchanged == 3
        report = pushed.push(repair=True)
        assert (report.replaced, report.added, report.unchanged) == (1, 1, 2)
        assert old not in {task.id for task in pushed.posted()} or old == pushed.task_id(CURES)
        shown = pushed.server._sdk.tasks.get(str(pushed.task_id(CURES))).data
        assert shown["claim"] == CURES
        assert pushed.sync(full=True).differences == []

    def test_a_reviewed_task_is_reported_with_its_words_and_not_touched(
        self, pushed: Bench
    ) -> None:
        pushed.alter(CURES)
        pushed.review(ANA, CURES, SUPPORTED)
        before = pushed.posted()
        report = pushed.push(repair=True)
        assert (report.replaced, report.unchanged) == (0, 3)
        (problem,) = report.problems
        assert CURES in problem
        assert pushed.server.link(pushed.project_id, pushed.task_id(CURES)) in problem
        assert pushed.posted() == before

    def test_a_skipped_task_is_not_touched_either(self, pushed: Bench) -> None:
        pushed.alter(CURES)
        pushed.review(ANA, CURES, [], was_cancelled=True)
        assert pushed.push(repair=True).replaced == 0

    def test_it_looks_even_where_the_counts_are_as_they_were(self, pushed: Bench) -> None:
        pushed.delete_task(CURES)
        pushed.double(pushed.task_id(CAFFEINE))
        assert pushed.push().unchanged == 3
        report = pushed.push(repair=True)
        assert (report.gone, report.doubled, report.added) == (1, 1, 1)
        check_sum(report, pushed)

    def test_a_dry_run_counts_the_same_and_changes_nothing(self, pushed: Bench) -> None:
        mess(pushed)
        before, tasks = pushed.dump(), pushed.posted()
        told = pushed.push(repair=True, dry_run=True)
        assert (pushed.dump(), pushed.posted()) == (before, tasks)
        assert told == pushed.push(repair=True)
        assert (told.replaced, told.gone, told.doubled) == (1, 1, 1)

    def test_after_it_the_project_is_as_the_desk_left_it(self, pushed: Bench) -> None:
        mess(pushed)
        check_sum(pushed.push(repair=True), pushed)
        report = pushed.sync(full=True)
        assert kinds(report) == {"foreign": 1}
        assert report.as_pushed == 4


class TestFullSync:
    """`sync --full` tells every task that is not as the desk left it."""

    def test_each_difference_has_a_link_and_a_remedy_and_they_add_up(self, pushed: Bench) -> None:
        mess(pushed)
        altered, by_hand = pushed.task_id(CURES), pushed.posted()[-1].id
        report = pushed.sync(full=True)
        assert kinds(report) == {"altered": 1, "gone": 1, "doubled": 1, "foreign": 1}
        told = {str(one.kind): one for one in report.differences}
        assert told["altered"].link == pushed.server.link(pushed.project_id, altered)
        assert told["foreign"].link == pushed.server.link(pushed.project_id, by_hand)
        assert "push --repair" in told["altered"].remedy
        assert "left alone" in told["foreign"].remedy
        assert told["gone"].claim_id == pushed.claim_id(TRIALS)
        there = [one for one in report.differences if one.link is not None]
        assert report.as_pushed is not None
        assert len(pushed.posted()) == report.as_pushed + len(there)
        assert report.has_findings

    def test_it_tells_and_leaves_all_tasks_as_they_are(self, pushed: Bench) -> None:
        mess(pushed)
        before = pushed.posted()
        pushed.sync(full=True)
        assert pushed.posted() == before

    def test_tasks_that_people_made_are_no_finding(self, pushed: Bench) -> None:
        pushed.by_hand()
        report = pushed.sync(full=True)
        assert (kinds(report), report.foreign, report.has_findings) == ({"foreign": 1}, 1, False)

    def test_an_altered_reviewed_task_is_for_a_person_to_mend(self, pushed: Bench) -> None:
        pushed.review(ANA, CURES, SUPPORTED)
        pushed.alter(CURES)
        (told,) = pushed.sync(full=True).differences
        assert "put its text back" in told.remedy


class TestCounts:
    """Each sync compares counts, beside tasks that people made too."""

    def unseen(self, pushed: Bench) -> SyncReport:
        """A sync that the server's clock tells nothing."""

        def nothing(real: Any, *args: Any) -> Changes:
            return Changes([], real(*args).asked_at)

        return pushed.sync(Broken(pushed.server, "changed", nothing))

    def test_a_review_that_moved_no_clock_is_found(self, pushed: Bench) -> None:
        task = pushed.by_hand()
        pushed.review(ANA, "By hand.", SUPPORTED, task=task)
        pushed.sync()
        pushed.review(BEN, CURES, SUPPORTED)
        assert self.unseen(pushed).created == 1

    def test_a_skip_that_moved_no_clock_is_found(self, pushed: Bench) -> None:
        pushed.by_hand()
        pushed.sync()
        pushed.review(BEN, CURES, [], was_cancelled=True)
        assert self.unseen(pushed).skipped == 1

    def test_a_deleted_task_is_found(self, pushed: Bench) -> None:
        pushed.by_hand()
        pushed.review(BEN, CURES, SUPPORTED)
        pushed.sync()
        pushed.delete_task(CURES)
        report = pushed.sync()
        assert (report.gone, report.deleted, report.foreign) == (1, 1, 1)

    def test_reviews_of_foreign_tasks_are_followed_without_a_list_of_all(
        self, pushed: Bench
    ) -> None:
        task = pushed.by_hand()
        pushed.sync()
        pushed.review(ANA, "By hand.", SUPPORTED, task=task)
        seen = pushed.requests()
        pushed.sync()
        pushed.sync()
        assert seen.count("GET /api/tasks/") == 2
        assert pushed.reviews() == []

    def test_with_nothing_new_it_asks_twice_and_adds_no_row_to_its_log(self, pushed: Bench) -> None:
        pushed.review(ANA, CURES, SUPPORTED)
        for _ in range(3):
            pushed.sync()
        with pushed.database.reading() as session:
            runs = session.scalars(sa.select(SyncRun)).all()
        seen = pushed.requests()
        pushed.sync()
        assert len(seen) == 2
        with pushed.database.reading() as session:
            later = session.scalars(sa.select(SyncRun)).all()
        assert [run.id for run in later] == [run.id for run in runs]
        assert later[-1].finished_at > runs[-1].finished_at

    def test_the_report_counts_the_events_that_were_written(self, pushed: Bench) -> None:
        pushed.review(ANA, CURES, SUPPORTED)
        pushed.review(BEN, TRIALS, UNSUPPORTED)
        skipped = pushed.review(BEN, CAFFEINE, [], was_cancelled=True)
        reports = [pushed.sync()]
        pushed.server._sdk.annotations.delete(skipped)
        pushed.delete_task(CURES)
        reports.append(pushed.sync())
        events = ("created", "changed", "skipped", "unskipped", "deleted", "restored")
        told = [{n: getattr(r, n) for n in events if getattr(r, n)} for r in reports]
        assert told == [{"created": 2, "skipped": 1}, {"deleted": 2}]
        with pushed.database.reading() as session:
            written = session.scalar(sa.select(sa.func.count()).select_from(ReviewEvent))
        assert written == sum(sum(counts.values()) for counts in told)
