"""Promise 5: the same database gives byte-identical exports, and those of an earlier day."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import bench
from bench import HARM, HONEY, HONEY_EDITED, Bench
from desk_builder import (
    CURES,
    EDITED,
    LOWERS,
    SUPPORTED,
    TEA,
    TRIALS,
    UNSUPPORTED,
    DeskBuilder,
    begun,
    contents,
)
from factcheck.errors import UsageError
from factcheck.exports.export import export
from factcheck.model import Verdict, article_id
from factcheck.review.status import checked_claims, last_cursor
from factcheck.store.engine import Database

TEA_SUMMARY = f"{article_id('tea.txt')}/summary.md"


@pytest.fixture
def on_either(database: Database, tmp_path: Path) -> DeskBuilder:
    """A desk with one finished article of two, on each of the two engines."""
    return begun(database, tmp_path)


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    return tmp_path / "exports"


def test_a_second_export_writes_the_same_bytes(on_either: DeskBuilder, exports: Path) -> None:
    on_either.export(exports)
    first = contents(exports)
    assert sorted(first) == sorted(
        [TEA_SUMMARY, "manifest.json", "verdicts.csv", "verdicts.schema.json"]
    )
    on_either.export(exports)
    assert contents(exports) == first
    on_either.export(exports.with_name("elsewhere"))
    assert contents(exports.with_name("elsewhere")) == first


@pytest.mark.slow
@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "America/Adak", "LC_ALL": "tr_TR.UTF-8"},
    ],
    ids=lambda surroundings: surroundings["TZ"],
)
def test_a_copy_of_the_database_gives_the_same_bytes_in_any_surroundings(
    sqlite_database: Database, tmp_path: Path, exports: Path, surroundings: dict[str, str]
) -> None:
    """Other hashes, another time zone, another language, another folder."""
    builder = begun(sqlite_database, tmp_path)
    for name in ("Reasons", "Words"):
        builder.write(f"{name}\n\nSugar makes {name} restless in 9 of 10 children.\n", f"{name}.md")
    said = replace(
        UNSUPPORTED,
        problem_words=("restless", "Sugar", "children", "9 of 10", "in"),
        evidence=tuple(f"https://example.org/{number}" for number in (3, 1, 4, 2, 5)),
    )
    builder.agree(said)
    builder.export(exports, allow_incomplete=True, spreadsheet_safe=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert sqlite_database.file is not None
    sqlite_database.close()
    shutil.copyfile(sqlite_database.file, elsewhere / "factcheck.db")
    subprocess.run(
        [sys.executable, "-m", "factcheck", "export", "--allow-incomplete", "--spreadsheet-safe"],
        cwd=elsewhere,
        env=os.environ | surroundings,
        check=True,
        capture_output=True,
    )
    assert contents(elsewhere / "exports") == contents(exports)


CHANGES: dict[str, Callable[[DeskBuilder], object]] = {
    "a new review": lambda b: b.review(b.claim_id(LOWERS), "ana", SUPPORTED),
    "a changed review": lambda b: b.review(b.claim_id(CURES), "ana", SUPPORTED),
    "a deleted review": lambda b: b.delete_review(b.claim_id(CURES), "ben"),
    "a ruling": lambda b: b.rule(b.claim_id(TRIALS), Verdict.UNSUPPORTED),
    "a second ruling": lambda b: b.rule(b.claim_id(CURES), Verdict.SUPPORTED),
    "an edited article": lambda b: b.write(EDITED, "tea.txt"),
    "an article cut to nothing": lambda b: b.write("Is coffee good?\n", "coffee.txt"),
    "a restored claim": lambda b: b.write(TEA + "\nGone is back: tea has 2 grams of salt.\n"),
    "a lead-in that says something else": lambda b: b.write(HONEY_EDITED, "honey.txt"),
    "the lead-in of before": lambda b: b.write(HONEY, "honey.txt"),
    "a review taken back": lambda b: b.delete_review(b.claim_id(TRIALS), "ana"),
    "a ruling on what leaned on other words": lambda b: b.rule(
        b.claim_id(HARM), Verdict.UNSUPPORTED
    ),
    "a new article": lambda b: b.write("Sugar\n\nSugar makes every child restless.\n", "s.txt"),
}


class TestAsOf:
    """The database still gives the exports of any earlier time, byte for byte."""

    @pytest.fixture
    def exported(self, on_either: DeskBuilder, exports: Path) -> tuple[dict[str, bytes], datetime]:
        """What an export wrote, and when; there were rulings, edits and deletions before it."""
        on_either.rule(on_either.claim_id(CURES), Verdict.UNSUPPORTED)
        on_either.write(TEA + "\nGone is back: tea has 2 grams of salt.\n")
        on_either.agree(SUPPORTED, "Gone is back: tea has 2 grams of salt.")
        on_either.write(TEA)
        on_either.agree(SUPPORTED, LOWERS)
        on_either.write(HONEY, "honey.txt")
        on_either.agree(SUPPORTED, HARM)
        on_either.delete_review(on_either.claim_id(LOWERS), "ben")
        on_either.export(exports, allow_incomplete=True, spreadsheet_safe=True)
        return contents(exports), datetime.now(UTC)

    def test_the_same_bytes_come_after_every_later_change(
        self,
        on_either: DeskBuilder,
        exports: Path,
        exported: tuple[dict[str, bytes], datetime],
    ) -> None:
        before, moment = exported
        last = before
        for name, change in CHANGES.items():
            change(on_either)
            on_either.export(exports, allow_incomplete=True, spreadsheet_safe=True)
            assert contents(exports) != last, f"{name} does not show"
            last = contents(exports)
            on_either.export(exports, as_of=moment, allow_incomplete=True, spreadsheet_safe=True)
            assert contents(exports) == before, f"after {name}"

    def test_syncs_that_find_nothing_new_leave_the_earlier_exports_as_they_were(
        self, pushed: Bench, exports: Path
    ) -> None:
        """Each moves on what the log of syncs says of the last one."""

        def files(as_of: datetime | None = None) -> dict[str, bytes]:
            export(
                checked_claims(pushed.database, as_of),
                exports,
                cursor=last_cursor(pushed.database, as_of),
                allow_incomplete=True,
            )
            return contents(exports)

        then: list[tuple[dict[str, bytes], datetime]] = []
        for text in ("", bench.CURES, bench.TRIALS):
            if text:
                pushed.review(0, text, bench.SUPPORTED)
            for _ in range(3):
                pushed.sync()
                then.append((files(), datetime.now(UTC)))
        pushed.server._sdk.annotations.delete(pushed.reviews()[0].annotation_id)
        pushed.delete_task(bench.TRIALS)
        pushed.sync()
        assert files() != then[-1][0]
        for before, moment in then:
            assert files(moment) == before

    def test_before_the_first_article_there_is_nothing_to_export(
        self, on_either: DeskBuilder, exports: Path
    ) -> None:
        with pytest.raises(UsageError, match="There is no claim to export"):
            on_either.export(exports, as_of=datetime(2020, 1, 1, tzinfo=UTC))
