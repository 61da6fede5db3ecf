"""Whatever goes wrong between factcheck and Label Studio, the next run ends where it should.

A clean run through a proxy tells which kinds of requests there are. Then each of them goes
wrong in every way, and after the same command was run again nothing differs from the clean run.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from label_studio_sdk.core import http_client

from bench import ARTICLE, CAFFEINE, CURES, OVERSTATED, SUPPORTED, TRIALS, Bench, Broken
from conftest import Benches
from factcheck.errors import FactcheckError, UnreachableError
from factcheck.labelstudio.client import LabelStudio
from factcheck.review import server as server_module
from factcheck.review.server import AnnotationServer
from fault_proxy import FAULTS, STALLING, FaultProxy

ANA, BEN = 0, 1

# Without --long: what a request that writes, and one that reads, is put through. The faults that
# are left out look the same to the client.
_WRITES = ("answer dropped", "reset before", "delivered late", "502 before", "503 after")
_READS = ("answer cut short", "reset before", "502 before")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "fault" in metafunc.fixturenames:
        everything = metafunc.config.getoption("--long")
        metafunc.parametrize("fault", FAULTS if everything else dict.fromkeys(_WRITES + _READS))


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither factcheck nor the SDK waits before it looks again."""
    monkeypatch.setattr(server_module, "_LOOK_AGAIN", (0.0, 0.0))
    monkeypatch.setattr(http_client, "INITIAL_RETRY_DELAY_SECONDS", 0.0)


@dataclass(frozen=True)
class Command:
    """A command on a desk where it has all kinds of things to do."""

    prepare: Callable[[Bench], None]
    run: Callable[[Bench, LabelStudio], Any]


def write(bench: Bench) -> None:
    bench.write()


def ask_for_a_project(bench: Bench) -> None:
    """The project was made, and factcheck died before it knew."""
    bench.write()

    def die(real: Callable[..., Any], *args: Any) -> None:
        real(*args)
        raise UnreachableError("dead")

    with pytest.raises(UnreachableError):
        bench.push(Broken(bench.server, "create_project", die))


def change_much(bench: Bench) -> None:
    """A claim is new, one is gone, one is gone and reviewed, and a task was deleted."""
    bench.write(ARTICLE + "\n\nBlack tea lowers blood pressure.\n\nMint tea cures colds.")
    bench.push()
    bench.review(ANA, "Mint tea cures colds.", SUPPORTED)
    bench.delete_task(CURES)
    bench.write(ARTICLE.replace("about 50 mg", "up to 90 mg"))


def first_reviews(bench: Bench) -> None:
    """Everything that the desk's reviewers said is new to it."""
    bench.write()
    bench.push()
    bench.review(ANA, CURES, SUPPORTED)
    bench.review(BEN, CURES, OVERSTATED)
    bench.review(BEN, TRIALS, [])


def review(bench: Bench) -> None:
    """Reviews are new and deleted, one can't be counted, and a task is gone with its review."""
    bench.write()
    bench.push()
    bench.review(ANA, CURES, SUPPORTED)
    deleted = bench.review(BEN, CURES, SUPPORTED)
    bench.review(ANA, CAFFEINE, SUPPORTED)
    bench.sync()
    bench.server._sdk.annotations.delete(deleted)
    bench.delete_task(CAFFEINE)
    bench.review(ANA, TRIALS, OVERSTATED)
    bench.review(BEN, TRIALS, [])


COMMANDS = {
    "first push": Command(write, lambda bench, server: bench.push(server)),
    "second try": Command(ask_for_a_project, lambda bench, server: bench.push(server)),
    "push of changes": Command(
        change_much, lambda bench, server: bench.push(server, reviews_per_claim=3)
    ),
    "first sync": Command(first_reviews, lambda bench, server: bench.sync(server)),
    "sync": Command(review, lambda bench, server: bench.sync(server)),
}


@pytest.fixture(scope="module")
def token(label_studio: Any) -> str:
    """A personal access token, which takes a request of its own to sign in with."""
    client = LabelStudio(label_studio.url, label_studio.token)
    with contextlib.closing(client):
        return str(client._sdk.tokens.create().token)


@dataclass
class Clean:
    """What a command asks the server, and where it ends, when nothing goes wrong."""

    kinds: list[str]
    end: dict[str, list[Any]]


@pytest.fixture(scope="module")
def runs() -> dict[str, Clean]:
    """The clean runs so far, by the name of the command."""
    return {}


@pytest.fixture
def clean(
    runs: dict[str, Clean], name: str, benches: Benches, proxy: FaultProxy, token: str, long: bool
) -> Clean:
    """Without --long each kind of request is left to the first command that makes it."""
    for each, command in COMMANDS.items():
        if each not in runs:
            bench = benches()
            command.prepare(bench)
            with connected(proxy, token) as server, proxy.recording() as kinds:
                command.run(bench, server)
            seen = {kind for run in runs.values() for kind in run.kinds if not long}
            runs[each] = Clean([kind for kind in kinds if kind not in seen], bench.end_state())
        if each == name:
            break
    return runs[name]


@contextlib.contextmanager
def connected(proxy: FaultProxy, token: str, timeout: float = 60) -> Iterator[LabelStudio]:
    with contextlib.closing(LabelStudio(proxy.url, token, timeout=timeout)) as server:
        yield server


@pytest.mark.parametrize("name", COMMANDS)
def test_after_a_fault_the_next_run_ends_as_without_it(
    name: str, fault: str, clean: Clean, benches: Benches, proxy: FaultProxy, token: str, long: bool
) -> None:
    for kind in clean.kinds:
        reads = kind.startswith(("GET", "POST /api/token"))
        if not long and fault not in (_READS if reads else _WRITES):
            continue
        bench, command = benches(), COMMANDS[name]
        command.prepare(bench)
        with (
            proxy.fault(kind, FAULTS[fault]),
            connected(proxy, token, timeout=1 if fault in STALLING else 60) as server,
            contextlib.suppress(FactcheckError),
        ):
            command.run(bench, server)
        with connected(proxy, token) as server:
            command.run(bench, server)
        assert bench.end_state() == clean.end, f"{fault}, at {kind}"


def test_these_commands_ask_for_all_that_a_server_can_be_asked_for(benches: Benches) -> None:
    asked = set()

    class Noting:
        def __init__(self, server: LabelStudio) -> None:
            self._server = server

        def __getattr__(self, name: str) -> Any:
            asked.add(name)
            return getattr(self._server, name)

    for command in COMMANDS.values():
        bench = benches()
        command.prepare(bench)
        command.run(bench, Noting(bench.server))
    assert asked >= {name for name in vars(AnnotationServer) if not name.startswith("_")}
