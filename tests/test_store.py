"""What the database keeps, who may write to it, and what it is asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import psutil
import pytest
import sqlalchemy as sa

from factcheck.claims.segment import claims_of, segment
from factcheck.errors import LockedError, UsageError
from factcheck.model import Article, CutArticle, Reason, Status, Verdict
from factcheck.store import queries, tables
from factcheck.store.engine import Database, open_database

MONDAY = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
WEDNESDAY = MONDAY + timedelta(days=2)

SLEEP = Article(
    source="sleep.txt",
    title="On sleep",
    text="On sleep\n\n"
    "Melatonin shortens the time to fall asleep by seven minutes. "
    "Valerian cures insomnia in every adult.\n\n"
    "Does it help?\n\n"
    "Blue light delays the release of melatonin by about 90 minutes.\n",
)
SLEEP_EDITED = Article(
    source="sleep.txt",
    title="On sleep",
    text=SLEEP.text.replace("cures insomnia in every adult", "may help some adults to sleep"),
)


def add(database: Database, article: Article, now: datetime = MONDAY) -> list[str]:
    """Store a revision as ingest does; the claims' ids, in reading order."""
    claims = claims_of(article)
    with database.sessions.begin() as session:
        pieces = tuple(segment(article.text))
        queries.add_revisions(session, [CutArticle(article, pieces, claims, "1-1-0")], now)
    return [claim.id for claim in claims]


# times


def test_a_time_without_an_offset_is_refused(database: Database) -> None:
    naive = MONDAY.replace(tzinfo=None)
    with (
        pytest.raises(sa.exc.StatementError, match="without an offset"),
        database.sessions.begin() as session,
    ):
        session.add(tables.Article(id="a", source="a.txt", created_at=naive))
    with database.reading() as session:
        assert queries.sources(session) == {}


def test_a_time_comes_back_aware_in_utc_and_whole(database: Database) -> None:
    local = datetime(2026, 5, 4, 23, 59, 59, 123456, tzinfo=timezone(timedelta(hours=-7)))
    with database.sessions.begin() as session:
        session.add(tables.Article(id="a", source="a.txt", created_at=local))
    with database.reading() as session:
        stored = session.scalars(sa.select(tables.Article.created_at)).one()
    assert stored == local
    assert stored.isoformat() == "2026-05-05T06:59:59.123456+00:00"


def test_times_are_compared_as_times_whatever_their_offset(database: Database) -> None:
    add(database, SLEEP, MONDAY)
    add(database, SLEEP_EDITED, TUESDAY)
    far_west = timezone(timedelta(hours=-11))
    with database.reading() as session:
        first, second = (
            queries.current_revisions(session, moment.astimezone(far_west))
            for moment in (TUESDAY - timedelta(microseconds=1), TUESDAY)
        )
        assert first != second
        assert second == queries.current_revisions(session)
        assert queries.current_revisions(session, MONDAY - timedelta(seconds=1)) == []


# what the tables refuse


def a_decision(claim_id: str, **columns: object) -> tables.Decision:
    """A decision's row."""
    row: dict[str, object] = {
        "claim_id": claim_id,
        "status": Status.DECIDED,
        "verdict": Verdict.OVERSTATED,
        "provenance": None,
        "supported": 0,
        "overstated": 2,
        "unsupported": 0,
        "not_checkable": 0,
        "reasons": ["absolute"],
        "problem_words": ["every «adult»"],
        "correction": None,
        "evidence": ["https://example.org/a?b=c"],
        "reviewers": ["ana@desk.example", "ben@desk.example"],
        "note": None,
        "contradicted_by": [],
        "decided_at": MONDAY,
        "superseded_at": None,
    }
    return tables.Decision(**(row | columns))


def test_a_claim_has_one_live_decision(database: Database) -> None:
    claim_id = add(database, SLEEP)[0]
    with database.sessions.begin() as session:
        session.add(a_decision(claim_id, superseded_at=TUESDAY))
        session.add(a_decision(claim_id, superseded_at=TUESDAY))
        session.add(a_decision(claim_id))
    with pytest.raises(sa.exc.IntegrityError), database.sessions.begin() as session:
        session.add(a_decision(claim_id))


def test_a_word_that_is_not_on_the_scale_is_refused_by_the_database(database: Database) -> None:
    claim_id = add(database, SLEEP)[0]
    with database.sessions.begin() as session:
        session.add(a_decision(claim_id))
    with (
        pytest.raises(sa.exc.IntegrityError, match="ck_decisions_verdict"),
        database.sessions.begin() as session,
    ):
        session.execute(sa.text("UPDATE decisions SET verdict = 'banana'"))


