"""`factcheck export`: the files that leave the house, whole, traceable, and the same again."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer

from desk_builder import (
    CAFFEINE,
    COFFEE,
    CURES,
    EDITED,
    LOWERS,
    NOT_CHECKABLE,
    SUPPORTED,
    TEA,
    UNSUPPORTED,
    DeskBuilder,
    begun,
    contents,
)
from factcheck import screen
from factcheck.cli import end_of
from factcheck.errors import UsageError
from factcheck.model import Verdict, article_id
from factcheck.store.engine import Database, open_database
from factcheck.store.tables import Revision

TEA_SUMMARY = f"{article_id('tea.txt')}/summary.md"
COFFEE_SUMMARY = f"{article_id('coffee.txt')}/summary.md"


@pytest.fixture(scope="module")
def prepared(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the articles of such a desk, and its database as a SQLite file."""
    folder = tmp_path_factory.mktemp("prepared")
    shutil.copyfile(sqlite_template, folder / "factcheck.db")
    begun(open_database("sqlite:///factcheck.db", folder), folder).database.close()
    return folder


@pytest.fixture
def builder(prepared: Path, tmp_path: Path) -> Iterator[DeskBuilder]:
    """A desk on which tea.txt is finished, and one claim of coffee.txt is pending."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    builder = DeskBuilder(open_database("sqlite:///factcheck.db", tmp_path), tmp_path / "articles")
    yield builder
    builder.database.close()


@pytest.fixture
def on_either(database: Database, tmp_path: Path) -> DeskBuilder:
    """The same desk, on each of the two engines."""
    return begun(database, tmp_path)


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    return tmp_path / "exports"


def rows(folder: Path, name: str = "verdicts.csv") -> list[dict[str, str]]:
    text = (folder / name).read_bytes().decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def manifest(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "manifest.json").read_bytes())
    return found


def test_the_manifest_has_the_digest_of_every_other_file(
    builder: DeskBuilder, exports: Path
) -> None:
    builder.export(exports, allow_incomplete=True, spreadsheet_safe=True)
    listed = {file["path"]: file for file in manifest(exports)["files"]}
    found = contents(exports)
    del found["manifest.json"]
    assert listed.keys() == found.keys()
    for name, content in found.items():
        assert listed[name]["sha256"] == hashlib.sha256(content).hexdigest()
        assert listed[name]["bytes"] == len(content)
    assert listed["verdicts.csv"]["rows"] == len(rows(exports)) == 4
    assert listed["verdicts.spreadsheet-safe.csv"]["rows"] == 4


def test_the_manifest_tells_the_cursor_of_the_last_sync(
    on_either: DeskBuilder, exports: Path
) -> None:
    on_either.export(exports)
    first = str(manifest(exports)["cursor"])
    assert datetime.fromisoformat(first).tzinfo is not None
    on_either.review(on_either.claim_id(LOWERS), "ana", SUPPORTED)
    on_either.export(exports)
    assert str(manifest(exports)["cursor"]) > first


class TestUnfinished:
    """An article with a claim pending or disputed is left out, unless it was asked for."""

    def test_it_is_left_out_and_reported(self, builder: DeskBuilder, exports: Path) -> None:
        report = builder.export(exports)
        assert (report.unfinished, report.left_out) == ({"coffee.txt": 1}, True)
        assert {row["article_source"] for row in rows(exports)} == {"tea.txt"}
        assert COFFEE_SUMMARY not in report.files
        assert manifest(exports)["complete"] is True

    def test_it_is_taken_in_when_allowed_and_every_file_says_so(
        self, builder: DeskBuilder, exports: Path
    ) -> None:
        report = builder.export(exports, allow_incomplete=True)
        assert (report.unfinished, report.left_out) == ({"coffee.txt": 1}, False)
        (coffee,) = (row for row in rows(exports) if row["article_source"] == "coffee.txt")
        assert (coffee["status"], coffee["verdict"]) == ("pending", "")
        assert "**INCOMPLETE.**" in (exports / COFFEE_SUMMARY).read_text(encoding="utf-8")
        assert "INCOMPLETE" not in (exports / TEA_SUMMARY).read_text(encoding="utf-8")
        assert manifest(exports)["complete"] is False

    def test_a_disputed_claim_makes_an_article_unfinished(
        self, builder: DeskBuilder, exports: Path
    ) -> None:
        builder.review(builder.claim_id(CURES), "ana", SUPPORTED)
        assert builder.export(exports).unfinished == {"coffee.txt": 1, "tea.txt": 1}

    def test_dropped_and_stale_claims_do_not(self, builder: DeskBuilder, exports: Path) -> None:
        builder.agree(NOT_CHECKABLE, LOWERS)
        builder.write("Tea and sleep\n\n" + CURES, "tea.txt")
        report = builder.export(exports)
        assert report.unfinished == {}
        assert [row["status"] for row in rows(exports)] == ["dropped", "decided", "stale", "stale"]

    def test_where_nothing_is_finished_the_csv_has_its_header_alone(
        self, builder: DeskBuilder, exports: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        builder.write("Tea and sleep\n\nTea was first planted in Assam in 1837.\n", "tea.txt")
        report = builder.export(exports)
        assert (exports / "verdicts.csv").read_bytes().count(b"\n") == 1
        screen.exported(report)
        printed = capsys.readouterr()
        assert printed.out == f"{exports / 'verdicts.csv'}: 0 rows\n"
        assert "2 articles not finished, left out:" in printed.err
        assert "coffee.txt: 1 claim pending or disputed" in printed.err
        assert "factcheck export --allow-incomplete" in printed.err


class TestFilesOfAnEarlierExport:
    """The folder holds what this export wrote, and what people keep there."""

    def test_those_that_are_no_longer_written_are_removed(
        self, builder: DeskBuilder, exports: Path
    ) -> None:
        builder.export(exports, allow_incomplete=True, spreadsheet_safe=True)
        assert {COFFEE_SUMMARY, "verdicts.spreadsheet-safe.csv"} <= contents(exports).keys()
        report = builder.export(exports)
        assert contents(exports).keys() == set(report.files)
        assert not (exports / COFFEE_SUMMARY).parent.exists()

    def test_other_peoples_files_are_kept(self, builder: DeskBuilder, exports: Path) -> None:
        builder.export(exports, allow_incomplete=True)
        mine = [exports / "letter.txt", (exports / COFFEE_SUMMARY).with_name("notes.txt")]
        for file in mine:
            file.write_text("mine", encoding="utf-8")
        builder.export(exports)
        assert [file.read_text(encoding="utf-8") for file in mine] == ["mine", "mine"]
        assert not (exports / COFFEE_SUMMARY).exists()

    def test_a_manifest_that_lists_files_elsewhere_removes_none(
        self, builder: DeskBuilder, exports: Path
    ) -> None:
        outside = exports.with_name("outside.txt")
        outside.write_text("mine", encoding="utf-8")
        exports.mkdir()
        listed = [{"path": path} for path in ("../outside.txt", str(outside))]
        (exports / "manifest.json").write_text(json.dumps({"files": listed}), encoding="utf-8")
        builder.export(exports)
        assert outside.read_text(encoding="utf-8") == "mine"

    @pytest.mark.parametrize("damaged", ["", "[1]", '{"files": [{}]}', '{"files": 3}', "\udcff"])
    def test_a_damaged_manifest_is_written_anew(
        self, builder: DeskBuilder, exports: Path, damaged: str
    ) -> None:
        exports.mkdir()
        (exports / "manifest.json").write_text(damaged, errors="surrogateescape")
        builder.export(exports)
        assert manifest(exports)["contract"] == "factcheck-verdicts"


def test_an_export_cut_short_leaves_whole_files_and_the_next_one_mends_it(
    builder: DeskBuilder, exports: Path
) -> None:
    builder.export(exports, allow_incomplete=True)
    before = contents(exports)
    builder.agree(UNSUPPORTED)  # changes every file but the schema
    # Writing stops at the CSV: the summaries come before it, the manifest after.
    (exports / "verdicts.csv").unlink()
    (exports / "verdicts.csv").mkdir()
    with pytest.raises(UsageError, match="can't be written") as caught:
        builder.export(exports)
    assert "writable" in str(caught.value.hint)
    cut_short = contents(exports)
    whole = exports.with_name("whole")
    builder.export(whole)
    after = contents(whole)
    assert cut_short.keys() == before.keys() - {"verdicts.csv"}
    assert cut_short[TEA_SUMMARY] == after[TEA_SUMMARY] != before[TEA_SUMMARY]
    assert cut_short["manifest.json"] == before["manifest.json"] != after["manifest.json"]
    (exports / "verdicts.csv").rmdir()
    builder.export(exports)
    assert contents(exports) == after


def test_without_a_claim_nothing_is_written_and_an_earlier_export_is_left_alone(
    builder: DeskBuilder, sqlite_template: Path, exports: Path, tmp_path: Path
) -> None:
    builder.export(exports)
    before = contents(exports)
    wrong = DeskBuilder(open_database(f"sqlite:///{tmp_path / 'wrong.db'}"), tmp_path)
    with pytest.raises(UsageError, match="There is no claim to export") as caught:
        wrong.export(exports, allow_incomplete=True)
    wrong.database.close()
    assert "factcheck ingest" in str(caught.value.hint)
    assert contents(exports) == before


def test_an_article_without_a_claim_holds_nothing_up(builder: DeskBuilder, exports: Path) -> None:
    builder.write("Is tea good for you?\n", "nothing.txt")
    builder.agree(SUPPORTED, LOWERS)
    report = builder.export(exports)
    assert report.unfinished == {}
    assert set(report.files) >= {TEA_SUMMARY, COFFEE_SUMMARY}
    assert f"{article_id('nothing.txt')}/summary.md" not in report.files


def test_every_claim_is_what_the_text_of_its_revision_has_in_its_place(
    on_either: DeskBuilder, exports: Path
) -> None:
    on_either.write(
        "🙂 Cafe\u0301 «news»\n\n💊 Nai\u0308ve readers trust 90% of all headlines.\r\n"
        "\r\n“Caf\u00e9s” serve\u00a0tea — 3 cups a day, at 80 °C.\n",
        "emoji.txt",
    )
    on_either.write(EDITED, "tea.txt")
    on_either.export(exports, allow_incomplete=True)
    with on_either.database.reading() as session:
        texts = {r.sha256: r.text for r in session.scalars(sa.select(Revision))}
    found = rows(exports)
    assert {row["status"] for row in found} >= {"decided", "pending", "stale"}
    assert any("💊" in texts[row["article_sha256"]] for row in found)
    for row in found:
        text = texts[row["article_sha256"]]
        assert hashlib.sha256(text.encode()).hexdigest() == row["article_sha256"]
        assert text[int(row["start"]) : int(row["end"])] == row["claim"]


def test_a_stale_claim_carries_its_verdict_and_the_text_that_its_reviewers_saw(
    on_either: DeskBuilder, exports: Path
) -> None:
    retired = on_either.claim_id(CAFFEINE)
    on_either.write(EDITED, "tea.txt")
    on_either.export(exports, allow_incomplete=True)
    (stale,) = (row for row in rows(exports) if row["status"] == "stale")
    assert stale["claim_id"] == retired
    assert (stale["claim"], stale["verdict"]) == (CAFFEINE, "unsupported")
    assert stale["article_sha256"] == hashlib.sha256(TEA.encode()).hexdigest()
    live = [row for row in rows(exports) if row["claim"] == CURES]
    assert live[0]["article_sha256"] == hashlib.sha256(EDITED.encode()).hexdigest()


def test_a_claim_that_was_never_reviewed_leaves_with_its_words(
    builder: DeskBuilder, exports: Path
) -> None:
    builder.write(COFFEE.replace("every adult", "most adults"), "coffee.txt")
    builder.export(exports, allow_incomplete=True)
    coffee = [row for row in rows(exports) if row["article_source"] == "coffee.txt"]
    assert [row["claim"] for row in coffee] == ["Coffee lowers blood pressure in most adults."]


def test_the_file_for_spreadsheets_holds_no_formula_and_says_what_it_is(
    builder: DeskBuilder, exports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    builder.rule(builder.claim_id(CURES), Verdict.UNSUPPORTED, note='=HYPERLINK("http://x")')
    report = builder.export(exports, spreadsheet_safe=True)
    (safe,) = (r for r in rows(exports, "verdicts.spreadsheet-safe.csv") if r["claim"] == CURES)
    (exact,) = (r for r in rows(exports) if r["claim"] == CURES)
    assert exact["note"] == '=HYPERLINK("http://x")'
    assert safe["note"] == f"'{exact['note']}"
    screen.exported(report)
    assert "verdicts.spreadsheet-safe.csv: 3 rows" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("2026-05-04", datetime(2026, 5, 4, 23, 59, 59, 999_999, UTC)),
        ("2026-05-04T00:00:00", datetime(2026, 5, 4, 0, 0, 0, 999_999, UTC)),
        ("2026-05-04 09:30:00", datetime(2026, 5, 4, 9, 30, 0, 999_999, UTC)),
        ("2026-05-04T09:30:00Z", datetime(2026, 5, 4, 9, 30, 0, 999_999, UTC)),
        ("2026-05-04T09:30:00.25Z", datetime(2026, 5, 4, 9, 30, 0, 250_000, UTC)),
        (
            "2026-05-04T09:30:00.25+02:00",
            datetime(2026, 5, 4, 9, 30, 0, 250_000, timezone(timedelta(hours=2))),
        ),
    ],
)
def test_a_day_or_a_second_means_its_end(given: str, meant: datetime) -> None:
    assert end_of(given) == meant
    assert end_of(given).tzinfo is UTC


@pytest.mark.parametrize("given", ["yesterday", "", "2026-13-01", "2026-05-04T25:00:00Z"])
def test_what_is_no_time_is_refused_with_an_example(given: str) -> None:
    with pytest.raises(typer.BadParameter, match="2026-05-04T09:30:00Z"):
        end_of(given)
