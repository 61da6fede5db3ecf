"""The house's floors, and what its rooms may not reach for."""

from __future__ import annotations

import ast
import functools
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "factcheck"

# From the top down. A room is a module or a package directly in `factcheck`.
FLOORS = (
    {"__main__", "cli", "screen"},
    {"demo", "desk"},
    {"review"},
    {"exports"},
    {"articles", "claims", "labelstudio", "store"},
    {"bundled", "errors", "model", "settings"},
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything that `file` imports, wherever in it that stands."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: a relative import"
            for name in node.names:
                yield node.lineno, f"{node.module}.{name.name}"


def room_of(file: Path) -> str:
    return file.relative_to(SOURCE).parts[0].removesuffix(".py")


@functools.cache
def steps() -> list[tuple[str, str, str]]:
    """Every import from one room in another: both, and where it stands."""
    found = []
    for file in sorted(SOURCE.rglob("*.py")):
        for line, name in imports(file):
            package, _, rest = name.partition(".")
            to = rest.partition(".")[0]
            if package == "factcheck" and to in FLOOR_OF and to != room_of(file):
                found.append((room_of(file), to, f"{file.relative_to(SOURCE)}:{line}: {name}"))
    return found


def test_every_room_has_a_floor() -> None:
    rooms = {room_of(file) for file in SOURCE.rglob("*.py")} - {"__init__"}
    assert rooms == set(FLOOR_OF)


def test_imports_run_downwards_only() -> None:
    assert len(steps()) > 50
    assert [where for room, to, where in steps() if FLOOR_OF[room] > FLOOR_OF[to]] == []


def test_the_rooms_that_are_brought_together_do_not_know_each_other() -> None:
    neighbours = FLOORS[4]
    assert [where for room, to, where in steps() if {room, to} <= neighbours] == []


def test_the_desks_work_knows_the_server_only_by_its_protocol() -> None:
    assert [
        where
        for room, to, where in steps()
        if room in {"review", "exports"} and to == "labelstudio"
    ] == []


def test_the_ground_is_pure() -> None:
    """The words of the house stand on the standard library alone."""
    for name in ("model.py", "errors.py"):
        roots = {imported.partition(".")[0] for _, imported in imports(SOURCE / name)}
        assert roots <= sys.stdlib_module_names


def test_only_the_client_imports_label_studios_sdk() -> None:
    users = {
        file.relative_to(SOURCE).as_posix()
        for file in SOURCE.rglob("*.py")
        for _, name in imports(file)
        if name.startswith("label_studio_sdk")
    }
    assert users == {"labelstudio/client.py"}


HEAVY = {"alembic", "label_studio_sdk", "nupunkt", "pandas", "pydantic", "sqlalchemy"}

_PROBE = """
import json, sys
from factcheck.cli import main
code = main(sys.argv[1:])
print(json.dumps({"code": code, "loaded": sorted(sys.modules)}), file=sys.stderr)
"""


def loaded_by(folder: Path, *arguments: str) -> set[str]:
    """The packages that are loaded when `factcheck` has run with these arguments."""
    ran = subprocess.run(
        [sys.executable, "-c", _PROBE, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(ran.stderr.splitlines()[-1])
    assert told["code"] == 0, ran.stderr
    return {name.partition(".")[0] for name in told["loaded"]}


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (["--help"], set()),
        (["--version"], set()),
        (["push", "--help"], {"pydantic"}),  # Typer's own, for the values of options
    ],
)
def test_help_loads_nothing_heavy(tmp_path: Path, arguments: list[str], allowed: set[str]) -> None:
    loaded = loaded_by(tmp_path, *arguments)
    assert "typer" in loaded
    assert loaded & HEAVY <= allowed


@pytest.mark.slow
def test_a_look_at_an_up_to_date_desk_loads_neither_alembic_nor_the_sdk(
    desk: Path, sqlite_template: Path
) -> None:
    shutil.copyfile(sqlite_template, desk / "factcheck.db")
    loaded = loaded_by(desk, "status")
    assert "sqlalchemy" in loaded
    assert loaded & {"alembic", "label_studio_sdk", "nupunkt", "pandas"} == set()
