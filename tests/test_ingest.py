"""`factcheck ingest`: articles into the database, and what becomes of them when they change."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest
import sqlalchemy as sa

from desk_builder import (
    CAFFEINE,
    COFFEE,
    CURES,
    EDITED,
    LOWERS,
    TEA,
    TRIALS,
    TWO_AGREE,
    DeskBuilder,
)
from factcheck.claims.pointing import Pointing
from factcheck.errors import UsageError
from factcheck.model import CueKind, Status, Verdict, article_id, article_ids
from factcheck.review.cutting import Cutting
from factcheck.review.ingest import IngestReport, ingest
from factcheck.store.engine import Database, open_database
from factcheck.store.queries import find_article
from factcheck.store.tables import Claim, Revision


@pytest.fixture
def builder(database: Database, tmp_path: Path) -> DeskBuilder:
    (tmp_path / "articles").mkdir()
    return DeskBuilder(database, tmp_path / "articles")


def outcomes(report: IngestReport) -> dict[str, str]:
    return {article.source: article.outcome for article in report.articles}


def test_a_folder_of_articles_becomes_claims_that_quote_them(builder: DeskBuilder) -> None:
    (builder.articles / "hot").mkdir()
    builder.write(COFFEE, "hot/coffee.txt")
    report = builder.write(TEA)
    assert outcomes(report) == {"hot/coffee.txt": "unchanged", "tea.txt": "added"}
    assert [claim.text for claim in builder.claims()] == [LOWERS, CURES, TRIALS, CAFFEINE]
    tea = report.articles[1]
    assert (tea.claims, tea.new, tea.retired) == (3, 3, 0)


def test_an_edit_of_one_paragraph_leaves_the_claims_of_the_others_alone(
    builder: DeskBuilder,
) -> None:
    builder.write()
    first = {claim.text: claim.id for claim in builder.claims()}
    report = builder.write("A new first line\n\n" + EDITED)
    assert outcomes(report) == {"tea.txt": "changed"}
    tea = report.articles[0]
    assert (tea.claims, tea.new, tea.retired) == (3, 1, 1)
    now = {claim.text: claim.id for claim in builder.claims()}
    assert now[CURES] == first[CURES]
    assert now[TRIALS] == first[TRIALS]
    assert CAFFEINE not in now


def test_a_claim_whose_words_change_retires_with_its_verdict_kept(builder: DeskBuilder) -> None:
    builder.write()
    builder.agree()
    retired = builder.claim_id(CAFFEINE)
    builder.write(EDITED)
    stale = builder.checked(retired)
    assert stale.status is Status.STALE
    assert stale.decision.verdict is Verdict.SUPPORTED
    assert stale.claim.span.of(stale.article.text) == CAFFEINE
    assert builder.checked(builder.claim_id(CURES)).status is Status.DECIDED


def test_going_back_to_an_earlier_text_brings_its_claims_and_verdicts_back(
    builder: DeskBuilder,
) -> None:
    builder.write()
    builder.agree()
    first = builder.claims()
    builder.write(EDITED)
    report = builder.write(TEA)
    assert outcomes(report) == {"tea.txt": "changed"}
    assert builder.claims() == first
    assert builder.checked(builder.claim_id(CAFFEINE)).status is Status.DECIDED
    with builder.database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Revision)) == 3
        assert session.scalar(sa.select(sa.func.count()).select_from(Claim)) == 4


def test_a_new_title_is_a_new_revision_with_the_same_claims(builder: DeskBuilder) -> None:
    builder.write()
    first = [claim.id for claim in builder.claims()]
    report = builder.write(TEA.replace("Tea and sleep", "What tea does to sleep"))
    tea = report.articles[0]
    assert (tea.outcome, tea.new, tea.retired) == ("changed", 0, 0)
    assert [claim.id for claim in builder.claims()] == first
    assert builder.checked(first[0]).article.title == "What tea does to sleep"


def test_other_line_ends_are_no_change(builder: DeskBuilder) -> None:
    builder.write()
    (builder.articles / "tea.txt").write_bytes(TEA.replace("\n", "\r\n").encode())
    assert outcomes(ingest(builder.database, builder.articles, TWO_AGREE)) == {
        "tea.txt": "unchanged"
    }


def test_of_two_files_with_the_same_text_the_second_is_left_out(builder: DeskBuilder) -> None:
    (builder.articles / "b.txt").write_text(TEA, encoding="utf-8")
    report = builder.write(TEA, "a.txt")
    assert outcomes(report) == {"a.txt": "added"}
    (refused,) = report.refused
    assert refused.source == "b.txt"
    assert "the same text as a.txt" in refused.message


def test_a_renamed_file_is_refused_and_keeps_its_first_name_at_the_desk(
    builder: DeskBuilder,
) -> None:
    builder.write()
    before = builder.dump()
    (builder.articles / "tea.txt").rename(builder.articles / "sleep.txt")
    report = ingest(builder.database, builder.articles, TWO_AGREE)
    assert report.articles == []
    assert "the same text as tea.txt" in report.refused[0].message
    assert "keep its first name" in str(report.refused[0].hint)
    assert builder.dump() == before


def test_a_text_that_another_article_had_before_may_be_taken_in(builder: DeskBuilder) -> None:
    builder.write(TEA, "a.txt")
    builder.write(EDITED, "a.txt")
    report = builder.write(TEA, "b.txt")
    assert outcomes(report) == {"a.txt": "unchanged", "b.txt": "added"}


def test_a_dry_run_tells_what_the_real_run_does_and_changes_nothing(builder: DeskBuilder) -> None:
    builder.write(TEA, "changed.txt")
    builder.write(COFFEE, "unchanged.txt")
    before = builder.dump()
    files = {
        "changed.txt": EDITED,
        "empty.txt": "",
        "new.txt": "Sugar\n\nSugar makes every child restless.\n",
        "nothing.txt": "Is tea good for you?\n",
        "takes-over.txt": TEA,  # free again, since changed.txt comes before it
        "twin-of-new.txt": "Sugar\n\nSugar makes every child restless.\n",
        "twin-of-unchanged.txt": COFFEE,
    }
    for name, text in files.items():
        (builder.articles / name).write_text(text, encoding="utf-8")
    with builder.database.rehearsal() as rehearsal:
        told = ingest(rehearsal, builder.articles, TWO_AGREE)
    assert builder.dump() == before
    done = ingest(builder.database, builder.articles, TWO_AGREE)
    assert asdict(told) == asdict(done)
    assert outcomes(done) == {
        "changed.txt": "changed",
        "new.txt": "added",
        "nothing.txt": "added",
        "takes-over.txt": "added",
        "unchanged.txt": "unchanged",
    }
    assert [refused.source for refused in done.refused] == [
        "empty.txt",
        "twin-of-new.txt",
        "twin-of-unchanged.txt",
    ]
    assert done.without_claims == ["nothing.txt"]


def test_one_bad_file_does_not_hold_up_four_good_ones(builder: DeskBuilder) -> None:
    (builder.articles / "b-bad.txt").write_bytes(b"\x00\x01\x02")
    for name in "acde":
        text = f"Part {name}\n\nTrial {name} enrolled 40 adults in 2019.\n"
        (builder.articles / f"{name}.txt").write_text(text, encoding="utf-8")
    report = ingest(builder.database, builder.articles, TWO_AGREE)
    assert outcomes(report) == dict.fromkeys(("a.txt", "c.txt", "d.txt", "e.txt"), "added")
    assert [refused.source for refused in report.refused] == ["b-bad.txt"]
    assert len(builder.claims()) == 4


def test_one_file_is_known_by_its_name_alone(builder: DeskBuilder) -> None:
    file = builder.articles / "tea.txt"
    file.write_text(TEA, encoding="utf-8")
    assert outcomes(ingest(builder.database, file, TWO_AGREE)) == {"tea.txt": "added"}
    assert outcomes(ingest(builder.database, builder.articles, TWO_AGREE)) == {
        "tea.txt": "unchanged"
    }


def test_a_folder_without_articles_is_refused(builder: DeskBuilder) -> None:
    with pytest.raises(UsageError, match="holds no articles"):
        ingest(builder.database, builder.articles, TWO_AGREE)


def test_progress_is_told_in_bytes(builder: DeskBuilder) -> None:
    builder.write(COFFEE, "coffee.txt")
    builder.write(TEA, "tea.txt")
    told: list[tuple[int, int]] = []
    ingest(builder.database, builder.articles, TWO_AGREE, progress=lambda *step: told.append(step))
    size = len(COFFEE.encode()) + len(TEA.encode())
    assert told[0] == (0, size)
    assert told[-1] == (size, size)


def test_an_edit_tells_which_claims_went_and_which_came_in_reading_order(
    builder: DeskBuilder,
) -> None:
    builder.write()
    report = builder.write(EDITED.replace(CURES, "Green tea may shorten the time to fall asleep."))
    assert [(change.what, change.claim) for change in report.articles[0].changes] == [
        ("retired", CURES),
        ("new", "Green tea may shorten the time to fall asleep."),
        ("retired", CAFFEINE),
        ("new", CAFFEINE.replace("50", "45")),
    ]
    assert (report.changed, report.new, report.retired, report.claims) == (1, 2, 2, 3)


def test_an_article_cut_by_other_rules_is_cut_again_and_keeps_the_claims_that_stay(
    builder: DeskBuilder, tmp_path: Path
) -> None:
    builder.write()
    kept = builder.claim_id(CAFFEINE)
    own = tmp_path / "wording.toml"
    own.write_text("[boilerplate.opening]\ncredit = ['green tea cures']\n", encoding="utf-8")
    report = ingest(builder.database, builder.articles, TWO_AGREE, Cutting(own))
    assert outcomes(report) == {"tea.txt": "changed"}
    assert [(c.what, c.claim) for c in report.articles[0].changes] == [("retired", CURES)]
    assert builder.claim_id(CAFFEINE) == kept
    before = builder.dump()
    again = ingest(builder.database, builder.articles, TWO_AGREE, Cutting(own))
    assert outcomes(again) == {"tea.txt": "unchanged"}
    assert builder.dump() == before


def test_rules_that_cut_an_article_as_before_change_nothing_but_their_name(
    builder: DeskBuilder, tmp_path: Path
) -> None:
    builder.write()
    own = tmp_path / "wording.toml"
    own.write_text("[nonclaim.opening]\nvalue = ['oats are']\n", encoding="utf-8")
    report = ingest(builder.database, builder.articles, TWO_AGREE, Cutting(own))
    assert outcomes(report) == {"tea.txt": "unchanged"}
    with builder.database.reading() as session:
        (revision,) = session.scalars(sa.select(Revision))
    assert revision.cut_with == Cutting(own).rules


def test_cues_that_a_desk_adds_are_found_in_the_claims_that_are_there(
    builder: DeskBuilder, tmp_path: Path
) -> None:
    builder.write()
    own = tmp_path / "cues.toml"
    own.write_text("[cue.strong]\ncertainty = ['caffeine']\n", encoding="utf-8")
    before = pointed_at(builder, CAFFEINE)
    report = ingest(builder.database, builder.articles, TWO_AGREE, Cutting(None, Pointing(own)))
    assert outcomes(report) == {"tea.txt": "unchanged"}
    assert pointed_at(builder, CAFFEINE) - before == {(CueKind.CERTAINTY, "caffeine")}


def pointed_at(builder: DeskBuilder, claim: str) -> set[tuple[CueKind, str]]:
    with builder.database.reading() as session:
        stored = find_article(session, "tea.txt")
    (found,) = (one for one in stored.claims if one.text == claim)
    return {(cue.kind, cue.span.of(claim)) for cue in found.cues}


def test_wording_that_cannot_be_used_stops_before_anything_is_read(
    builder: DeskBuilder, tmp_path: Path
) -> None:
    own = tmp_path / "wording.toml"
    own.write_text("[nonclaim.opening]\nvalue = ['(unclosed']\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"wording\.toml"):
        ingest(builder.database, builder.articles, TWO_AGREE, Cutting(own))


# many articles at once


def exported(number: int, body: str = "") -> str:
    text = f"Study {number} followed {number + 20} adults for a year. {body}"
    return json.dumps({"url": f"https://desk.example/{number}", "title": "A", "text": text})


@pytest.mark.slow
def test_an_export_of_many_articles_is_taken_in_over_several_processes(
    builder: DeskBuilder,
) -> None:
    lines = [exported(number) for number in range(1500)]
    lines[700] = '{"url": "https://desk.example/broken", "text": '
    file = builder.articles / "export.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    report = ingest(builder.database, file, TWO_AGREE)
    assert (report.added, report.left_out, report.claims) == (1499, 1, 1499)
    assert len(report.articles) == 1000  # listed, of those counted
    assert "line 701" in report.refused[0].message
    assert [one.source for one in report.articles[:2]] == [
        "https://desk.example/0",
        "https://desk.example/1",
    ]
    before = builder.dump()
    again = ingest(builder.database, file, TWO_AGREE)
    assert (again.added, again.unchanged, again.claims) == (0, 1499, 1499)
    assert builder.dump() == before


@pytest.mark.parametrize("runs", [1, 2])
def test_articles_whose_short_ids_are_the_same_stay_apart(builder: DeskBuilder, runs: int) -> None:
    first, second = sources = ["export.jsonl#82270", "export.jsonl#84275"]
    assert article_id(first) == article_id(second)
    file = builder.articles / "export.jsonl"
    rows = [
        json.dumps({"id": source.partition("#")[2], "text": f"{CURES} It was no. {number}."})
        for number, source in enumerate(sources)
    ]
    if runs == 2:
        file.write_text(rows[0], encoding="utf-8")
        ingest(builder.database, file, TWO_AGREE)
    file.write_text("\n".join(rows), encoding="utf-8")
    report = ingest(builder.database, file, TWO_AGREE)
    assert report.added == 3 - runs
    with builder.database.reading() as session:
        stored = [find_article(session, source) for source in sources]
    assert [one.article.source for one in stored] == sources
    assert [one.article.id for one in stored] == [article_id(first), article_ids(second)[1]]
    claims = [claim for one in stored for claim in one.claims]
    assert len({claim.id for claim in claims}) == len(claims) == 4
    assert {claim.article_id for claim in claims} == {one.article.id for one in stored}

    before = builder.dump()
    assert ingest(builder.database, file, TWO_AGREE).unchanged == 2
    assert builder.dump() == before
    file.write_text("\n".join(reversed(rows)).replace("It was", "They are"), encoding="utf-8")
    assert ingest(builder.database, file, TWO_AGREE).changed == 2
    assert {claim.article_id for claim in builder.claims()} == {one.article.id for one in stored}


def test_standard_input_takes_an_article_by_name(builder: DeskBuilder) -> None:
    report = ingest(builder.database, io.BytesIO(TEA.encode()), TWO_AGREE, name="tea.txt")
    assert outcomes(report) == {"tea.txt": "added"}
    builder.write()
    assert len(builder.claims()) == 3


@pytest.mark.slow
def test_an_ingest_that_is_killed_goes_on_where_it_stopped(desk: Path) -> None:
    """What was committed stays, what was not is read by the next run."""
    database = open_database("sqlite:///factcheck.db", desk)
    (desk / "export.jsonl").write_text(
        "\n".join(exported(n, "Tea helps. " * 30) for n in range(1500)), encoding="utf-8"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "factcheck", "ingest", "export.jsonl"], cwd=desk
    )

    def stored() -> int:
        with database.reading() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(Revision)) or 0

    while not stored():
        assert process.poll() is None
        time.sleep(0.05)
    process.kill()
    process.wait()
    first = stored()
    assert 0 < first < 1500
    report = ingest(database, desk / "export.jsonl", TWO_AGREE)
    assert (report.unchanged, report.added) == (first, 1500 - first)
    assert stored() == 1500
    database.close()
