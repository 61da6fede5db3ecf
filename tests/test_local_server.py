"""The local Label Studio: installed once, started, recognised, ended; and its reviewers."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from factcheck.errors import UnreachableError, UsageError
from factcheck.labelstudio.local import EDITOR, VERSION, LocalServer, ServerState

if TYPE_CHECKING:
    from conftest import RunningLabelStudio

unix = pytest.mark.skipif(sys.platform == "win32", reason="the programs here are Unix scripts")


def quiet(_: str) -> None:
    pass


def installed(folder: Path, program: str) -> Path:
    """An environment in `folder` whose `label-studio` is the Python `program`."""
    executable = folder / "bin" / "label-studio"
    executable.parent.mkdir(parents=True)
    executable.write_text(f"#!{sys.executable}\n{program}")
    executable.chmod(0o755)
    (folder / "complete").touch()
    return folder


@pytest.fixture
def ends_at_once(tmp_path: Path) -> LocalServer:
    """A server whose program says what is wrong and ends."""
    program = "print('no such table: users', flush=True)\nraise SystemExit(3)\n"
    return LocalServer(tmp_path / "server", installed(tmp_path / "environment", program))


def fail_to_start(server: LocalServer) -> UnreachableError:
    with pytest.raises(UnreachableError) as failure:
        server.start(quiet, timeout=30)
    return failure.value


def record(server: LocalServer) -> dict[str, object]:
    content: dict[str, object] = json.loads((server.folder / "server.json").read_text())
    return content


def listens(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as visitor:
        visitor.settimeout(2)
        return visitor.connect_ex((host, port)) == 0


# without Label Studio


def test_a_server_that_was_never_started_is_not_running_and_has_nothing_to_stop(
    tmp_path: Path,
) -> None:
    server = LocalServer(tmp_path / "server")
    assert server.status() == ServerState()
    assert server.stop() is False
    with pytest.raises(UnreachableError, match="not running"):
        server.add_reviewer("ana@desk.example")


@unix
def test_a_program_that_ends_is_shown_with_its_last_words(ends_at_once: LocalServer) -> None:
    failure = fail_to_start(ends_at_once)
    assert "exit code 3" in failure.message
    assert "no such table: users" in failure.message
    assert str(ends_at_once.log) in str(failure.hint)
    assert not ends_at_once.status().running
    assert record(ends_at_once)["pid"] is None


@unix
@pytest.mark.slow
def test_a_program_that_never_answers_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    program = f"""
import http.server, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", '''
import pathlib, socket, time
with socket.create_server(("127.0.0.1", 0)) as own:
    pathlib.Path({str(tmp_path / "child")!r}).write_text(str(own.getsockname()[1]))
    time.sleep(60)
