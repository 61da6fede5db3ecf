"""The command line: what goes where, what it exits with, and that every command explains itself."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

import factcheck
from conftest import Run
from desk_builder import (
    COFFEE,
    CURES,
    LOWERS,
    OVERSTATED,
    SUPPORTED,
    TEA,
    TRIALS,
    UNSUPPORTED,
    DeskBuilder,
)
from factcheck.cli import EXIT_CODES, app, main
from factcheck.errors import (
    DriftError,
    FactcheckError,
    IncompleteError,
    LockedError,
    NotAuthorisedError,
    ServerError,
    UncertainError,
    UnreachableError,
    UsageError,
)
from factcheck.model import article_id
from factcheck.store.engine import open_database


def commands(command: Any, *names: str) -> Iterator[tuple[str, ...]]:
    """Every command with the groups above it, such as `("server", "start")`."""
    yield names
    if isinstance(command, TyperGroup):
        for name, below in command.commands.items():
            yield from commands(below, *names, name)


def named(names: tuple[str, ...]) -> Any:
    """The command of these names, as Typer has it."""
    command: Any = get_command(app)
    for name in names:
        command = command.commands[name]
    return command


COMMANDS = list(commands(get_command(app)))


@pytest.fixture
def cli(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The working folder is an empty desk."""
    monkeypatch.chdir(desk)


@pytest.fixture(scope="module")
def prepared(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an article whose claims are decided, one disputed, and a database."""
    folder = tmp_path_factory.mktemp("prepared")
    shutil.copyfile(sqlite_template, folder / "factcheck.db")
    builder = DeskBuilder(open_database("sqlite:///factcheck.db", folder), folder / "articles")
    builder.write(TEA, "tea.txt")
    builder.write(COFFEE, "coffee.txt")
    builder.agree(OVERSTATED)
    builder.review(builder.claim_id(LOWERS), "ben", UNSUPPORTED)
    builder.database.close()
    return folder


@pytest.fixture
def builder(cli: None, desk: Path, prepared: Path) -> Iterator[DeskBuilder]:
    """The working folder is a desk of its own, with what was prepared."""
    shutil.copytree(prepared, desk, dirs_exist_ok=True)
    builder = DeskBuilder(open_database("sqlite:///factcheck.db", desk), desk / "articles")
    yield builder
    builder.database.close()


class TestHelp:
    """Every command says what it does."""

    @pytest.mark.parametrize("command", COMMANDS, ids=lambda names: " ".join(names) or "factcheck")
    def test_a_command_describes_itself_and_all_that_it_takes(
        self, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main([*command, "--help"]) == 0
        printed = capsys.readouterr()
        assert printed.err in ("", "Nothing was changed (--dry-run).\n")
        assert printed.out.startswith(f"Usage: {' '.join(('factcheck', *command))}")
        described = named(command)
        assert described.help
        for parameter in described.params:
            assert getattr(parameter, "help", None), f"{parameter.name} has no help"

    def test_the_list_of_commands_cuts_no_description_short(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for group in ([], ["server"], ["db"]):
            main([*group, "--help"])
            listed = capsys.readouterr().out.partition("Commands:")[2]
            assert listed.strip()
            assert "..." not in listed

    def test_the_exit_codes_are_told(self, capsys: pytest.CaptureFixture[str]) -> None:
        main(["--help"])
        told = " ".join(capsys.readouterr().out.split())
        assert "0 done, 1 finished with findings, 2 usage or configuration, 3 partly done" in told
        assert "4 not authorised, 5 server not reachable" in told

    def test_the_version_is_the_packages(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--version"]) == 0
        assert capsys.readouterr().out == f"factcheck {factcheck.__version__}\n"


class TestUsage:
    """What can't be understood exits with 2, and says what could be."""

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["exprot"], "exprot"),
            (["server", "strat"], "strat"),
            (["export", "--all"], "--all"),
            (["ingest"], "Missing argument"),
            (["adjudicate", "c1", "supported"], "--note"),
            (["adjudicate", "c1", "supported", "--note", "x"], "FACTCHECK_EDITOR"),
            (["export", "--as-of", "yesterday"], "2026-05-04T09:30:00Z"),
            (["-C", "nowhere", "status"], "nowhere"),
            (["--database", "mysql://localhost/desk", "status"], "PostgreSQL"),
            (["--database", "desk.db", "status"], "sqlite:///factcheck.db"),
        ],
        ids=lambda given: " ".join(given) if isinstance(given, list) else None,
    )
    def test_the_part_at_fault_is_named(
        self, cli: None, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
    ) -> None:
        assert main(arguments) == 2
        printed = capsys.readouterr()
        assert told in printed.err
        assert printed.out == ""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (IncompleteError("x"), 1),
        (UsageError("x"), 2),
        (DriftError("x"), 2),
        (LockedError("x"), 2),
        (ServerError("x"), 3),
        (UncertainError("x"), 3),
        (NotAuthorisedError("x"), 4),
        (UnreachableError("x"), 5),
    ],
    ids=lambda given: type(given).__name__ if isinstance(given, FactcheckError) else None,
)
def test_every_error_has_the_exit_code_that_the_help_tells(
    error: FactcheckError, code: int
) -> None:
    assert next(found for kind, found in EXIT_CODES if isinstance(error, kind)) == code


