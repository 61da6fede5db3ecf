"""The migrations lead to the models, step by step and back, and keep what is there."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from conftest import Run
from factcheck import bundled
from factcheck.errors import DatabaseError
from factcheck.store import tables
from factcheck.store.engine import Database, current_revision, migrate, migrations, open_database
from factcheck.store.tables import HEAD, Base

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


def script_directory() -> ScriptDirectory:
    return ScriptDirectory(bundled.path("migrations"))


def schema(database: Database) -> set[str]:
    """All that makes up the tables, with CHECK constraints and the WHERE of indexes.

    One line for each column, constraint and index; the order of columns does not count.
    """
    with database.reading() as session:
        if database.file:
            found = set()
            rows = session.execute(sa.text("SELECT type, tbl_name, sql FROM sqlite_master"))
            for kind, table, sql in rows:
                if table == "alembic_version" or sql is None:
                    continue
                plain = re.sub(r'["\s]+', " ", sql).strip()
                if kind == "table":
                    body = plain.partition("(")[2].rpartition(")")[0]
                    found |= {f"{table}: {part}" for part in top_level_parts(body)}
                else:
                    found.add(plain)
            return found
        rows = session.execute(
            sa.text(
                """
                SELECT table_name, column_name || ' ' || data_type || ' ' || is_nullable
                    || ' ' || coalesce(character_maximum_length::text, '')
                    || ' ' || coalesce(column_default, '')
                FROM information_schema.columns WHERE table_schema = 'public'
                UNION ALL
                SELECT conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid)
                FROM pg_constraint WHERE connamespace = 'public'::regnamespace
                UNION ALL
                SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'
                """
            )
        )
        return {f"{table}: {what}" for table, what in rows if table != "alembic_version"}


def top_level_parts(body: str) -> list[str]:
    """The comma-separated parts of a CREATE TABLE's body, commas in brackets apart."""
    parts, depth = [""], 0
    for character in body:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [" ".join(part.split()) for part in parts]


def fill(database: Database) -> None:
    """An article with a revision and a claim, so that there is something to lose."""
    with database.sessions.begin() as session:
        session.add(tables.Article(id="a", source="a.txt", created_at=NOW))
        session.flush()
        session.add(
            tables.Revision(
                article_id="a",
                sha256="0" * 64,
                title="A",
                text="It works.",
                ingested_at=NOW,
                superseded_at=None,
            )
        )
        session.add(
            tables.Claim(id="c1", article_id="a", text="It works.", occurrence=0, created_at=NOW)
        )


def kept(database: Database) -> tuple[list[str], list[str], list[str]]:
    """The text of articles, revisions and claims."""
    with database.reading() as session:
        return (
            list(session.scalars(sa.select(tables.Article.source))),
            list(session.scalars(sa.select(tables.Revision.text))),
            list(session.scalars(sa.select(tables.Claim.text))),
        )


FILLED = (["a.txt"], ["It works."], ["It works."])


def later_migrations(folder: Path, *upgrades: str) -> Path:
    """A copy of the migrations in `folder`, with one more after head for each of `upgrades`.

    They are numbered from 9001.
    """
    copy = folder / "migrations"
    shutil.copytree(bundled.path("migrations"), copy)
    before = HEAD
    for number, upgrade in enumerate(upgrades, start=9001):
        (copy / "versions" / f"{number}_later.py").write_text(
            "import sqlalchemy as sa\n"
            "from alembic import op\n"
            f"revision, down_revision = '{number}', '{before}'\n"
            "branch_labels = depends_on = None\n"
            f"def upgrade():\n    {upgrade}\n"
            "def downgrade():\n    pass\n",
            encoding="utf-8",
        )
        before = str(number)
    return copy


def upgrade_with(database: Database, scripts: Path) -> None:
    config = migrations(database.engine)
    config.set_main_option("script_location", str(scripts))
    command.upgrade(config, "head")


# head and the models


def test_head_is_where_the_migrations_lead() -> None:
    assert script_directory().get_heads() == [HEAD]


