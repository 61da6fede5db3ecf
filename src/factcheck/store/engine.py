"""Opens the database: engine settings, migrations, and the lock of the desk."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from factcheck import bundled
from factcheck.errors import DatabaseError, LockedError
from factcheck.store.tables import HEAD

if TYPE_CHECKING:
    from alembic.config import Config

# How many statements SQLite keeps prepared: one that names thousands of claims takes a megabyte.
_STATEMENTS = 8

# One number for all of factcheck: PostgreSQL's advisory locks belong to one database anyway.
_ADVISORY_LOCK = 0x66616374

WATCH = "sync --watch"
"""The command that holds the desk again and again, for the moment of a round."""

_WATCH_SECONDS = 20

# Of two first commands on a desk the second waits while the first makes the tables.
_UPGRADE_SECONDS = 60
_TRY_AGAIN = 0.2


@dataclass(frozen=True)
class Database:
    """An open database. `sessions` write, `reading` sees one state of it and takes no lock."""

    engine: sa.Engine
    sessions: sessionmaker[Session]
    reading: sessionmaker[Session]

    @property
    def file(self) -> Path | None:
        """The SQLite file, None for PostgreSQL."""
        name = self.engine.url.database
        return Path(name) if self.engine.dialect.name == "sqlite" and name else None

    @contextlib.contextmanager
    def lock(self, command: str, *, wait: float = 0) -> Iterator[None]:
        """Hold the desk for `command`; raises LockedError, naming the holder, if it is held.

        Tries for `wait` seconds; longer where a watch holds it, which never does for long. The
        lock goes with the process, however that ends.
        """
        me = f"factcheck {command} on {socket.gethostname()}, process {os.getpid()}"
        held = _file_lock if self.file else _advisory_lock
        with contextlib.ExitStack() as holding:
            try:
                holding.enter_context(held(self, me, time.monotonic() + wait))
            except LockedError as error:
                if f"factcheck {WATCH} " not in error.message:
                    raise
                holding.enter_context(held(self, me, time.monotonic() + _WATCH_SECONDS))
            yield

    @contextlib.contextmanager
    def rehearsal(self) -> Iterator[Database]:
        """The same database, whose changes are all undone at the end: for a dry run.

        They are made in one transaction, so the counts are those of the real run. It stays open
        while a dry run of sync asks the server: nobody else writes, since that holds the desk.
        """
        with self.engine.connect() as connection, connection.begin() as everything:
            sessions = sessionmaker(
                connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
            )
            try:
                yield replace(self, sessions=sessions, reading=sessions)
            finally:
                everything.rollback()

    def close(self) -> None:
        self.engine.dispose()


def open_database(url: str, folder: Path = Path(), *, upgrade: bool = True) -> Database:
    """The database at `url`, brought up to date by the migrations unless told otherwise.

    A relative SQLite path is below `folder`. Raises DatabaseError, with a hint, for an address
    that can't be used, a file that is no database, and a database newer than this factcheck.
    """
    database = _connected(_address(url, folder))
    try:
        if upgrade and current_revision(database) != HEAD:
            with database.lock("db upgrade", wait=_UPGRADE_SECONDS):
                migrate(database)
    except BaseException:
        database.close()
        raise
    return database


def current_revision(database: Database) -> str | None:
    """The migration that the database stands at, None for an empty one or none at all."""
    if database.file is not None and not database.file.exists():
        return None  # to look would make it
    try:
        with database.reading() as session:
            if not sa.inspect(session.connection()).has_table("alembic_version"):
                return None
            version: str | None = session.scalar(sa.text("SELECT version_num FROM alembic_version"))
            return version
    except (sa.exc.OperationalError, sa.exc.DatabaseError) as error:
        raise DatabaseError(
            f"The database {_shown(database.engine.url)} can't be opened: {error.orig}.",
            hint="Check the setting `database`: a SQLite file in a folder that you can write to, "
            "or a PostgreSQL server that is up.",
        ) from error


def migrate(database: Database, revision: str = "head") -> None:
    """Run the migrations up to `revision`, all of them or none."""
    from alembic import command
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    now = current_revision(database)
    config = migrations(database.engine)
    strange = sorted({*sa.inspect(database.engine).get_table_names()} - {"alembic_version"})
    if now is None and strange:
        raise DatabaseError(
            f"The database {_shown(database.engine.url)} is not factcheck's: it has a table "
            f"{strange[0]}, and no version of ours.",
            hint="Name another file or database in the setting `database`.",
        )
    try:
        if now is not None:
            ScriptDirectory.from_config(config).get_revision(now)
    except CommandError as error:
        raise DatabaseError(
            f"The database {_shown(database.engine.url)} is at version {now}, which this "
            f"factcheck (version {HEAD}) does not know.",
            hint="It was written by a newer factcheck: upgrade with `pip install -U factcheck`.",
        ) from error
    command.upgrade(config, revision)


def migrations(engine: sa.Engine) -> Config:
    """Alembic's configuration for `engine`, with the migrations of this installation."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(bundled.path("migrations")).replace("%", "%%"))
    config.attributes["engine"] = engine
    return config