class TestStreams:
    """Data goes to standard output, all else to standard error."""

    def test_a_report_is_data_and_findings_are_messages(
        self, builder: DeskBuilder, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (builder.articles / "empty.txt").write_text("")
        assert main(["ingest", str(builder.articles)]) == 3
        printed = capsys.readouterr()
        assert printed.out == "unchanged: 2 articles\n"
        assert "empty.txt is empty" in printed.err
        assert "1 article left out; the rest was read." in printed.err

    @pytest.mark.parametrize(
        "arguments",
        [
            ["status"],
            ["claims", "tea"],
            ["export", "--allow-incomplete"],
            ["db", "status"],
        ],
        ids=" ".join,
    )
    def test_data_is_printed_to_standard_output(
        self, builder: DeskBuilder, capsys: pytest.CaptureFixture[str], arguments: list[str]
    ) -> None:
        assert main(arguments) == 0
        assert capsys.readouterr().out

    @pytest.mark.parametrize(
        ("arguments", "code", "keys"),
        [
            (
                ["ingest", "articles", "--dry-run"],
                0,
                {
                    *("added", "changed", "unchanged", "left_out"),
                    *("claims", "new", "retired", "again"),
                    *("articles", "without_claims", "refused"),
                },
            ),
            (["claims", "tea"], 0, {"article_id", "source", "title", "sha256", "pieces"}),
            (
                ["status"],
                0,
                {"articles", "disputed", "tasks", "set_aside", "agreement", "synced_at"},
            ),
            (["export"], 1, {"folder", "files", "rows", "unfinished", "left_out"}),
            (["db", "status"], 0, {"version", "newest"}),
            (["server", "status"], 1, {"running", "url", "pid"}),
        ],
        ids=lambda given: " ".join(given) if isinstance(given, list) else None,
    )
    def test_json_is_all_that_stands_on_standard_output(
        self,
        builder: DeskBuilder,
        capsys: pytest.CaptureFixture[str],
        arguments: list[str],
        code: int,
        keys: set[str],
    ) -> None:
        assert main([*arguments, "--json"]) == code
        printed = capsys.readouterr()
        assert json.loads(printed.out).keys() == keys
        assert printed.err in ("", "Nothing was changed (--dry-run).\n")

    def test_every_command_that_prints_data_has_json(self) -> None:
        without = {
            " ".join(names)
            for names in COMMANDS
            if not any("--json" in p.opts for p in named(names).params)
        }
        assert without == {
            *("", "server", "db"),  # groups
            *("init", "server stop", "db upgrade"),  # say that it is done, and no more
        }

    def test_an_article_as_cut_can_be_put_together_again_from_json(
        self, builder: DeskBuilder, capsys: pytest.CaptureFixture[str]
    ) -> None:
        main(["claims", "tea.txt", "--json"])
        article = json.loads(capsys.readouterr().out)
        for piece in article["pieces"]:
            assert TEA[piece["start"] : piece["end"]] == piece["text"]
        claims = [piece for piece in article["pieces"] if piece["kind"] == "claim"]
        assert [piece["position"] for piece in claims] == [1, 2, 3]
        assert [piece["claim_id"] for piece in claims] == [
            claim.id for claim in builder.claims() if claim.text != LOWERS
        ]

    def test_an_article_as_cut_is_shown_whole(
        self, builder: DeskBuilder, capsys: pytest.CaptureFixture[str]
    ) -> None:
        main(["claims", "tea"])
        printed = capsys.readouterr().out
        assert re.search(rf"^ +2  {builder.claim_id(TRIALS)}  {TRIALS}$", printed, re.MULTILINE)
        assert "Tea and sleep  [heading: " in printed


@pytest.mark.slow
class TestColour:
    """Colour is for terminals, and not for those who don't want it."""

    def test_there_is_none_in_a_pipe(self, builder: DeskBuilder, run: Run) -> None:
        assert "\x1b" not in run("status", env={"NO_COLOR": ""}).stdout

    def test_no_color_is_heard(self, builder: DeskBuilder, run: Run) -> None:
        coloured = re.compile(r"\x1b\[[\d;]*3[0-7]m")
        a_terminal = {"FORCE_COLOR": "1", "TERM": "xterm-256color"}
        assert coloured.search(run("status", env=a_terminal | {"NO_COLOR": ""}).stdout)
        assert not coloured.search(run("status", env=a_terminal).stdout)


class TestCompletion:
    """The shell completes commands and options."""

    def test_a_script_for_bash_is_written(self, run: Run) -> None:
        written = run(env={"_FACTCHECK_COMPLETE": "source_bash"})
        assert written.returncode == 0
        script = subprocess.run(
            ["bash", "-n"], input=written.stdout, encoding="utf-8", capture_output=True, check=False
        )
        assert (script.returncode, script.stderr) == (0, "")
        assert "complete -o default -F _factcheck_completion factcheck" in written.stdout

    @pytest.mark.parametrize(
        ("words", "completed"),
        [("factcheck ex", {"export"}), ("factcheck server st", {"start", "status", "stop"})],
    )
    def test_words_are_completed(self, run: Run, words: str, completed: set[str]) -> None:
        found = run(
            env={
                "_FACTCHECK_COMPLETE": "complete_bash",
                "COMP_WORDS": words,
                "COMP_CWORD": str(words.count(" ")),
            }
        )
        assert set(found.stdout.split()) == completed


class TestInit:
    """`factcheck init` starts a desk."""

    def test_it_writes_a_file_that_can_be_used_as_it_is(
        self, cli: None, desk: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["init"]) == 0
        assert "factcheck ingest" in capsys.readouterr().err
        assert main(["status"]) == 0
        assert (desk / "factcheck.db").exists()

    def test_it_leaves_a_file_that_is_there_alone(self, cli: None, desk: Path) -> None:
        (desk / "factcheck.toml").write_text('desk = "Mine, and edited"\n')
        assert main(["init"]) == 0
        assert (desk / "factcheck.toml").read_text() == 'desk = "Mine, and edited"\n'

    def test_another_folder_can_be_named(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = tmp_path / "other"
        other.mkdir()
        monkeypatch.chdir(tmp_path)
        assert main(["-C", "other", "init"]) == 0
        assert (other / "factcheck.toml").exists()
        monkeypatch.setenv("FACTCHECK_FOLDER", "other")
        assert main(["status"]) == 0
        assert (other / "factcheck.db").exists()


class TestAdjudicate:
    """An editor rules on the command line."""

    def test_a_few_characters_of_the_id_will_do(
        self,
        builder: DeskBuilder,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("FACTCHECK_EDITOR", "mara")
        claim = builder.claim_id(LOWERS)
        ruling = [
            "adjudicate",
            claim[:9],
            "supported",
            "--note",
            "Read it.",
            "--evidence",
            "http://a",
        ]
        assert main(ruling) == 0
        assert capsys.readouterr().out == f"{claim}: decided, supported.\n"
        checked = builder.checked(claim)
        assert checked.ruling is not None
        assert (checked.ruling.editor, checked.ruling.note) == ("mara", "Read it.")
        assert checked.decision.evidence == ("http://a",)
        assert main([*ruling, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["claim_id"], told["verdict"]) == (claim, "supported")
        assert told["provenance"] == "adjudicated"

    def test_reviews_that_differ_since_then_are_told(
        self, builder: DeskBuilder, capsys: pytest.CaptureFixture[str]
    ) -> None:
        claim = builder.claim_id(CURES)
        builder.rule(claim, None)
        builder.review(claim, "cleo", SUPPORTED)
        same = ["--editor", "mara", "--note", "Read all three trials."]
        assert main(["adjudicate", claim, "not_checkable", *same]) == 0
        printed = capsys.readouterr()
        assert printed.out == f"{claim}: dropped.\n"
        assert "Reviewed differently since by cleo." in printed.err


class TestExport:
    """The editor's last step."""

    def test_unfinished_articles_are_findings(
        self, builder: DeskBuilder, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["export"]) == 1
        printed = capsys.readouterr()
        assert printed.out == (
            "exports/verdicts.csv: 3 rows\n"
            f"exports/{article_id('tea.txt')}/summary.md: 1 correction summary\n"
        )
        assert printed.err == (
            "1 article not finished, left out:\n"
            "  coffee.txt: 1 claim pending or disputed\n"
            "`factcheck status` says what they wait for; "
            "`factcheck export --allow-incomplete` takes them in.\n"
        )
        assert main(["export", "--allow-incomplete"]) == 0
        printed = capsys.readouterr()
        assert "exports/*/summary.md: 2 correction summaries" in printed.out
        assert "taken in, and marked as incomplete" in printed.err

    def test_the_desks_rule_of_today_decides(
        self, builder: DeskBuilder, desk: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (desk / "factcheck.toml").write_text('rule = "strictest"\n')
        assert main(["export"]) == 0
        assert builder.checked(builder.claim_id(LOWERS)).decision.verdict == "unsupported"

    def test_an_empty_desk_has_nothing_to_export(
        self, cli: None, desk: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["export"]) == 2
        printed = capsys.readouterr()
        assert "There is no claim to export" in printed.err
        assert "factcheck ingest" in printed.err
        assert not (desk / "exports").exists()

    def test_a_time_as_the_exports_print_it_gives_that_export(
        self, builder: DeskBuilder, desk: Path
    ) -> None:
        assert main(["export", "--allow-incomplete"]) == 0
        first = (desk / "exports" / "verdicts.csv").read_bytes()
        stamp = max(row["updated_at"] for row in csv.DictReader(first.decode().splitlines()))
        time.sleep(1)  # into the next second
        builder.agree(SUPPORTED)
        assert main(["export", "--allow-incomplete"]) == 0
        assert (desk / "exports" / "verdicts.csv").read_bytes() != first
        assert main(["export", "--allow-incomplete", "--as-of", stamp, "--exports", "then"]) == 0
        assert (desk / "then" / "verdicts.csv").read_bytes() == first


def test_two_runs_on_one_desk_do_not_meet(
    builder: DeskBuilder, capsys: pytest.CaptureFixture[str]
) -> None:
    with builder.database.lock("sync"):
        assert main(["ingest", str(builder.articles)]) == 2
        told = capsys.readouterr().err
        assert "The desk is in use: factcheck sync on " in told
        assert "Wait until it has ended" in told
        assert main(["status"]) == 0
    assert main(["ingest", str(builder.articles)]) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
@pytest.mark.slow
def test_an_interrupt_ends_with_130_and_says_that_it_can_go_on(
    builder: DeskBuilder, desk: Path
) -> None:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as silent:
        silent.settimeout(60)
        process = subprocess.Popen(
            [sys.executable, "-m", "factcheck", "push"],
            cwd=desk,
            env=os.environ
            | {
                "LABEL_STUDIO_URL": f"http://127.0.0.1:{silent.getsockname()[1]}",
                "LABEL_STUDIO_API_KEY": "0" * 40,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            # A shell starts what runs in the background with interrupts ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        connection, _ = silent.accept()  # the command waits for an answer that never comes
        with connection:
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "Error: Interrupted.\n  Run it again: it goes on where it stopped.\n"
    assert out == ""
    with builder.database.lock("test"):
        pass  # the desk is free again
