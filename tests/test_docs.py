"""README and docs: what they show is what happens."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from markdown_it import MarkdownIt

from browser import judge, mark, open_queue, sign_in
from factcheck.demo import _read_reviews
from factcheck.exports.export import export
from factcheck.exports.verdicts import COLUMNS
from factcheck.review.status import checked_claims
from factcheck.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from bench import Bench

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def help_of(*command: str) -> str:
    """What `factcheck COMMAND --help` prints, at a fixed width."""
    from factcheck.cli import main

    width = {"COLUMNS": "80", "TERMINAL_WIDTH": "80", "NO_COLOR": "1"}
    with mock.patch.dict(os.environ, width), contextlib.redirect_stdout(io.StringIO()) as printed:
        main([*command, "--help"])
    return printed.getvalue().strip()


def commands() -> list[tuple[str, ...]]:
    """Every command and group of the command line, groups before what they hold."""
    from typer.main import get_command

    from factcheck.cli import app

    found: list[tuple[str, ...]] = [()]
    for name, command in sorted(get_command(app).commands.items()):
        found.append((name,))
        found += [(name, inner) for inner in sorted(getattr(command, "commands", {}))]
    return found


def reference() -> str:
    """docs/cli.md, made of `--help`."""
    parts = [
        f"## {' '.join(('factcheck', *command))}\n\n```\n{help_of(*command)}\n```\n"
        for command in commands()
    ]
    return "\n".join(["# The command line\n\nMade of `factcheck --help` by `make docs`.\n", *parts])


def test_the_reference_of_the_command_line_is_what_help_says() -> None:
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == reference()


def test_the_readme_names_every_setting_with_its_default() -> None:
    for name, setting in Settings.model_fields.items():
        (row,) = [
            line
            for line in README.splitlines()
            if line.startswith("|")
            and re.search(rf"`(FACTCHECK_|LABEL_STUDIO_|){name}`", line, re.I)
            and not (name == "label_studio_api_key" and "_file" in line)
        ]
        if setting.default is not None:
            assert f"`{setting.default}`" in row


def test_the_readme_has_the_columns_of_the_contract_in_their_order() -> None:
    assert ", ".join(COLUMNS) in " ".join(README.split())


def test_every_file_that_the_readme_links_to_is_there() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert link.startswith("https://") or (ROOT / link).exists(), link


def walk() -> list[str]:
    """The README's walk: commands and their output, and where the reviewers work."""
    parts = re.findall(
        r"<!-- the reviewers work -->|<!-- walk -->\n```console\n(.*?)```", README, re.DOTALL
    )
    return [part or "reviewers" for part in parts]


def matches(shown: str, printed: str) -> bool:
    """Whether `printed` is what the README shows; `...` there stands for anything."""
    pattern = re.escape(shown.rstrip("\n")).replace(re.escape("..."), ".*")
    return re.fullmatch(pattern, printed.rstrip("\n"), re.DOTALL) is not None


def on_screen(folder: Path, command: str) -> str:
    """What a person sees who runs `command` in `folder`, output and messages as they come."""
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(command)],
        cwd=folder,
        env=os.environ | {"NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.server
def test_the_walk_by_hand_prints_what_the_readme_shows(
    desk: Path,
) -> None:
    (desk / "articles").symlink_to(ROOT / "seeds")
    try:
        for part in walk():
            if part == "reviewers":
                _review_as_in_the_demo(desk)
                continue
            for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", part, re.MULTILINE):
                printed = on_screen(desk, command)
                assert matches(shown, printed), f"{command}:\n{printed}"
    finally:
        on_screen(desk, "factcheck server stop")


def test_the_pictures_of_the_readme(
    bench: Bench, page: Page, snapshot: Callable[..., Path], tmp_path: Path
) -> None:
    """Makes them anew in artifacts/; `make docs` takes them into docs/."""
    article = (ROOT / "seeds" / "pain.txt").read_text(encoding="utf-8")
    title, paragraphs = article.partition("\n")[0], article.split("\n\n")
    at = next(n for n, paragraph in enumerate(paragraphs) if "no addiction risk" in paragraph)
    bench.write("\n\n".join([title, *paragraphs[at - 1 : at + 1]]), "pain.txt")
    bench.push()
    reviewer = bench.accounts[0]
    sign_in(page, bench.server.url, reviewer.email, reviewer.password)
    open_queue(page, bench.server.url, bench.project_id)
    mark(page, "no addiction risk, no withdrawal")
    judge(
        page,
        "2",
        reasons="ah",
        correction="Opioids cause dependence; ketamine can be misused and cause dependence too.",
    )
    snapshot("reviewer-page")

    bench.write(article, "pain.txt")
    bench.push()
    for email, reviews in _read_reviews(ROOT / "seeds" / "reviews.jsonl").items():
        who = [account.email for account in bench.accounts].index(email)
        for (source, text, _), said in reviews.items():
            if source == "pain.txt" and bench.claims().count(text) == 1:
                bench.review(who, text, said)
    bench.sync()
    export(checked_claims(bench.database), tmp_path, cursor=None, allow_incomplete=True)
    (summary,) = tmp_path.glob("*/summary.md")
    rendered = MarkdownIt("commonmark").enable("table").render(summary.read_text(encoding="utf-8"))
    page.set_content(f"<style>{STYLE}</style>{rendered}")
    assert page.get_by_role("heading", name="Unsupported").first.is_visible()
    snapshot("summary")


STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 900px; margin: 24px auto; }
blockquote { border-left: 4px solid #d0d7de; margin: 0; padding: 0 1em; color: #444; }
table { border-collapse: collapse; } th, td { border: 1px solid #d0d7de; padding: 3px 10px; }
"""


def _review_as_in_the_demo(folder: Path) -> None:
    from factcheck.demo import submit_demo_reviews
    from factcheck.desk import open_desk

    desk = open_desk(folder)
    with desk.database() as database:
        submit_demo_reviews(desk, database, say=lambda _: None)


if __name__ == "__main__":  # `make docs`, after the test that makes the pictures
    (ROOT / "docs" / "cli.md").write_text(reference(), encoding="utf-8")
    for picture in ("reviewer-page.png", "summary.png"):
        shutil.copyfile(ROOT / "artifacts" / picture, ROOT / "docs" / picture)
