"""Promise 1: one live task for each live claim, whatever crashed, timed out or ran twice."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench import (
    ARTICLE,
    CAFFEINE,
    CALMS,
    CURES,
    HARM,
    HONEY,
    SUPPORTED,
    Bench,
    Broken,
    CrashError,
)
from conftest import Run, RunningLabelStudio
from factcheck.errors import ServerError, UncertainError
from factcheck.review import server as server_module
from factcheck.store.engine import open_database
from fault_proxy import Exchange, FaultProxy

pytestmark = pytest.mark.usefixtures("no_waiting")

ANA, BEN = 0, 1
NEW = "Tea keeps the heart young for 20 years."


def each_claim_has_one_task(bench: Bench) -> bool:
    return bench.posted_claims() == sorted(claim.id for claim in bench._claims())


def outliving(under_way: list[Callable[[], Any]]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """For two methods of a server: a push dies in the first, and its request arrives later.

    It does so once the second has been asked and answered; until then it is `under_way`.
    """

    def crash(real: Any, *args: Any) -> Any:
        under_way.append(lambda: real(*args))
        raise CrashError

    def arrive_after_the_look(real: Any, *args: Any) -> Any:
        answer = real(*args)
        if under_way:
            under_way.pop()()
        return answer

    return crash, arrive_after_the_look


class TestLostAnswers:
    """The request or its answer is lost; the batch is looked for before it is sent again."""

    def test_an_answer_lost_after_the_commit_leaves_no_double(self, bench: Bench) -> None:
        def lose(real: Any, *args: Any) -> Any:
            real(*args)
            raise UncertainError("the answer was lost")

        bench.write()
        report = bench.push(Broken(bench.server, "add_tasks", lose))
        assert report.added == 3
        assert len(bench.posted()) == 3
        assert bench.push().added == 0

    def test_a_request_lost_on_the_way_is_sent_by_the_next_push(self, bench: Bench) -> None:
        def lose(real: Any, *args: Any) -> Any:
            raise UncertainError("the request was lost")

        bench.write()
        with pytest.raises(UncertainError, match="does not have these 3 tasks"):
            bench.push(Broken(bench.server, "add_tasks", lose))
        assert bench.posted() == []
        assert bench.push().added == 3
        assert len(bench.posted_claims()) == len(set(bench.posted_claims())) == 3

    def test_a_crash_after_the_import_is_mended_by_the_next_push(self, each_bench: Bench) -> None:
        bench = each_bench

        def crash(real: Any, *args: Any) -> Any:
            real(*args)
            raise CrashError

        bench.write()
        with pytest.raises(CrashError):
            bench.push(Broken(bench.server, "add_tasks", crash))
        report = bench.push()
        assert (report.found, report.added) == (3, 0)
        assert len(bench.posted()) == 3

    def test_a_crash_before_the_import_is_mended_by_the_next_push(self, bench: Bench) -> None:
        def crash(real: Any, *args: Any) -> Any:
            raise CrashError

        bench.write()
        with pytest.raises(CrashError):
            bench.push(Broken(bench.server, "add_tasks", crash))
        report = bench.push()
        assert (report.found, report.added) == (0, 3)
        assert len(bench.posted()) == 3

    @pytest.mark.parametrize(
        ("asked", "found"), [("create_project", "find_project"), ("add_tasks", "tasks")]
    )
    def test_a_request_that_outlives_its_push_is_waited_for(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch, asked: str, found: str
    ) -> None:
        monkeypatch.setattr(server_module, "_LOOK_AGAIN", (0.0, 60.0))
        under_way: list[Callable[[], Any]] = []
        crash, arrive_after_the_look = outliving(under_way)

        bench.write()
        with pytest.raises(CrashError):
            bench.push(Broken(bench.server, asked, crash))
        bench.push(Broken(bench.server, found, arrive_after_the_look))
        while under_way:  # nobody looked
            under_way.pop()()
        end = bench.end_state()
        assert (len(end["on the server"]), len(end["projects of ours"])) == (3, 1)

    def test_a_request_that_arrives_late_is_undone_where_it_doubled(self, bench: Bench) -> None:
        late: list[Callable[[], Any]] = []

        def delay(real: Any, *args: Any) -> Any:
            late.append(lambda: real(*args))
            raise UncertainError("stalled")

        bench.write()
        with pytest.raises(UncertainError):
            bench.push(Broken(bench.server, "add_tasks", delay))
        bench.push()
        late[0]()
        assert len(bench.posted()) == 6
        assert bench.push().doubled == 3
        assert len(bench.posted_claims()) == len(set(bench.posted_claims())) == 3

    def test_a_clear_refusal_leaves_nothing_behind(self, bench: Bench) -> None:
        def refuse(real: Any, *args: Any) -> Any:
            raise ServerError("400")

        bench.write()
        with pytest.raises(ServerError):
            bench.push(Broken(bench.server, "add_tasks", refuse))
        assert bench.push().added == 3

    def test_a_project_whose_creation_went_unanswered_is_found_again(self, bench: Bench) -> None:
        def crash(real: Any, *args: Any) -> Any:
            real(*args)
            raise CrashError

        bench.write()
        with pytest.raises(CrashError):
            bench.push(Broken(bench.server, "create_project", crash))
        bench.push()
        description = bench.server.project(bench.project_id).description
        everywhere = bench.server._get("api/projects/", page_size=1000)["results"]
        assert [p["description"] for p in everywhere].count(description) == 1


class TestEdits:
    """Articles change, and so do the tasks, but never one that somebody reviewed."""

    def test_a_new_claim_gets_a_task_and_an_unreviewed_old_one_goes(self, bench: Bench) -> None:
        bench.write()
        bench.push()
        bench.write(ARTICLE.replace("about 50 mg", "up to 90 mg"))
        report = bench.push()
        assert (report.added, report.removed, report.kept) == (1, 1, 0)
        assert len(bench.posted()) == 3

    def test_a_reviewed_task_of_a_retired_claim_stays(self, bench: Bench) -> None:
        bench.write()
        bench.push()
        bench.review(0, CAFFEINE, SUPPORTED)
        bench.write(ARTICLE.replace("about 50 mg", "up to 90 mg"))
        report = bench.push()
        assert (report.added, report.removed, report.kept) == (1, 0, 1)
        assert len(bench.posted()) == 4

    def test_a_claim_that_comes_back_finds_its_task(self, bench: Bench) -> None:
        bench.write()
        bench.push()
        bench.review(0, CAFFEINE, SUPPORTED)
        task = bench.task_id(CAFFEINE)
        bench.write(ARTICLE.replace("about 50 mg", "up to 90 mg"))
        bench.push()
        bench.write(ARTICLE)
        bench.push()
        assert bench.task_id(CAFFEINE) == task
        assert len(bench.posted()) == 3

    def test_a_task_deleted_in_label_studio_is_put_there_again(self, each_bench: Bench) -> None:
        bench = each_bench
        bench.write()
        bench.push()
        bench.delete_task(CURES)
        report = bench.push()
        assert (report.gone, report.added) == (1, 1)
        assert len(bench.posted()) == 3

    def test_tasks_that_people_made_are_left_alone(self, bench: Bench) -> None:
        bench.write()
        bench.push()
        by_hand = bench.by_hand()
        assert bench.push().foreign == 1
        assert by_hand in {task.id for task in bench.posted()}


class TestDoubles:
    """Others import tasks again, and databases come back from a backup."""

    def test_a_double_that_nobody_reviewed_is_removed(self, pushed: Bench) -> None:
        for text in (CURES, CURES, CAFFEINE):
            pushed.double(min(t.id for t in pushed.posted() if t.claim_id == pushed.claim_id(text)))
        assert len(pushed.posted()) == 6
        assert pushed.push().doubled == 3
        assert each_claim_has_one_task(pushed)

    def test_of_two_tasks_of_a_claim_the_reviewed_one_stands(self, pushed: Bench) -> None:
        reviewed = pushed.double(pushed.task_id(CURES))
        pushed.review(ANA, CURES, SUPPORTED, task=reviewed)
        report = pushed.push()
        assert (report.found, report.doubled) == (1, 1)
        assert pushed.task_id(CURES) == reviewed
        assert pushed.sync().created == 1

    def test_two_reviewed_tasks_of_a_claim_are_left_to_a_person(self, pushed: Bench) -> None:
        first, second = pushed.task_id(CURES), pushed.double(pushed.task_id(CURES))
        pushed.review(ANA, CURES, SUPPORTED, task=first)
        pushed.review(BEN, CURES, SUPPORTED, task=second)
        report = pushed.push(repair=True)
        (problem,) = report.problems
        assert pushed.server.link(pushed.project_id, first) in problem
        assert pushed.server.link(pushed.project_id, second) in problem
        assert len(pushed.posted()) == 4

    def test_a_double_that_stays_does_not_hide_a_deleted_task(self, pushed: Bench) -> None:
        first, double = pushed.task_id(CURES), pushed.double(pushed.task_id(CURES))
        pushed.review(ANA, CURES, SUPPORTED, task=first)
        pushed.review(BEN, CURES, SUPPORTED, task=double)
        pushed.sync()
        pushed.delete_task(CAFFEINE)
        assert pushed.push().gone == 1
        assert pushed.posted_claims().count(pushed.claim_id(CAFFEINE)) == 1

    def test_tasks_that_an_older_database_forgot_are_taken_up(self, pushed: Bench) -> None:
        file = pushed.database.file
        assert file is not None
        older = file.with_name("older.db")
        with pushed.database.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql(f"VACUUM INTO '{older}'")
            connection.exec_driver_sql("BEGIN")
        pushed.write(f"Tea and the heart\n\n{NEW}", "heart.txt")
        pushed.push()
        pushed.review(ANA, NEW, SUPPORTED)
        shutil.copyfile(older, restored := file.with_name("restored.db"))
        bench = replace(pushed, database=open_database(f"sqlite:///{restored}"))
        try:
            bench.write(f"Tea and the heart\n\n{NEW}", "heart.txt")
            assert [str(one.kind) for one in bench.sync(full=True).differences] == ["orphaned"]
            report = bench.push()
            assert (report.found, report.added) == (1, 0)
            assert len(bench.posted()) == 4
            assert bench.sync().created == 1
        finally:
            bench.database.close()


class TestIdsGivenAgain:
    """Label Studio on SQLite gives out the id of a deleted task again, and counts stay alike."""

    def test_a_task_of_somebody_else_under_the_id_of_a_deleted_one(self, pushed: Bench) -> None:
        pushed.sync()
        number = pushed.task_id(CAFFEINE)
        pushed.delete_task(CAFFEINE)
        assert pushed.by_hand() == number
        pushed.sync()
        assert pushed.push().added == 1
        assert pushed.posted_claims().count(pushed.claim_id(CAFFEINE)) == 1

    def test_a_double_of_another_claim_under_the_id_of_a_deleted_one(self, pushed: Bench) -> None:
        pushed.sync()
        number = pushed.task_id(CAFFEINE)
        pushed.delete_task(CAFFEINE)
        assert pushed.double(pushed.task_id(CURES)) == number
        pushed.sync()
        report = pushed.push()
        assert (report.added, report.doubled) == (1, 1)
        assert each_claim_has_one_task(pushed)

    def test_as_many_tasks_made_by_hand_as_were_deleted(self, pushed: Bench) -> None:
        pushed.sync()
        pushed.delete_task(CURES)
        pushed.by_hand()
        assert pushed.sync().gone == 1
        report = pushed.push()
        assert (report.added, report.foreign) == (1, 1)
        assert pushed.posted_claims().count(pushed.claim_id(CURES)) == 1


class TestTwice:
    """A command that is run twice, one after the other or at once."""

    def test_any_number_of_pushes_leave_one_task_for_each_claim(self, each_bench: Bench) -> None:
        each_bench.write()
        for _ in range(3):
            each_bench.push()
        assert each_claim_has_one_task(each_bench)

    @pytest.mark.slow
    def test_of_two_pushes_at_once_the_second_is_sent_away(
        self, desk: Path, run: Run, label_studio: RunningLabelStudio, proxy: FaultProxy
    ) -> None:
        """It comes while the tasks of the first are on their way."""
        (desk / "tea.txt").write_text(ARTICLE, encoding="utf-8")
        assert run("ingest", "tea.txt").returncode == 0
        token = {"LABEL_STUDIO_API_KEY": label_studio.token}
        under_way, let_go = threading.Event(), threading.Event()
        first: list[subprocess.CompletedProcess[str]] = []

        def hold(exchange: Exchange) -> None:
            under_way.set()
            assert let_go.wait(60)
            exchange.forward()
            exchange.answer()

        def push_first() -> None:
            first.append(run("push", env=token | {"LABEL_STUDIO_URL": proxy.url}))

        thread = threading.Thread(target=push_first)
        with proxy.fault("POST /api/projects/N/import", hold):
            thread.start()
            try:
                assert under_way.wait(60)
                second = run("push", env=token | {"LABEL_STUDIO_URL": label_studio.url})
            finally:
                let_go.set()
                thread.join()
        assert "The desk is in use: factcheck push" in second.stderr
        assert first[0].returncode == 0, first[0].stderr
        with_both = run("push", "--json", env=token | {"LABEL_STUDIO_URL": label_studio.url})
        assert '"unchanged": 3' in with_both.stdout
        assert '"doubled": 0' in with_both.stdout


class TestAnotherLeadIn:
    """A claim that leans on other words by now has one task that shows them."""

    @pytest.fixture
    def reviewed(self, bench: Bench) -> Bench:
        """A desk whose claims were reviewed before what one of them leans on was edited."""
        bench.write(HONEY)
        bench.push()
        bench.review(ANA, CALMS, SUPPORTED)
        bench.review(ANA, HARM, SUPPORTED)
        bench.sync()
        bench.write(HONEY.replace(CALMS + " ", "Is honey a drug?\n\n"))
        return bench

    def tasks(self, bench: Bench) -> list[int]:
        """The tasks of the claim that leans on another."""
        return [t.id for t in bench.posted() if t.claim_id == bench.claim_id(HARM)]

    def test_the_reviewed_task_of_before_is_not_taken_for_one_whose_answer_was_lost(
        self, reviewed: Bench
    ) -> None:
        def lose(real: Any, *args: Any) -> Any:
            raise UncertainError("the request was lost")

        with pytest.raises(UncertainError, match="does not have these 1 tasks"):
            reviewed.push(Broken(reviewed.server, "add_tasks", lose))
        assert len(self.tasks(reviewed)) == 1
        assert reviewed.push().added == 1
        assert len(self.tasks(reviewed)) == 2

    def test_nor_for_one_whose_push_died_while_it_was_on_its_way(
        self, reviewed: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        crash, arrive_after_the_look = outliving([])

        with pytest.raises(CrashError):
            reviewed.push(Broken(reviewed.server, "add_tasks", crash))
        monkeypatch.setattr(server_module, "_LOOK_AGAIN", (0.0, 60.0))
        report = reviewed.push(Broken(reviewed.server, "tasks", arrive_after_the_look))
        assert (report.found, report.added) == (1, 0)
        assert len(self.tasks(reviewed)) == 2

    def test_a_claim_that_was_away_and_comes_back_as_it_was_reviewed_finds_that_task(
        self, reviewed: Bench
    ) -> None:
        (first,) = self.tasks(reviewed)
        reviewed.push()
        reviewed.write(HONEY.replace(HARM, ""))
        reviewed.push()
        reviewed.write(HONEY)
        report = reviewed.push()
        assert (report.added, report.unchanged) == (0, 2)
        assert reviewed.task_id(HARM) == first
        assert each_claim_has_one_task(reviewed)

    def test_and_so_it_does_where_the_later_task_was_deleted(self, reviewed: Bench) -> None:
        reviewed.push()
        reviewed.server._sdk.tasks.delete(str(max(self.tasks(reviewed))))
        reviewed.write(HONEY)
        assert reviewed.push().added == 0
        assert each_claim_has_one_task(reviewed)

    def test_of_two_tasks_the_one_that_shows_what_was_pushed_stands(self, reviewed: Bench) -> None:
        (first,) = self.tasks(reviewed)
        reviewed.push()
        copy = reviewed.double(first)
        reviewed.review(BEN, HARM, SUPPORTED, task=copy)
        before = self.tasks(reviewed)
        assert len(before) == 3
        assert len(reviewed.push().problems) == 1
        assert self.tasks(reviewed) == before