'''])
port = int(sys.argv[sys.argv.index("--port") + 1])
http.server.HTTPServer(("127.0.0.1", port), http.server.BaseHTTPRequestHandler).serve_forever()
"""
    server = LocalServer(tmp_path / "server", installed(tmp_path / "environment", program))
    with pytest.raises(UnreachableError, match="did not answer within 4 seconds") as failure:
        server.start(quiet, timeout=4)
    assert "Unsupported method" in failure.value.message  # what that program logs
    assert not listens(urlsplit(str(server.status().url)).port or 0)
    assert not listens(int((tmp_path / "child").read_text()))


@unix
def test_only_the_owner_can_read_the_secrets_and_they_stay_the_same(
    ends_at_once: LocalServer,
) -> None:
    fail_to_start(ends_at_once)
    secrets = ends_at_once.folder / "server.json"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    assert stat.S_IMODE(ends_at_once.folder.stat().st_mode) == 0o700
    state = ends_at_once.status()
    assert state.email == EDITOR
    fail_to_start(ends_at_once)
    assert ends_at_once.status().password == state.password
    assert ends_at_once.status().token == state.token


@unix
def test_secrets_are_not_shown_with_the_state(ends_at_once: LocalServer) -> None:
    fail_to_start(ends_at_once)
    state = ends_at_once.status()
    assert state.password
    assert state.token
    assert state.password not in repr(state)
    assert state.token not in repr(state)


@unix
def test_a_process_id_that_belongs_to_another_process_by_now_is_stale_and_left_alone(
    ends_at_once: LocalServer,
) -> None:
    fail_to_start(ends_at_once)
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    content = record(ends_at_once) | {"pid": bystander.pid}
    (ends_at_once.folder / "server.json").write_text(json.dumps(content))
    assert ends_at_once.status().stale
    assert not ends_at_once.status().running
    assert ends_at_once.stop() is False
    assert bystander.poll() is None
    assert not ends_at_once.status().stale
    bystander.communicate(b"\n")


@unix
def test_settings_of_the_caller_do_not_reach_label_studio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    program = f"import os, pathlib\npathlib.Path({str(seen)!r}).write_text(' '.join(os.environ))\n"
    server = LocalServer(tmp_path / "server", installed(tmp_path / "environment", program))
    unwanted = ("LABEL_STUDIO_DATABASE_NAME", "DJANGO_DB", "DEBUG", "HOST", "PYTHONPATH")
    for name in unwanted:
        monkeypatch.setenv(name, "theirs")
    fail_to_start(server)
    names = seen.read_text().split()
    assert "LABEL_STUDIO_USER_TOKEN" in names
    assert not set(unwanted) & set(names)


def test_a_port_in_use_is_refused(tmp_path: Path) -> None:
    server = LocalServer(tmp_path / "server", installed(tmp_path / "environment", ""))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"Port {port} is in use"):
            server.start(quiet, port=port)


def test_damaged_secrets_are_named_and_not_written_over(tmp_path: Path) -> None:
    server = LocalServer(tmp_path / "server", installed(tmp_path / "environment", ""))
    server.folder.mkdir()
    (server.folder / "server.json").write_text('{"email": ')
    with pytest.raises(UsageError, match=r"server\.json can't be read"):
        server.start(quiet)
    assert (server.folder / "server.json").read_text() == '{"email": '


def test_desks_of_a_user_share_an_installation_named_after_its_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACTCHECK_CACHE", str(tmp_path / "cache"))
    one, other = LocalServer(tmp_path / "one"), LocalServer(tmp_path / "other")
    assert one.environment == other.environment
    assert one.environment.parent == tmp_path / "cache"
    assert one.environment.name.startswith(f"label-studio-{VERSION}-py3.")


@pytest.mark.slow
def test_an_interrupted_installation_is_made_anew_and_a_failed_one_shows_what_pip_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leftover = tmp_path / "environment" / "lib" / "half-unpacked"
    leftover.parent.mkdir(parents=True)
    leftover.touch()
    # No index, hence a pip that can find nothing.
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    server = LocalServer(tmp_path / "server", tmp_path / "environment")
    said: list[str] = []
    with pytest.raises(UnreachableError, match="No matching distribution found"):
        server.install(said.append)
    assert "only once" in said[0]
    assert not leftover.exists()
    with pytest.raises(UnreachableError):  # not taken for complete
        server.start(quiet)


def test_a_complete_installation_is_left_as_it_is(tmp_path: Path) -> None:
    server = LocalServer(tmp_path / "server", installed(tmp_path / "environment", "mine"))
    said: list[str] = []
    server.install(said.append)
    assert said == []
    assert (server.environment / "bin" / "label-studio").read_text().endswith("mine")


# with Label Studio


@pytest.mark.slow
@unix
def test_two_starts_at_once_make_one_server_that_comes_back_as_it_was_and_stops(
    tmp_path: Path, label_studio: RunningLabelStudio
) -> None:
    # Only the fixture's installation is needed here, not its server.
    folder, environment = tmp_path / "server", label_studio.server.environment
    servers = [LocalServer(folder, environment) for _ in range(2)]
    try:
        with ThreadPoolExecutor() as pool:
            first, second = pool.map(lambda server: server.start(quiet), servers)
        assert first.running
        assert first == second

        port = urlsplit(str(first.url)).port or 0
        os.killpg(int(first.pid or 0), signal.SIGKILL)
        deadline = time.monotonic() + 10
        while listens(port) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert servers[0].status().stale
        again = LocalServer(folder, environment).start(quiet)
        assert again.running
        assert again.pid != first.pid
        assert (again.url, again.token) == (first.url, first.token)

        assert servers[1].stop() is True
        assert not listens(port)
        assert not servers[0].status().running
        assert not servers[0].status().stale
        assert servers[0].stop() is False
    finally:
        for server in servers:
            server.stop()


def test_a_running_server_is_left_as_it_is(label_studio: RunningLabelStudio) -> None:
    said: list[str] = []
    assert label_studio.server.start(said.append) == label_studio.server.status()
    assert said == []


def test_the_server_listens_on_loopback_only(label_studio: RunningLabelStudio) -> None:
    port = urlsplit(label_studio.url).port or 0
    assert listens(port)
    assert not listens(port, "127.0.0.2")  # which a server on all addresses would answer


def test_nobody_can_sign_up_without_an_invitation(label_studio: RunningLabelStudio) -> None:
    with httpx.Client(base_url=label_studio.url, trust_env=False) as visit:
        visit.get("/user/login")
        form = {"email": "eve@elsewhere.example", "password": "long-enough-password"}
        form["csrfmiddlewaretoken"] = visit.cookies["csrftoken"]
        assert visit.post("/user/signup/", data=form).status_code == 403


def test_a_reviewer_can_log_in_and_use_the_api_and_is_made_once(
    label_studio: RunningLabelStudio,
) -> None:
    reviewer = label_studio.server.add_reviewer("Cleo@Desk.example")
    assert reviewer.email == "cleo@desk.example"
    assert label_studio.server.add_reviewer("cleo@desk.example") == reviewer
    assert reviewer.password not in repr(reviewer)
    with httpx.Client(base_url=label_studio.url, trust_env=False) as visit:
        visit.get("/user/login")
        form = {"email": reviewer.email, "password": reviewer.password}
        form["csrfmiddlewaretoken"] = visit.cookies["csrftoken"]
        assert visit.post("/user/login", data=form).is_redirect
        assert visit.get("/api/current-user/whoami").json()["email"] == reviewer.email
        visit.cookies.clear()
        token = {"Authorization": f"Token {reviewer.token}"}
        assert visit.get("/api/current-user/whoami", headers=token).json()["email"] == (
            reviewer.email
        )


def test_an_account_made_in_label_studio_itself_is_not_taken_over(
    label_studio: RunningLabelStudio,
) -> None:
    made = httpx.post(
        f"{label_studio.url}/api/users/",
        headers={"Authorization": f"Token {label_studio.token}"},
        json={"email": "dan@desk.example", "username": "dan"},
        trust_env=False,
    )
    assert made.status_code == 201
    with pytest.raises(UsageError, match="made in Label Studio itself"):
        label_studio.server.add_reviewer("dan@desk.example")
    assert "dan@desk.example" not in str(record(label_studio.server))


def test_what_is_no_email_address_makes_no_reviewer(label_studio: RunningLabelStudio) -> None:
    with pytest.raises(UsageError, match="does not take 'nobody'"):
        label_studio.server.add_reviewer("nobody")
    assert "nobody" not in str(record(label_studio.server))
