"""The whole walk on articles that are not ours, and what the importer makes of the result."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pandas as pd
import pytest

from bench import OVERSTATED, SUPPORTED, UNSUPPORTED, Bench
from factcheck.exports.export import ExportReport, export
from factcheck.model import Rule
from factcheck.review.ingest import IngestReport, ingest
from factcheck.review.settle import Policy
from factcheck.review.status import checked_claims, last_cursor

# pandas' name for each type of a Table Schema that the contract uses.
DTYPES = {"integer": "int64"}


@pytest.fixture
def walked(bench: Bench, shared: Path, tmp_path: Path) -> tuple[Bench, ExportReport]:
    """Five articles of the web, pushed, some of their claims reviewed by two people, exported."""
    report = ingest(bench.database, shared / "seeds", Policy(2, Rule.UNANIMOUS))
    assert [article.outcome for article in report.articles] == ["added"] * 5
    assert bench.push().added == report_claims(report)
    claims = bench.claims()
    for text in claims[:2] + claims[-2:]:
        bench.review(0, text, OVERSTATED)
        bench.review(1, text, OVERSTATED)
    bench.review(0, claims[3], SUPPORTED)
    bench.review(1, claims[3], UNSUPPORTED)
    bench.sync()
    exported = export(
        checked_claims(bench.database),
        tmp_path / "exports",
        cursor=last_cursor(bench.database),
        allow_incomplete=True,
    )
    return bench, exported


def report_claims(report: IngestReport) -> int:
    return sum(article.claims for article in report.articles)


def test_the_importer_loads_the_csv_knowing_only_its_schema(
    walked: tuple[Bench, ExportReport], shared: Path
) -> None:
    bench, exported = walked
    schema = json.loads((exported.folder / "verdicts.schema.json").read_text(encoding="utf-8"))
    frame = pd.read_csv(
        exported.folder / "verdicts.csv",
        dtype={field["name"]: DTYPES.get(field["type"], "string") for field in schema["fields"]},
        keep_default_na=False,
        na_values=[],
    )
    assert list(frame.columns) == [field["name"] for field in schema["fields"]]
    assert frame["claim_id"].is_unique
    assert len(frame) == exported.rows == len(bench.claims())
    for field in schema["fields"]:
        allowed = field.get("constraints", {}).get("enum")
        if allowed:
            assert set(frame[field["name"]]) - {""} <= set(allowed)
    assert (frame["status"] == "decided").sum() == 4
    assert (frame["status"] == "disputed").sum() == 1
    assert set(frame.loc[frame["status"] == "decided", "verdict"]) == {"overstated"}
    for moment in ("decided_at", "updated_at"):
        pd.to_datetime(frame.loc[frame[moment] != "", moment], format="%Y-%m-%dT%H:%M:%SZ")
    for row in frame.itertuples():
        text = (shared / "seeds" / row.article_source).read_text(encoding="utf-8")
        assert text[row.start : row.end] == row.claim


def test_the_manifest_vouches_for_every_file(walked: tuple[Bench, ExportReport]) -> None:
    folder = walked[1].folder
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert not manifest["complete"]
    assert {file["path"] for file in manifest["files"]} == {
        file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()
    } - {"manifest.json"}
    for file in manifest["files"]:
        content = (folder / file["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file["sha256"]


def test_no_wear_of_the_web_reaches_the_reviewers(walked: tuple[Bench, ExportReport]) -> None:
    words = " ".join(walked[0].claims()).lower()
    for wear in ("leave a reply", "post a comment", "read also", "see also", "back to top"):
        assert wear not in words