def test_a_row_without_its_parent_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError), database.sessions.begin() as session:
        session.add(a_decision("c0000000000000000"))


def test_a_piece_is_a_claim_or_has_none(database: Database) -> None:
    add(database, SLEEP)
    with pytest.raises(sa.exc.IntegrityError), database.sessions.begin() as session:
        session.execute(sa.text("UPDATE pieces SET kind = 'heading'"))


# articles and claims


def test_a_revision_comes_back_as_it_was_cut(database: Database) -> None:
    add(database, SLEEP)
    with database.reading() as session:
        stored = queries.find_article(session, "sleep.txt")
    assert stored.article == SLEEP
    assert stored.pieces == tuple(segment(SLEEP.text))
    assert stored.claims == claims_of(SLEEP)
    assert len(stored.claims) == 3


def test_editing_one_sentence_leaves_the_other_claims_alone(database: Database) -> None:
    before = add(database, SLEEP, MONDAY)
    after = add(database, SLEEP_EDITED, TUESDAY)
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False, True]
    with database.reading() as session:
        assert list(queries.live_claims(session)) == after
        first, second = session.scalars(sa.select(tables.Revision).order_by(tables.Revision.id))
        assert (first.superseded_at, second.superseded_at) == (TUESDAY, None)
        # The claim that went is kept, with the revision that held it last.
        assert queries.last_revisions(session, before) == {
            before[0]: second.id,
            before[1]: first.id,
            before[2]: second.id,
        }
        assert queries.stored_article(session, first.id).article == SLEEP


def test_going_back_to_an_earlier_text_brings_its_claims_back(database: Database) -> None:
    before = add(database, SLEEP, MONDAY)
    add(database, SLEEP_EDITED, TUESDAY)
    assert add(database, SLEEP, WEDNESDAY) == before
    with database.reading() as session:
        assert list(queries.live_claims(session)) == before
        assert session.scalar(sa.select(sa.func.count()).select_from(tables.Claim)) == 4
        assert queries.find_article(session, "sleep.txt").article == SLEEP


def test_an_article_is_found_by_its_source_its_id_or_a_part_that_fits_one(
    database: Database,
) -> None:
    naps = Article(source="more/sleep.txt", title="Naps", text="Naps halve the risk of a fall.\n")
    add(database, SLEEP)
    add(database, naps)
    with database.reading() as session:
        for given in ("sleep.txt", SLEEP.id):
            assert queries.find_article(session, given).article == SLEEP
        for given in ("more/sleep.txt", naps.id, "more/"):
            assert queries.find_article(session, given).article == naps
        with pytest.raises(UsageError, match="Several articles are called sleep") as several:
            queries.find_article(session, "sleep")
        with pytest.raises(UsageError, match="No article is called dreams") as none:
            queries.find_article(session, "dreams")
    for caught in (several, none):
        assert "more/sleep.txt" in str(caught.value.hint)
        assert "sleep.txt" in str(caught.value.hint)


def test_the_name_of_a_file_goes_before_a_part_of_another(database: Database) -> None:
    asleep = Article(source="asleep.txt", title="Naps", text="Naps halve the risk of a fall.\n")
    add(database, SLEEP)
    add(database, asleep)
    with database.reading() as session:
        assert queries.find_article(session, "sleep").article == SLEEP
        assert queries.find_article(session, "aslee").article == asleep


def test_of_many_articles_only_some_are_named(database: Database) -> None:
    for number in range(14):
        add(database, Article(source=f"{number}.txt", title="", text=f"Nap {number} helps.\n"))
    with database.reading() as session, pytest.raises(UsageError) as caught:
        queries.find_article(session, "dreams")
    assert str(caught.value.hint).endswith(", and 4 more")


def test_without_any_article_the_hint_is_to_ingest(database: Database) -> None:
    with (
        database.reading() as session,
        pytest.raises(UsageError) as caught,
    ):
        queries.find_article(session, "sleep")
    assert "factcheck ingest" in str(caught.value.hint)


def test_a_text_is_known_as_long_as_it_is_live(database: Database) -> None:
    add(database, SLEEP, MONDAY)
    with database.reading() as session:
        assert queries.sources_of_texts(session, [SLEEP.sha256]) == {SLEEP.sha256: "sleep.txt"}
    add(database, SLEEP_EDITED, TUESDAY)
    with database.reading() as session:
        assert queries.sources_of_texts(session, [SLEEP.sha256]) == {}


