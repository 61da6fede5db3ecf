"""How fast and how frugal push and sync are, beside Label Studio's own SDK on the same server.

    python benchmarks/label_studio.py [--claims N] [--rest SECONDS] [--server FOLDER]

Each thing measured runs in a process of its own that has imported the SDK's client and
factcheck's before the clock starts and its memory is looked at: no start of a process and no
import is in any row but the last. Where a row was measured several times, the two sides took
turns and the figures are medians.

What is in each side:

- *first push*: all of `push` on a database that has the claims and knows of no project: it makes
  the project and its view, works out what the reviewer sees, keeps the ledger, sends the
  batches. The SDK gets the same tasks as JSON that is ready, and a project that is there: one
  `import_tasks`, or `tasks.create` for each of the first claims, its time scaled to all.
- *push* and *sync with nothing to do*: the command's function on the desk as all of the rest left
  it, with a review of every claim, after it has rested for longer than sync looks back.
- *sync after 10 changed*: one review of each of 10 claims was submitted through the API since the
  last sync. Each round starts from a copy of the same database.
- *sync of first reviews*: every claim has one review, and the database knows of none. They are
  saved by Label Studio's own models in its own environment, one by one as for a request, which is
  not measured; the fields of such a task are held against those of one reviewed through the API.
- *the full list*: the SDK's `tasks.list(fields="all")`, to the end, with its page size (the
  server's 100), and once with pages of 1,000: the best that the SDK can do. It is asked for the
  tasks as they stand at that row, and stores nothing.
- *rows into SQLite*: that same sync once more on a copy of the database, with the server's answers
  of the first time at hand as the client gave them: it finds out what is new, writes reviews,
  events, tasks and decisions in chunks, and counts. The other side has these very rows ready as
  dicts and upserts them with one executemany a table, all in one transaction, through the same
  engine settings and into the same tables of a copy of that database.
- *memory*: the peak of a process less its peak before it began to work; of the commands the
  greatest.
- *whole process*: the start of Python included, on both sides.

Bytes are those of the bodies of answers. Both sides use their own HTTP client as it comes: the
SDK's keeps connections open, which Label Studio's development server answers slower.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar, cast

import httpx
import sqlalchemy as sa
from label_studio_sdk.client import LabelStudio as SDK  # noqa: N814 (as everybody calls it)
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

from factcheck import bundled
from factcheck.labelstudio import payload
from factcheck.labelstudio.client import LabelStudio
from factcheck.labelstudio.local import LocalServer, Reviewer
from factcheck.model import Judgement, Posting, Reason, Rule, Verdict
from factcheck.review import sync as syncing
from factcheck.review.ingest import ingest
from factcheck.review.push import push
from factcheck.review.settle import Policy
from factcheck.review.sync import sync
from factcheck.store.engine import Database, open_database
from factcheck.store.tables import Claim, Decision, Project, Review, ReviewEvent, SyncRun, Task

POLICY = Policy(2, Rule.UNANIMOUS)
CREATES = 1000
CHANGED = 10
PAGES = (None, 1000)  # of the SDK's list: as it comes, and the best it can do
ARTICLE = 40  # claims in one
LABELING = bundled.path("configs/labeling.xml")

SENTENCES = (
    "In trial {n} of {year}, {k} of {m} adults who took magnesium for {w} weeks slept longer.",
    "Green tea lowers the blood pressure of people over {age} by {k} percent within {w} weeks.",
    "The {n} participants of the Lisbon study reported fewer headaches after {w} weeks of yoga.",
    "Vitamin D cures tiredness in {k} percent of patients, according to survey {n}.",
)
SAID = (
    Judgement(verdict=Verdict.SUPPORTED, evidence=("https://doi.org/10.1000/182",)),
    Judgement(
        verdict=Verdict.OVERSTATED,
        reasons=(Reason.ABSOLUTE,),
        problem_words=("lowers the blood pressure",),
        correction="It may help some of those who were asked.",
        evidence=("https://doi.org/10.1000/182", "https://example.org/guideline"),
        note="The trial had no control group.",
    ),
    Judgement(verdict=Verdict.SUPPORTED),
    Judgement(verdict=Verdict.UNSUPPORTED, note="No such survey was found."),
)

# Saves reviews as Label Studio's own API does, without a request for each: an annotation's
# `save` touches the task and counts. Reads pairs of task id and result, and the user's address.
SUBMIT = """
import json, sys, os
from pathlib import Path
import label_studio
sys.path.insert(0, str(Path(label_studio.__file__).parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "label_studio.core.settings.label_studio"
import django
django.setup()
from django.db import transaction
from tasks.models import Annotation, Task
from users.models import User
order = json.load(sys.stdin)
user = User.objects.get(email=order["email"])
tasks = Task.objects.select_related("project").in_bulk([task for task, _ in order["said"]])
for start in range(0, len(order["said"]), 100):
    with transaction.atomic():
        for number, result in order["said"][start : start + 100]:
            task = tasks[number]
            Annotation(
                task=task, project=task.project, completed_by=user, updated_by=user, result=result
            ).save()
            Task.objects.filter(id=number).update(updated_by=user)  # a request would say it
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A local Label Studio, how to get in, and where its data and its own Python are."""

    url: str
    token: str
    data: Path
    environment: Path
    reviewer: Reviewer


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run of something took; `extra` is what it has to say besides."""

    seconds: float
    requests: int
    received: int
    memory: int
    extra: Any = None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table; `reached` is None where nothing is to be reached."""

    what: str
    ours: str
    theirs: str = ""
    ratio: str = ""
    reach: str = ""
    reached: bool | None = None


# how things are measured


class Meter:
    """Takes the time, the traffic and the memory of what is done while it runs."""

    def __init__(self) -> None:
        self.requests = 0
        self.received = 0
        self.extra: Any = None

    def hear(self, response: httpx.Response) -> None:
        self.requests += 1
        response.read()
        self.received += response.num_bytes_downloaded

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        self.requests = self.received = 0
        before, started = _peak(), time.perf_counter()
        yield
        self.seconds = time.perf_counter() - started
        self.memory = _peak() - before

    def read(self) -> Measured:
        return Measured(self.seconds, self.requests, self.received, self.memory, self.extra)


def _peak() -> int:
    """The most memory that this process had so far, in bytes."""
    kilobytes = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * kilobytes


@contextlib.contextmanager
def _ours(place: Place, desk: Path) -> Iterator[tuple[Database, LabelStudio, Meter]]:
    database = open_database("sqlite:///factcheck.db", desk)
    server = LabelStudio(place.url, place.token)
    meter = Meter()
    server._http.event_hooks["response"].append(meter.hear)  # noqa: SLF001 (its real client)
    try:
        yield database, server, meter
    finally:
        server.close()
        database.close()


@contextlib.contextmanager
def _theirs(place: Place, project_id: int) -> Iterator[tuple[SDK, Meter]]:
    meter = Meter()
    # As the SDK makes it, and with our ear at it.
    http = httpx.Client(timeout=600, follow_redirects=True, event_hooks={"response": [meter.hear]})
    client = _sdk(place, httpx_client=http)
    # What the SDK imports on first use is no part of what it takes.
    next(iter(client.tasks.list(project=project_id, fields="all", page_size=1)), None)
    client.projects.get(project_id)
    try:
        yield client, meter
    finally:
        http.close()


def _sdk(place: Place, **options: Any) -> SDK:
    # The SDK's constructor has no annotations of its own.
    return SDK(base_url=place.url, api_key=place.token, **options)  # type: ignore[no-untyped-call]


# what is measured; each in a process of its own


def one_push(place: Place, desk: Path) -> Measured:
    with _ours(place, desk) as (database, server, meter), meter.running():
        _push(database, server)
    return meter.read()


def import_tasks(place: Place, project_id: int, tasks: Path) -> Measured:
    with _theirs(place, project_id) as (client, meter):
        ready = json.loads(tasks.read_text(encoding="utf-8"))
        with meter.running():
            client.projects.import_tasks(project_id, request=ready, return_task_ids=True)
    return meter.read()


def create_tasks(place: Place, project_id: int, tasks: Path) -> Measured:
    with _theirs(place, project_id) as (client, meter):
        ready = json.loads(tasks.read_text(encoding="utf-8"))[:CREATES]
        with meter.running():
            for task in ready:
                client.tasks.create(project=project_id, data=task["data"], meta=task["meta"])
    return meter.read()


class Kept:
    """A server that keeps what it is asked and answers, or answers the same from memory."""

    def __init__(self, server: LabelStudio, kept: list[Any] | None = None) -> None:
        self._server = server
        self.kept: list[Any] = []
        self._answers = iter(kept) if kept is not None else None

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._server, name)
        if not callable(found) or name in ("link", "posting"):
            return found

        def call(*arguments: Any) -> Any:
            if self._answers is not None:
                asked, answer = next(self._answers)
                if asked != (name, arguments):
                    raise RuntimeError(f"asked {name}{arguments}, and before {asked}")
                return answer
            answer = found(*arguments)
            self.kept.append(((name, arguments), answer))
            return answer

        return call


def one_sync(place: Place, desk: Path) -> Measured:
    with _ours(place, desk) as (database, server, meter), meter.running():
        sync(database, server, POLICY)
    return meter.read()


def sync_from_memory(place: Place, desk: Path, again: Path) -> Measured:
    """What the sync of `desk` takes on `again`, its copy, with the server's answers at hand."""
    with _ours(place, desk) as (database, server, _):
        kept = Kept(server)
        sync(database, kept, POLICY)
    with _ours(place, again) as (database, server, meter), meter.running():
        sync(database, Kept(server, kept.kept), POLICY)
    return meter.read()


def full_list(place: Place, project_id: int, page_size: int | None) -> Measured:
    """The SDK's list of the whole project; `extra` is the number of reviews in it."""
    paging = {} if page_size is None else {"page_size": page_size}
    with _theirs(place, project_id) as (client, meter), meter.running():
        found: Iterable[Any] = client.tasks.list(project=project_id, fields="all", **paging)
        meter.extra = sum(len(task.annotations or ()) for task in found)
    return meter.read()


def bare_upsert(desk: Path, synced: Path) -> Measured:
    """What a sync has written into `synced`, upserted into `desk`; `extra` counts the rows."""
    written = (Task, Review, ReviewEvent, Decision)
    source = open_database("sqlite:///factcheck.db", synced)
    with source.engine.connect() as connection:
        runs, *tables = (
            (table, list(map(dict, connection.execute(sa.select(table)).mappings())))
            for table in (cast("sa.Table", one.__table__) for one in (SyncRun, *written))
        )
    source.close()
    target = open_database("sqlite:///factcheck.db", desk)
    with target.engine.begin() as connection:  # the runs that events name
        _upsert(connection, *runs)
    meter = Meter()
    with meter.running(), target.engine.begin() as connection:
        for table, rows in tables:
            _upsert(connection, table, rows)
    target.close()
    meter.extra = sum(len(rows) for _, rows in tables)
    return meter.read()


def _upsert(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    insert = sqlite.insert(table)
    fresh = {column.name: column for column in insert.excluded if not column.primary_key}
    on = list(table.primary_key)
    connection.execute(insert.on_conflict_do_update(index_elements=on, set_=fresh), rows)


# what has to be there first; in processes of their own too, so that this one stays small


def write_articles(desk: Path, claims: int) -> None:
    """A desk that has so many claims, and has pushed none."""
    articles = desk / "articles"
    articles.mkdir(parents=True)
    for number, first in enumerate(range(0, claims, ARTICLE)):
        text = f"What study {number} says about sleep\n"
        for n in range(first, min(first + ARTICLE, claims)):
            text += "\n\n" if n % len(SENTENCES) == 0 else " "
            numbers = {"year": 1990 + n % 35, "k": 5 + n % 80, "m": 100 + n % 900}
            numbers |= {"n": n, "w": 2 + n % 50, "age": 30 + n % 50}
            text += SENTENCES[n % len(SENTENCES)].format_map(numbers)
        (articles / f"{number:05}.txt").write_text(text, encoding="utf-8")
    database = open_database("sqlite:///factcheck.db", desk)
    found = ingest(database, articles, POLICY).claims
    database.close()
    if found != claims:
        raise RuntimeError(f"{found} claims were found in articles with {claims}")


class Recorded(LabelStudio):
    """A server that keeps what it is sent."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__(url, token)
        self.tasks_sent: list[dict[str, Any]] = []

    def add_tasks(self, project_id: int, postings: Sequence[Posting], batch: str) -> list[int]:
        self.tasks_sent += [payload.task(posting, batch) for posting in postings]
        return super().add_tasks(project_id, postings, batch)


def record_push(place: Place, desk: Path, tasks: Path) -> None:
    """A push to warm the server up, which leaves what it sent in the file `tasks`."""
    database = open_database("sqlite:///factcheck.db", desk)
    server = Recorded(place.url, place.token)
    _push(database, server)
    tasks.write_text(json.dumps(server.tasks_sent), encoding="utf-8")
    server.close()
    database.close()


def _push(database: Database, server: LabelStudio) -> None:
    labeling = LABELING.read_text(encoding="utf-8")
    push(database, server, title="A benchmark", labeling=labeling, reviews_per_claim=2)


def make_project(place: Place) -> int:
    """An empty project for the SDK's tasks."""
    labeling = LABELING.read_text(encoding="utf-8")
    made = _sdk(place).projects.create(title="The SDK alone", label_config=labeling)
    return int(made.id or 0)


@contextlib.contextmanager
def _reading(desk: Path) -> Iterator[Session]:
    database = open_database("sqlite:///factcheck.db", desk)
    with contextlib.closing(database), database.reading() as session:
        yield session


def project_of(desk: Path) -> int:
    """Label Studio's number of the desk's project."""
    with _reading(desk) as session:
        return int(session.scalars(sa.select(Project.server_id)).one() or 0)


def _to_say(desk: Path) -> list[tuple[int, list[dict[str, Any]]]]:
    """A review of each task of the desk, with the task's number in Label Studio."""
    with _reading(desk) as session:
        tasks = session.execute(
            sa.select(Task.server_id, Claim.text)
            .join(Claim, Claim.id == Task.claim_id)
            .order_by(Task.id)
        )
        return [
            (int(task_id or 0), payload.result(SAID[number % len(SAID)], words))
            for number, (task_id, words) in enumerate(tasks)
        ]


def submit_some(place: Place, desk: Path, start: int, number: int) -> None:
    """Review so many claims as their reviewer does, through the API."""
    server = LabelStudio(place.url, place.reviewer.token)
    for task_id, result in _to_say(desk)[start : start + number]:
        server.submit_review(task_id, result)
    server.close()


def submit_rest(place: Place, desk: Path, start: int) -> None:
    """Review the claims from that one on with Label Studio's own models."""
    python = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    ran = subprocess.run(
        [place.environment / python, "-c", SUBMIT],
        env={
            "PATH": os.environ["PATH"],
            "LABEL_STUDIO_BASE_DATA_DIR": str(place.data),
            "LABEL_STUDIO_COLLECT_ANALYTICS": "false",
            "LABEL_STUDIO_LATEST_VERSION_CHECK": "false",
            "LABEL_STUDIO_SENTRY_DSN": "",
        },
        input=json.dumps({"email": place.reviewer.email, "said": _to_say(desk)[start:]}),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if ran.returncode:
        raise RuntimeError(f"Label Studio's models did not take the reviews:\n{ran.stderr}")


def check_submitted(place: Place, desk: Path, by_request: int, by_model: int) -> None:
    """Raise RuntimeError where those two claims' tasks differ in more than ids, times and words."""
    said = _to_say(desk)
    ids = [said[by_request][0], said[by_model][0]]
    among = {"filter": "filter:tasks:id", "operator": "in_list", "type": "List", "value": ids}
    query = json.dumps({"filters": {"conjunction": "and", "items": [among]}})
    found: Iterable[Any] = _sdk(place).tasks.list(
        project=project_of(desk), fields="all", query=query
    )
    one, other = (_shape(row.model_dump(mode="json")) for row in found)
    if one != other:
        raise RuntimeError(f"a review by request and one by model differ:\n{one}\n{other}")


def _shape(task: dict[str, Any]) -> dict[str, Any]:
    """A task of one review, without what differs between any two of them."""
    (annotation,) = task["annotations"]
    if task["updated_at"] < annotation["created_at"]:
        raise RuntimeError("a review did not touch its task")
    own = {"id", "inner_id", "task", "unique_id", "data", "meta", "result"}
    own |= {"annotations", "annotations_ids", "annotations_results", "created_ago"}
    return {
        f"{number}: {name}": value
        for number, fields in enumerate((task, annotation))
        for name, value in fields.items()
        if name not in own and not name.endswith("_at")
    }


# the run

T = TypeVar("T")

SPAWN = multiprocessing.get_context("spawn")


def alone(work: Callable[..., T], *arguments: Any) -> T:
    """What `work` returns, in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=SPAWN) as process:
        return process.submit(work, *arguments).result()


def copy(desk: Path, name: str) -> Path:
    """A desk with a copy of that one's database; nobody has it open."""
    made = desk.with_name(name)
    made.mkdir()
    with (
        contextlib.closing(sqlite3.connect(desk / "factcheck.db")) as source,
        contextlib.closing(sqlite3.connect(made / "factcheck.db")) as target,
    ):
        source.backup(target)
    return made


@dataclass(slots=True)
class Figures:
    """All that was measured. Of the lists, each has the size of its pages (None: as it comes)."""

    claims: int
    pushes: list[Measured] = field(default_factory=list)
    imports: list[Measured] = field(default_factory=list)
    creates: list[Measured] = field(default_factory=list)
    few: list[Measured] = field(default_factory=list)
    lists_of_few: dict[int | None, Measured] = field(default_factory=dict)
    firsts: list[Measured] = field(default_factory=list)
    from_memory: list[Measured] = field(default_factory=list)
    upserts: list[Measured] = field(default_factory=list)
    lists_of_all: dict[int | None, Measured] = field(default_factory=dict)
    idle_pushes: list[Measured] = field(default_factory=list)
    idle_syncs: list[Measured] = field(default_factory=list)
    starts: list[tuple[float, float]] = field(default_factory=list)


def measure(place: Place, folder: Path, claims: int, rounds: int, rest: float) -> Figures:
    """Measure everything, `rounds` times what is measured often, with rests of so many seconds."""
    figures = Figures(claims)
    fresh, tasks = folder / "fresh", folder / "tasks.json"
    # What is not measured is done in one process; this one stays small, since a process may
    # begin with the peak of the one that started it.
    with ProcessPoolExecutor(1, mp_context=SPAWN) as process:

        def prepare(work: Callable[..., T], *arguments: Any) -> T:
            return process.submit(work, *arguments).result()

        say("Cutting articles, and a push to warm up")
        prepare(write_articles, fresh, claims)
        prepare(record_push, place, copy(fresh, "warm"), tasks)

        for number in range(rounds):
            say(f"First push and the SDK's import, {number + 1} of {rounds}")
            desk = copy(fresh, f"pushed-{number}")
            figures.pushes.append(alone(one_push, place, desk))
            project = prepare(make_project, place)
            figures.imports.append(alone(import_tasks, place, project, tasks))
        changed_at = time.monotonic()
        unsynced = copy(desk, "unsynced")
        say(f"A request of the SDK for each of {min(CREATES, claims)} tasks")
        project = prepare(make_project, place)
        figures.creates.append(alone(create_tasks, place, project, tasks))

        say(f"Sync after {CHANGED} changed, and the SDK's full list")
        project = prepare(project_of, desk)
        wait(changed_at + rest)
        prepare(one_sync, place, desk)
        for number in range(rounds):
            prepare(submit_some, place, desk, number * CHANGED, CHANGED)
            figures.few.append(alone(one_sync, place, desk))
        for size in PAGES:
            figures.lists_of_few[size] = alone(full_list, place, project, size)

        say("Reviewing every claim")
        prepare(submit_rest, place, desk, rounds * CHANGED)
        prepare(check_submitted, place, desk, 0, rounds * CHANGED)
        changed_at = time.monotonic()

        say("Sync of first reviews, and the SDK's full list")
        for number in range(rounds):
            synced = copy(unsynced, f"synced-{number}")
            figures.firsts.append(alone(one_sync, place, synced))
            pair = copy(unsynced, f"first-{number}"), copy(unsynced, f"again-{number}")
            figures.from_memory.append(alone(sync_from_memory, place, *pair))
            figures.upserts.append(alone(bare_upsert, copy(unsynced, f"bare-{number}"), synced))
            if number < len(PAGES):
                size = PAGES[number]
                figures.lists_of_all[size] = alone(full_list, place, project, size)

        say("With nothing to do")
        wait(changed_at + rest)
        prepare(one_sync, place, synced)
    for _ in range(rounds):
        figures.idle_pushes.append(alone(one_push, place, synced))
        figures.idle_syncs.append(alone(one_sync, place, synced))
    for _ in range(2 * rounds):
        figures.starts.append((sync_process(place, synced), import_process()))
    return figures


def wait(until: float) -> None:
    if (seconds := until - time.monotonic()) > 0:
        say(f"Waiting {seconds:.0f} s, so that sync has less to look back on")
        time.sleep(seconds)


def sync_process(place: Place, desk: Path) -> float:
    environment = {"LABEL_STUDIO_URL": place.url, "LABEL_STUDIO_API_KEY": place.token}
    return _seconds_of(["-m", "factcheck", "sync"], desk, os.environ | environment)


def import_process() -> float:
    return _seconds_of(["-c", "from label_studio_sdk.client import LabelStudio"], None, os.environ)


def _seconds_of(
    arguments: Sequence[str], folder: Path | None, environment: Mapping[str, str]
) -> float:
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, check=True
    )
    return time.perf_counter() - started


# what it comes to


def rows(got: Figures) -> Iterator[Row]:
    """The table, line by line."""
    claims = got.claims
    pushed, imported = _median(got.pushes), _median(got.imports)
    created = _median(got.creates) / min(CREATES, claims) * claims
    yield _compared("first push / import_tasks", pushed, imported, 0.7)
    yield _compared(f"first push / tasks.create of {min(CREATES, claims):,}", pushed, created, 150)

    idle = got.idle_pushes[0].requests
    row = _compared("push with nothing to do / first push", _median(got.idle_pushes), pushed)
    yield replace(row, ours=f"{idle} requests, {row.ours}", reach="≤ 3 requests", reached=idle <= 3)

    received = max(one.received for one in got.few)
    few = _median(got.few)
    for size, listed in got.lists_of_few.items():
        name = f"sync of {CHANGED} changed / full list{_paged(size)}"
        row = _compared(name, few, listed.seconds, 100 if size is None else None)
        row = replace(row, theirs=f"{_size(listed.received)}, {row.theirs}")
        if size is None:
            within = received <= 100_000
            row = replace(row, reach=f"{row.reach}, ≤ 100 KB", reached=bool(row.reached) and within)
        yield replace(row, ours=f"{_size(received)}, {row.ours}")

    first = _median(got.firsts)
    for size, listed in got.lists_of_all.items():
        name = f"sync of first reviews / full list{_paged(size)}"
        row = _compared(name, first, listed.seconds, 3 if size is None else None)
        yield replace(row, theirs=f"{_size(listed.received)}, {row.theirs}")

    idle = got.idle_syncs[0].requests
    yield Row(
        "sync with nothing new",
        f"{idle} requests, {_median(got.idle_syncs):.3f} s",
        reach="≤ 3 requests",
        reached=idle <= 3,
    )

    written = got.upserts[0].extra
    share = statistics.median(
        bare.seconds / ours.seconds for ours, bare in zip(got.from_memory, got.upserts, strict=True)
    )
    yield Row(
        f"{written:,} rows into SQLite / bare upsert",
        f"{written / _median(got.from_memory):,.0f} rows/s",
        f"{written / _median(got.upserts):,.0f} rows/s",
        f"{share:.2f}",
        "≥ 0.5",
        share >= 0.5,
    )

    ours = max(
        one.memory
        for some in (got.pushes, got.few, got.firsts, got.idle_pushes, got.idle_syncs)
        for one in some
    )
    theirs = max(
        one.memory
        for some in (got.imports, got.lists_of_few.values(), got.lists_of_all.values())
        for one in some
    )
    yield Row(
        "memory, at most, over what was imported",
        f"{ours / 1e6:.0f} MB",
        f"{theirs / 1e6:.0f} MB",
        reach="< 300 MB",
        reached=ours < 300e6,
    )

    process, start = (statistics.median(side) for side in zip(*got.starts, strict=True))
    yield _compared("whole process: idle sync / import of the SDK", process, start, 1)


def _median(some: Iterable[Measured]) -> float:
    return statistics.median(one.seconds for one in some)


def _compared(what: str, ours: float, theirs: float, reach: float | None = None) -> Row:
    """How many times as fast ours is."""
    ratio = theirs / ours
    return Row(
        what,
        f"{ours:.3f} s",
        f"{theirs:.3f} s",
        f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}",
        "" if reach is None else f"≥ {reach}",
        None if reach is None else ratio >= reach,
    )


def _paged(size: int | None) -> str:
    return "" if size is None else f", pages of {size:,}"


def _size(received: int) -> str:
    return f"{received / 1e3:,.1f} KB"


def main() -> None:
    looks_back = syncing.LOOKBACK.total_seconds() + 5
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--claims", type=int, default=10_000, help="10000 unless given")
    parser.add_argument("--rounds", type=int, default=3, help="3 unless given")
    parser.add_argument(
        "--rest", type=float, default=looks_back, help="seconds without a change, %(default)s"
    )
    parser.add_argument(
        "--server", type=Path, help="the folder of a local server to use, for a new one"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made, contextlib.ExitStack() as at_the_end:
        local = LocalServer(given.server or Path(made, "server"))
        if not local.status().running:
            at_the_end.callback(local.stop)
        state = local.start(say)
        place = Place(
            url=str(state.url),
            token=str(state.token),
            data=local.folder / "data",
            environment=local.environment,
            reviewer=local.add_reviewer("ana@desk.example"),
        )
        figures = measure(place, Path(made), given.claims, given.rounds, given.rest)
    print(f"{f'{given.claims:,} claims: ours / theirs':<50}{'ours':>22}{'theirs':>22}{'ratio':>9}")
    for row in rows(figures):
        print(
            f"{row.what:<50}{row.ours:>22}{row.theirs:>22}{row.ratio:>9}  {row.reach}"
            f"{'  MISSED' if row.reached is False else ''}"
        )


def say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
