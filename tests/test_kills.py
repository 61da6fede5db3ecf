"""kill -9 at every commit and every request of push and sync, and the command again.

A clean run counts the points; then a process is killed at each of them, and after the same
command was run again nothing differs from the clean run. Without --long a spread of the points.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from bench import Bench
from conftest import Benches, RunningLabelStudio
from killed import Commands, Ran
from test_faults import change_much, first_reviews, review, write

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")

A_DOZEN_OR_SO = 15


@dataclass(frozen=True)
class Command:
    """A command line, and the desk on which it has much to do."""

    prepare: Callable[[Bench], None]
    arguments: tuple[str, ...]


COMMANDS = {
    "first push": Command(write, ("push",)),
    "push of changes": Command(change_much, ("push",)),
    "first sync": Command(first_reviews, ("sync",)),
    "sync": Command(review, ("sync",)),
    "sync --full": Command(review, ("sync", "--full")),
}


@pytest.fixture(scope="module")
def commands() -> Iterator[Commands]:
    commands = Commands()
    yield commands
    commands.close()


@dataclass
class Desk:
    """A desk on which the command line works in processes of its own."""

    bench: Bench
    commands: Commands
    server: RunningLabelStudio

    def run(self, *arguments: str, kill_at: int | None = None) -> Ran:
        file = self.bench.database.file
        assert file is not None
        return self.commands.run(
            "--folder",
            str(file.parent),
            *arguments,
            environment={
                "LABEL_STUDIO_URL": self.server.url,
                "LABEL_STUDIO_API_KEY": self.server.token,
                "FACTCHECK_REVIEWS_PER_CLAIM": "3",
            },
            kill_at=kill_at,
        )


@pytest.fixture
def desks(
    benches: Benches, commands: Commands, label_studio: RunningLabelStudio
) -> Callable[[Command], Desk]:
    """A desk where that command has not been run yet."""

    def desk(command: Command) -> Desk:
        bench = benches()
        command.prepare(bench)
        return Desk(bench, commands, label_studio)

    return desk


def spread(points: int, most: int) -> list[int]:
    """Up to `most` of the points 1…`points`, at even distances, the last one among them."""
    return sorted({-(-points * one // most) for one in range(1, most + 1)} - {0})


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_killed_anywhere_goes_on_where_it_stopped(
    name: str,
    desks: Callable[[Command], Desk],
    long: bool,
    record_property: Callable[[str, object], None],
) -> None:
    command = COMMANDS[name]
    clean = desks(command)
    ran = clean.run(*command.arguments)
    assert ran.code in (0, 1), ran.said
    end = clean.bench.end_state()
    points = len(ran.points)
    tried = list(range(1, points + 1)) if long else spread(points, A_DOZEN_OR_SO // len(COMMANDS))
    record_property("kills", len(tried))
    for point in tried:
        desk = desks(command)
        assert desk.run(*command.arguments, kill_at=point).code == -9
        again = desk.run(*command.arguments)
        assert again.code == ran.code, again.said
        assert desk.bench.end_state() == end, f"killed at point {point}, {ran.points[point - 1]}"