def _address(url: str, folder: Path) -> sa.URL:
    try:
        address = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise DatabaseError(
            "The setting `database` is no database address.",
            hint='For example "sqlite:///factcheck.db" or "postgresql+psycopg://user@host/name".',
        ) from error
    backend = address.get_backend_name()
    if backend == "sqlite" and address.database not in (None, "", ":memory:"):
        file = folder / str(address.database)
        if not file.parent.is_dir():
            raise DatabaseError(
                f"There is no folder {file.parent} for the database {file.name}.",
                hint="Make the folder, or change the setting `database`.",
            )
        return address.set(drivername="sqlite+pysqlite", database=str(file))
    if backend == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    raise DatabaseError(
        f"factcheck keeps its data in a SQLite file or in PostgreSQL, not in {_shown(address)}.",
        hint='For example "sqlite:///factcheck.db" or "postgresql+psycopg://user@host/name".',
    )


def _connected(address: sa.URL) -> Database:
    arguments = {}
    if address.get_backend_name() == "sqlite":
        arguments["cached_statements"] = _STATEMENTS
    try:
        engine = sa.create_engine(address, connect_args=arguments)
    except ModuleNotFoundError as error:
        raise DatabaseError(
            "PostgreSQL needs the driver psycopg, which is not installed.",
            hint='pip install "factcheck[postgresql]"',
        ) from error
    if engine.dialect.name == "sqlite":
        _tame_sqlite(engine)
        reading = engine.execution_options(read_only=True)
    else:
        reading = engine.execution_options(isolation_level="REPEATABLE READ")
    return Database(
        engine=engine,
        sessions=sessionmaker(engine, expire_on_commit=False),
        reading=sessionmaker(reading, expire_on_commit=False),
    )


def _tame_sqlite(engine: sa.Engine) -> None:
    """Explicit transactions: pysqlite's own begin too late, and two writers lose updates.

    https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#enabling-non-legacy-sqlite-transactional-modes
    """

    @sa.event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        del record
        connection.isolation_level = None
        for pragma in (
            "busy_timeout=30000",
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        reads_only = connection.get_execution_options().get("read_only")
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


@contextlib.contextmanager
def _file_lock(database: Database, me: str, deadline: float) -> Iterator[None]:
    # The holder stands in a file of its own, since taking the lock empties the locked one.
    file = database.engine.url.database
    holder = Path(f"{file}.holder")
    lock = filelock.FileLock(f"{file}.lock")
    try:
        lock.acquire(timeout=max(0, deadline - time.monotonic()), poll_interval=_TRY_AGAIN)
    except filelock.Timeout as error:
        known = holder.read_text(encoding="utf-8") if holder.exists() else "another factcheck"
        raise _held(known) from error
    try:
        holder.write_text(me, encoding="utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


@contextlib.contextmanager
def _advisory_lock(database: Database, me: str, deadline: float) -> Iterator[None]:
    own = sa.create_engine(
        database.engine.url,
        poolclass=sa.NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"application_name": me[:63]},
    )
    with own.connect() as connection:
        # A client that died without closing its socket must not hold the desk for hours.
        connection.exec_driver_sql("SET client_connection_check_interval = '10s'")
        while not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_ADVISORY_LOCK))):
            if time.monotonic() > deadline:
                holder = connection.scalar(
                    sa.text(
                        "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid) "
                        "WHERE locktype = 'advisory' AND objid = :lock AND granted"
                    ),
                    {"lock": _ADVISORY_LOCK},
                )
                raise _held(holder or "another factcheck")
            time.sleep(_TRY_AGAIN)
        yield


def _held(holder: str) -> LockedError:
    return LockedError(
        f"The desk is in use: {holder}.",
        hint="Wait until it has ended, then run this again: nothing was changed.",
    )


def _shown(url: sa.URL) -> str:
    return url.render_as_string(hide_password=True)