def test_the_migrations_and_the_models_are_the_same_to_alembic(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_the_migrations_and_the_models_make_the_same_tables(database: Database) -> None:
    """Alembic does not compare CHECK constraints, nor which rows a partial index holds."""
    migrated = schema(database)
    command.downgrade(migrations(database.engine), "base")
    with database.engine.begin() as connection:
        Base.metadata.create_all(connection)
    made = schema(database)
    assert any("CHECK" in line for line in made)
    assert any("WHERE" in line for line in made)
    assert migrated == made


# up, down and up again


def test_every_step_goes_down_and_up_again(empty_url: str) -> None:
    database = open_database(empty_url)
    whole = schema(database)
    for script in script_directory().walk_revisions():
        command.downgrade(migrations(database.engine), script.down_revision or "base")
        assert current_revision(database) == script.down_revision
    assert schema(database) == set()
    migrate(database)
    assert current_revision(database) == HEAD
    assert schema(database) == whole
    database.close()


def test_upgrading_again_keeps_what_is_there(empty_url: str) -> None:
    database = open_database(empty_url)
    fill(database)
    migrate(database)
    database.close()
    again = open_database(empty_url)
    assert kept(again) == FILLED
    again.close()


def test_a_migration_that_rebuilds_a_table_keeps_the_rows_that_hang_on_it(
    database: Database, tmp_path: Path
) -> None:
    fill(database)
    rebuild = (
        "with op.batch_alter_table('articles', recreate='always') as articles:\n"
        "        articles.add_column(sa.Column('later', sa.Text(), nullable=True))"
    )
    if not database.file:
        rebuild = rebuild.replace("recreate='always'", "recreate='auto'")
    upgrade_with(database, later_migrations(tmp_path, rebuild))
    assert current_revision(database) == "9001"
    assert kept(database) == FILLED
    with database.engine.connect() as connection:
        if database.file:
            assert connection.scalar(sa.text("PRAGMA foreign_keys")) == 1
            assert connection.execute(sa.text("PRAGMA foreign_key_check")).all() == []


def test_a_migration_that_fails_leaves_everything_as_it_was(
    database: Database, tmp_path: Path
) -> None:
    fill(database)
    before = schema(database)
    scripts = later_migrations(
        tmp_path,
        "op.add_column('articles', sa.Column('later', sa.Text()))",
        "op.execute('DELETE FROM claims'); op.drop_table('not_there')",
    )
    with pytest.raises(sa.exc.SQLAlchemyError, match="not_there"):
        upgrade_with(database, scripts)
    assert current_revision(database) == HEAD
    assert schema(database) == before
    assert kept(database) == FILLED


def test_a_migration_that_leaves_a_row_without_its_parent_is_undone(
    sqlite_database: Database, tmp_path: Path
) -> None:
    fill(sqlite_database)
    with pytest.raises(RuntimeError, match="foreign keys"):
        upgrade_with(
            sqlite_database, later_migrations(tmp_path, "op.execute('DELETE FROM articles')")
        )
    assert current_revision(sqlite_database) == HEAD
    assert kept(sqlite_database) == FILLED


def test_migrations_mean_the_same_for_ever() -> None:
    """They import nothing of factcheck, whose code changes."""
    files = sorted(bundled.path("migrations").rglob("*.py"))
    assert len(files) >= 2
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [node.module] if isinstance(node, ast.ImportFrom) else []
            names += [name.name for name in node.names] if isinstance(node, ast.Import) else []
            assert not any(str(name).startswith("factcheck") for name in names), file


# what a person may open


def test_opening_a_file_that_is_not_there_makes_it(desk: Path) -> None:
    database = open_database("sqlite:///factcheck.db", desk)
    assert (desk / "factcheck.db").is_file()
    assert current_revision(database) == HEAD
    database.close()


def test_a_database_from_a_newer_version_is_refused_and_left_alone(
    empty_url: str, tmp_path: Path
) -> None:
    database = open_database(empty_url)
    fill(database)
    newer = "op.add_column('articles', sa.Column('later', sa.Text(), nullable=True))"
    upgrade_with(database, later_migrations(tmp_path, newer))
    before = schema(database)
    with pytest.raises(DatabaseError, match="9001") as caught:
        open_database(empty_url)
    assert "upgrade" in str(caught.value.hint)
    assert current_revision(database) == "9001"
    assert schema(database) == before
    assert kept(database) == FILLED
    database.close()


@pytest.mark.slow
def test_the_command_refuses_a_newer_database_with_a_hint(run: Run, desk: Path) -> None:
    database = open_database("sqlite:///factcheck.db", desk)
    with database.sessions.begin() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = '9001'"))
    database.close()
    ended = run("status")
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert "version 9001" in ended.stderr
    assert "pip install -U factcheck" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("content", [b"Dear diary,\n" * 100, b"x\n", b"\x00\xff" * 4096])
def test_a_file_that_is_no_database_is_refused_and_left_alone(desk: Path, content: bytes) -> None:
    file = desk / "factcheck.db"
    file.write_bytes(content)
    with pytest.raises(DatabaseError, match=r"factcheck\.db"):
        open_database("sqlite:///factcheck.db", desk)
    assert file.read_bytes() == content


def test_a_database_of_another_program_is_refused_and_left_alone(desk: Path) -> None:
    other = sa.create_engine(f"sqlite:///{desk / 'factcheck.db'}")
    with other.begin() as connection:
        connection.execute(sa.text("CREATE TABLE articles (headline TEXT)"))
    other.dispose()
    with pytest.raises(DatabaseError):
        open_database("sqlite:///factcheck.db", desk)
    unchanged = sa.create_engine(f"sqlite:///{desk / 'factcheck.db'}")
    assert sa.inspect(unchanged).get_table_names() == ["articles"]
    unchanged.dispose()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("factcheck.db", "is no database address"),
        ("mysql://localhost/desk", "not in mysql://localhost/desk"),
        ("oracle://ana:s3cret@localhost/desk", r"not in oracle://ana:\*\*\*@localhost/desk"),
        ("sqlite:///nowhere/factcheck.db", "There is no folder"),
        ("sqlite://", "keeps its data in a SQLite file"),
        ("sqlite:///:memory:", "keeps its data in a SQLite file"),
        ("postgresql://ana:s3cret@127.0.0.1:1/desk", "can't be opened"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_with_a_hint(
    desk: Path, url: str, told: str
) -> None:
    with pytest.raises(DatabaseError, match=told) as caught:
        open_database(url, desk)
    assert caught.value.hint
    assert "s3cret" not in caught.value.message


_OPEN = """
import sys, time
from factcheck.store.engine import current_revision, open_database
print("ready", flush=True)
sys.stdin.readline()
database = open_database(sys.argv[1])
print(current_revision(database))
"""


@pytest.mark.slow
def test_several_commands_may_open_a_new_database_at_once(empty_url: str) -> None:
    """One makes it, the others wait for that."""
    commands = [
        subprocess.Popen(
            [sys.executable, "-c", _OPEN, empty_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in commands:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in commands:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in commands:
        output, errors = process.communicate(timeout=60)
        assert (process.returncode, output.strip()) == (0, HEAD), errors