def test_a_decision_comes_back_as_it_was_written(database: Database) -> None:
    claim_id = add(database, SLEEP)[0]
    with database.sessions.begin() as session:
        session.add(a_decision(claim_id, verdict=Verdict.SUPPORTED, superseded_at=TUESDAY))
        session.add(a_decision(claim_id, decided_at=TUESDAY))
    with database.reading() as session:
        now = queries.decision_of(queries.decisions(session)[claim_id])
        earlier = queries.decision_of(queries.decisions(session, [claim_id], MONDAY)[claim_id])
        assert queries.decisions(session, ["c0000000000000000"]) == {}
    assert (earlier.verdict, now.verdict) == (Verdict.SUPPORTED, Verdict.OVERSTATED)
    assert now.tally == {Verdict.SUPPORTED: 0, Verdict.OVERSTATED: 2, Verdict.UNSUPPORTED: 0}
    assert now.reasons == (Reason.ABSOLUTE,)
    assert now.problem_words == ("every «adult»",)
    assert now.reviewers == ("ana@desk.example", "ben@desk.example")


@pytest.mark.slow
def test_more_claims_than_a_statement_can_hold_may_be_asked_for(database: Database) -> None:
    known = add(database, SLEEP)
    many = [f"c{number:016x}" for number in range(70_000)]
    with database.reading() as session:
        assert list(queries.last_revisions(session, [*many, *known])) == known


# writers side by side

_COUNT = """
import sys
import sqlalchemy as sa
from factcheck.store import tables
from factcheck.store.engine import open_database
database = open_database(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for _ in range(200):
    with database.sessions.begin() as session:
        claim = session.scalars(sa.select(tables.Claim)).one()
        claim.occurrence += 1
"""


def beside(script: str, url: str) -> subprocess.Popen[str]:
    """A process that runs `script` on the database at `url`, and is ready for its go."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def address(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


@pytest.mark.slow
def test_statements_that_name_thousands_are_not_kept_for_long(sqlite_database: Database) -> None:
    """A hundred of them, each of another length, would hold more than 100 MB."""
    ids = [f"c{number:016x}" for number in range(9_000)]
    process = psutil.Process()
    held = []
    with sqlite_database.reading() as session:
        for fewer in range(120):
            queries.last_lead_ins(session, ids[fewer:])
            held.append(process.memory_info().rss)
    assert held[-1] - held[20] < 30_000_000


def test_two_processes_that_write_lose_nothing(sqlite_database: Database) -> None:
    with sqlite_database.sessions.begin() as session:
        session.add(tables.Article(id="a", source="a.txt", created_at=MONDAY))
        session.flush()
        session.add(
            tables.Claim(id="c", article_id="a", text="It works.", occurrence=0, created_at=MONDAY)
        )
    writers = [beside(_COUNT, address(sqlite_database)) for _ in range(2)]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    with sqlite_database.reading() as session:
        assert session.scalars(sa.select(tables.Claim.occurrence)).one() == 400


def test_a_reader_sees_one_state_while_another_writes(database: Database) -> None:
    other = open_database(address(database))
    with database.reading() as session:
        assert queries.live_claims(session) == {}
        assert len(add(other, SLEEP)) == 3
        assert queries.live_claims(session) == {}
    with database.reading() as session:
        assert len(queries.live_claims(session)) == 3
    other.close()


# the lock of the desk

_HOLD = """
import sys
from factcheck.store.engine import open_database
with open_database(sys.argv[1]).lock("push"):
    print("ready", flush=True)
    sys.stdin.readline()
"""


@pytest.mark.slow
def test_the_second_command_is_refused_and_told_who_holds_the_desk(database: Database) -> None:
    holder = beside(_HOLD, address(database))
    with (
        pytest.raises(LockedError, match=rf"factcheck push on .*, process {holder.pid}") as caught,
        database.lock("sync"),
    ):
        pytest.fail("two commands hold the desk")
    assert "Wait" in str(caught.value.hint)
    holder.communicate("done\n", timeout=30)
    with database.lock("sync"):
        pass


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_command_that_is_killed_leaves_the_desk_free(database: Database) -> None:
    holder = beside(_HOLD, address(database))
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait(timeout=30)
    with database.lock("sync"):
        pass
    with (
        database.lock("export"),
        pytest.raises(LockedError, match=rf"factcheck export on .*, process {os.getpid()}"),
        open_database(address(database)).lock("sync"),
    ):
        pytest.fail("two commands hold the desk")


def test_a_command_that_fails_leaves_the_desk_free(database: Database) -> None:
    with pytest.raises(UsageError), database.lock("push"):
        raise UsageError("The file is not there.")
    with database.lock("push"):
        pass
