"""What is built is whole: a wheel, alone in an empty folder, does all that a checkout does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from conftest import ROOT

pytestmark = pytest.mark.slow

TRAVELS = ("migrations", "configs", "seeds")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source archive, and the wheel that was built from that archive."""
    folder = tmp_path_factory.mktemp("built")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    made = subprocess.run(build, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (file,) = built.glob("factcheck-*-py3-none-any.whl")
    return file


class Installation:
    """factcheck from the wheel, in an environment of its own; only what it needs is shared."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        venv.create(folder, with_pip=False)
        here = {"base": str(folder), "platbase": str(folder)}
        self._bin = Path(sysconfig.get_path("scripts", scheme="venv", vars=here))
        python = self._bin / Path(sys.executable).name
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "--python", str(python), "--quiet"),
                *("install", "--no-deps", "--no-index", "--no-warn-script-location", str(wheel)),
            ],
            check=True,
        )
        # A path in a .pth file is searched last, and .pth files below it are not read: neither
        # the checkout nor an editable installation of it is found.
        packages = Path(sysconfig.get_path("purelib", scheme="venv", vars=here))
        (packages / "needs.pth").write_text(sysconfig.get_path("purelib") + "\n")

    def run(
        self, program: str, *arguments: str | Path, cwd: Path, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run `factcheck` or `python` of the installation, in the folder `cwd`."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        return subprocess.run(
            [str(self._bin / program), *map(str, arguments)],
            cwd=cwd,
            env=environment | {"NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )

    def path(self, name: str, cwd: Path) -> Path:
        """Where the installation has the bundled file or folder `name`."""
        script = f"from factcheck import bundled; print(bundled.path({name!r}))"
        return Path(self.run("python", "-c", script, cwd=cwd).stdout.strip())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation(tmp_path_factory.mktemp("environment"), wheel)


def test_the_wheel_holds_what_the_commands_need(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        for folder in TRAVELS:
            files = [file for file in (ROOT / folder).rglob("*") if file.is_file()]
            files = [file for file in files if file.suffix != ".pyc"]
            assert files
            for file in files:
                inside = f"factcheck/bundled/{file.relative_to(ROOT).as_posix()}"
                assert inside in names
                assert archive.read(inside) == file.read_bytes()
    code = {file.relative_to(ROOT / "src").as_posix() for file in (ROOT / "src").rglob("*.py")}
    assert code <= names
    assert {"factcheck/py.typed", "factcheck/exports/summary.md.j2"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert len(tops) == 2
    assert all(top.startswith("factcheck") for top in tops)
    assert [name for name in names if name.endswith((".pyc", ".db"))] == []


def test_the_source_archive_holds_the_tests(built: Path) -> None:
    (file,) = built.glob("factcheck-*.tar.gz")
    with tarfile.open(file) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "README.md", "pyproject.toml", "tests/test_packaging.py"} <= names


def test_the_constraints_name_every_dependency_and_no_address() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    names = [pin.partition("==")[0].lower() for pin in pins]
    assert all(len(pin.split("==")) == 2 for pin in pins)
    assert all(character not in pin for pin in pins for character in ":/@; ")
    assert names == sorted(names)
    assert {"alembic", "label-studio-sdk", "sqlalchemy", "pytest", "hatchling"} <= set(names)
    assert "factcheck" not in names


def test_the_command_is_that_of_the_wheel(installed: Installation, desk: Path) -> None:
    script = "import factcheck; print(factcheck.__file__)"
    found = Path(installed.run("python", "-c", script, cwd=desk).stdout.strip())
    assert found.is_file()
    assert not found.is_relative_to(ROOT)
    assert installed.run("factcheck", "--version", cwd=desk).stdout.startswith("factcheck ")


def test_in_an_empty_folder_the_wheel_makes_a_desk_and_ingests(
    installed: Installation, desk: Path
) -> None:
    for arguments in (["init"], ["db", "upgrade"], ["ingest", installed.path("seeds", desk)]):
        ended = installed.run("factcheck", *arguments, cwd=desk)
        assert ended.returncode == 0, ended.stdout + ended.stderr
    assert {"factcheck.db", "factcheck.toml"} <= {file.name for file in desk.iterdir()}
    shown = installed.run("factcheck", "claims", "pain", cwd=desk)
    assert shown.returncode == 0, shown.stderr
    assert "ketamine" in shown.stdout.lower()


@pytest.mark.server
@pytest.mark.timeout(900)  # the first time on a computer, it installs Label Studio
def test_in_an_empty_folder_the_wheel_walks_the_whole_demo(
    installed: Installation, desk: Path
) -> None:
    assert installed.run("factcheck", "init", cwd=desk).returncode == 0
    try:
        ended = installed.run("factcheck", "demo", cwd=desk, timeout=900)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert (desk / "exports" / "verdicts.csv").is_file()
        assert len(list(desk.glob("exports/*/summary.md"))) == 5
        exported = {file: file.read_bytes() for file in desk.glob("exports/**/*.*")}
        again = installed.run("factcheck", "demo", cwd=desk, timeout=900)
        assert again.returncode == 0, again.stdout + again.stderr
        assert {file: file.read_bytes() for file in desk.glob("exports/**/*.*")} == exported
        status = installed.run("factcheck", "server", "status", "--json", cwd=desk)
        assert json.loads(status.stdout)["running"] is False
    finally:
        installed.run("factcheck", "server", "stop", cwd=desk)
