"""A Label Studio of the desk's own, on this computer and reachable only from it.

It is installed once, in an environment that all desks of a user share, and keeps each
desk's data, log and secrets in that desk's folder:

    server.json     where it listens, its process, and how to log in (readable by its owner only)
    server.log      what Label Studio last printed
    install.log     what the installation last printed
    data/           Label Studio's database and files
"""

# ruff: noqa: S603, S607 (every command run here is put together here)

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import math
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import filelock

from factcheck import bundled
from factcheck.errors import LockedError, ServerError, UnreachableError, UsageError

VERSION = "1.23.2"
EDITOR = "editor@localhost"

Report = Callable[[str], None]

_INSTALL_SECONDS = 3600.0
_STOP_SECONDS = 10.0
_DATABASE = "label_studio.sqlite3"

# All that Label Studio sees of the caller's environment. It takes many common names
# (HOST, PORT, DEBUG, CI, DATABASE_NAME, …) for settings of its own.
_INHERITED = (
    *("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"),
    *("SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "TEMP", "TMP"),
    *("USERPROFILE", "APPDATA", "LOCALAPPDATA"),
)


@dataclass(frozen=True, slots=True)
class ServerState:
    """Whether the server runs, where, and how the editor gets in.

    `stale` says that a process is on record which has ended, is another one by now, or
    does not answer. `email` is None as long as the server was never started.
    """

    running: bool = False
    stale: bool = False
    url: str | None = None
    pid: int | None = None
    email: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reviewer:
    """An account that can log in to the local server, and its (legacy) API token."""

    email: str
    password: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(slots=True)
class _Record:
    """The content of `server.json`: `reviewers` maps an email address to its password."""

    email: str
    password: str = field(repr=False)
    token: str = field(repr=False)
    reviewers: dict[str, str] = field(repr=False, default_factory=dict)
    url: str = ""
    pid: int | None = None


class LocalServer:
    """The Label Studio whose data is in `folder`, run from `environment`.

    `environment` is by default a folder in the user's cache (`FACTCHECK_CACHE`, or what
    the system has for that) which is named after the versions in it.
    """

    def __init__(self, folder: Path, environment: Path | None = None) -> None:
        self.folder = folder.resolve()  # one name, however it was reached: see `_is_ours`
        self.environment = (environment or _shared_environment()).absolute()
        self.log = self.folder / "server.log"
        self._data = self.folder / "data"
        self._file = self.folder / "server.json"
        self._process: subprocess.Popen[bytes] | None = None

    def install(self, report: Report) -> None:
        """Install Label Studio into `environment` unless that is done.

        What an interrupted installation left is made anew. Raises UnreachableError when
        it fails, with the last lines that pip or Label Studio said.
        """
        complete = self.environment / "complete"  # written last
        if complete.exists():
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.environment.parent.mkdir(parents=True, exist_ok=True)
        lock = self.environment.parent / f"{self.environment.name}.lock"
        with _locked(lock, "another installation", report):
            if complete.exists():
                return
            report(f"Installing Label Studio {VERSION} in {self.environment} (900 MB, only once)")
            self._make_environment()
            self._install_packages(report)
            self._make_database(report)
            complete.touch()

    def start(
        self, report: Report, *, port: int | None = None, timeout: float = 600.0
    ) -> ServerState:
        """Start the server, or leave it as it is when it runs, and say where it listens.

        It outlives the caller, and keeps its port from one start to the next where that
        is free. Raises UsageError when `port` is taken, and UnreachableError when Label
        Studio ends or isn't up within `timeout` seconds: then none is left running.
        """
        with self._lock(report):
            state = self.status()
            if state.running:
                return state
            self.install(report)
            record = self._read() or _Record(
                email=EDITOR, password=secrets.token_urlsafe(12), token=secrets.token_hex(20)
            )
            self._end(record)
            port = _free_port(port, record.url)
            record.url = f"http://127.0.0.1:{port}"
            process = self._launch(record, port)
            try:
                record.pid = process.pid
                self._write(record)
                self._await_answer(process, record, report, timeout)
            except BaseException:
                self._end(record)
                raise
            return self.status()

    def status(self) -> ServerState:
        """Whether the server runs: its process is there and accepts our token."""
        record = self._read()
        if record is None:
            return ServerState()
        # The process first: the token is not for whoever has the port by now.
        running = self._is_ours(record) and _accepts(record.url, record.token) is True
        return ServerState(
            running=running,
            stale=record.pid is not None and not running,
            url=record.url or None,
            pid=record.pid,
            email=record.email,
            password=record.password,
            token=record.token,
        )

    def stop(self) -> bool:
        """End the server with all that it started; whether there was one to end."""
        if not self._file.exists():
            return False
        with self._lock(_say_nothing):
            record = self._read()
            return record is not None and self._end(record)

    def add_reviewer(self, email: str) -> Reviewer:
        """An account for a reviewer who logs in with a password: made unless it is there.

        Raises UnreachableError when the server isn't running, and UsageError when the
        address is none or belongs to an account made in Label Studio itself.
        """
        with self._lock(_say_nothing):
            state, record = self.status(), self._read()
            if record is None or not state.running or state.url is None:
                raise UnreachableError(
                    "The local Label Studio is not running.", hint="Run `factcheck server start`."
                )
            email = email.lower()  # as Label Studio keeps it
            known = email in record.reviewers
            password = record.reviewers.setdefault(email, secrets.token_urlsafe(12))
            self._write(record)  # before the account exists: none is left without its password
            try:
                token = _account(state.url, record.token, email, password)
            except UsageError:
                if not known:
                    del record.reviewers[email]
                    self._write(record)
                raise
            return Reviewer(email, password, token)

    @contextlib.contextmanager
    def _lock(self, report: Report) -> Iterator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(self.folder / "server.lock", "another start or stop", report):
            yield

    def _read(self) -> _Record | None:
        try:
            return _Record(**json.loads(self._file.read_text("utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise UsageError(
                f"{self._file} can't be read: {error}.",
                hint=f"It holds the local server's passwords: restore it, or {self._give_up}.",
            ) from error

    def _write(self, record: _Record) -> None:
        new = self._file.with_suffix(".new")
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(record), file, indent=2)
        new.replace(self._file)

    @property
    def _give_up(self) -> str:
        return f"delete {self.folder} if no review in it is needed any more, and start again"

    def _make_environment(self) -> None:
        try:
            builder = venv.EnvBuilder(clear=True, with_pip=True, symlinks=sys.platform != "win32")
            builder.create(self.environment)
        except subprocess.CalledProcessError as error:
            raise UnreachableError(
                f"No Python environment could be made in {self.environment}.",
                hint="This Python lacks `ensurepip`; Debian and Ubuntu have it in python3-venv.",
            ) from error

    def _install_packages(self, report: Report) -> None:
        def step(line: str) -> str | None:
            if collecting := re.match(r"Collecting ([\w.-]+)", line):
                return f"Downloading {collecting[1]}"
            if line.startswith("Installing collected packages"):
                return f"Unpacking {line.count(',') + 1} packages, about a minute"
            return None

        pip = [
            str(_executable(self.environment, "python")),
            *("-m", "pip", "install", "--no-input", "--disable-pip-version-check"),
            # Bytecode for all of it takes as long as the rest; a start uses a small part.
            *("--no-compile", "--progress-bar", "off"),
        ]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        versions = str(_constraints())
        # All versions are known. What only this Python or this system needs comes after them.
        listed = ["--no-deps", "--requirement", versions]
        missing = [*pip, "--constraint", versions, f"label-studio=={VERSION}"]
        try:
            # uv takes a quarter of pip's time, but not pip's word for proxies and mirrors:
            # where it gets nowhere, pip takes over.
            self._run([*pip, "uv"], environment, "Getting an installer", report)
            uv = [str(_executable(self.environment, "uv")), "pip", "install", "--no-progress"]
            uv += ["--python", str(_executable(self.environment, "python")), *listed]
            self._run(uv, environment, "Downloading packages", report)
        except UnreachableError:
            self._run([*pip, *listed], environment, "Looking for packages", report, step)
        self._run(missing, environment, "Checking the packages", report, step)

    def _make_database(self, report: Report) -> None:
        """Make the database that a new desk starts from, so that only the first one waits."""
        # Every command of Label Studio migrates the database first; this one does no more.
        version = [str(_executable(self.environment, "label-studio")), "version"]
        environment = _environment(self._template.parent)
        self._run(version, environment, "Making Label Studio's database, about a minute", report)

    @property
    def _template(self) -> Path:
        return self.environment / "data" / _DATABASE

    def _run(
        self,
        command: list[str],
        environment: dict[str, str],
        doing: str,
        report: Report,
        step: Callable[[str], str | None] = lambda _line: None,
    ) -> None:
        """Run a part of the installation; `step` says what a line of its output begins."""
        log = self.folder / "install.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        tell = _telling(report)
        try:
            for lines in _follow(log, process, _INSTALL_SECONDS):
                for line in lines:
                    doing = step(line) or doing
                tell(doing)
        finally:
            process.kill()
            process.wait()
        if process.returncode != 0:
            raise UnreachableError(
                f"Label Studio {VERSION} could not be installed. Said last:\n{_last_lines(log)}",
                hint=f"All that was said is in {log}. The next start tries again.",
            )

    def _launch(self, record: _Record, port: int) -> subprocess.Popen[bytes]:
        environment = _environment(self._data) | {
            "LABEL_STUDIO_USERNAME": record.email,
            "LABEL_STUDIO_PASSWORD": record.password,
            "LABEL_STUDIO_USER_TOKEN": record.token,
            "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
            "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
        }
        command = [
            str(_executable(self.environment, "label-studio")),
            *("start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(port)),
            *("--data-dir", str(self._data)),  # what `_is_ours` knows the process by
        ]
        self._data.mkdir(mode=0o700, exist_ok=True)
        database = self._data / _DATABASE
        if self._template.exists() and not database.exists():
            copy = database.with_suffix(".new")
            shutil.copyfile(self._template, copy)
            copy.replace(database)
        with self.log.open("wb") as output:
            try:
                self._process = subprocess.Popen(
                    command,
                    cwd=self.folder,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
                )
            except OSError as error:
                raise UnreachableError(
                    f"Label Studio can't be run: {error}.",
                    hint=f"Delete {self.environment}: the next start installs it again.",
                ) from error
        return self._process

    def _await_answer(
        self,
        process: subprocess.Popen[bytes],
        record: _Record,
        report: Report,
        timeout: float,
    ) -> None:
        tell = _telling(report)
        try:
            for _ in _follow(self.log, process, timeout):
                tell("Starting Label Studio")
                accepted = _accepts(record.url, record.token)
                if accepted:
                    return
                if accepted is False:
                    raise UsageError(
                        f"The data in {self._data} belongs to another password than the one "
                        f"in {self._file}.",
                        hint=f"Restore that file, or {self._give_up}.",
                    )
        except TimeoutError:
            what = f"Label Studio did not answer within {timeout:.0f} seconds"
        else:
            what = f"Label Studio ended while it was starting (exit code {process.returncode})"
        raise UnreachableError(
            f"{what}. It said last:\n{_last_lines(self.log)}",
            hint=f"The whole log is {self.log}.",
        )

    def _end(self, record: _Record) -> bool:
        """End the process on record if it is ours, and forget it; whether there was one."""
        ours = self._is_ours(record)
        if ours and record.pid is not None:
            _signal(record.pid, kill=False)
            self._await_end(record)
            _signal(record.pid, kill=True)
            self._await_end(record)
            if self._process is not None and self._process.pid == record.pid:
                self._process.wait()
        record.pid = None
        self._write(record)
        return ours

    def _await_end(self, record: _Record) -> None:
        """Wait until the process is gone and its port is free, but not for long."""
        deadline = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < deadline and (
            # A process that ends loses its command line before its port.
            self._is_ours(record) or _listens(record.url)
        ):
            time.sleep(0.05)

    def _is_ours(self, record: _Record) -> bool:
        """Whether the process on record lives and is this server.

        Process ids are used again: ours has the data folder in its command line. Where
        that can't be read, it is the one that accepts our token.
        """
        if record.pid is None:
            return False
        if self._process is not None and self._process.pid == record.pid:
            return self._process.poll() is None
        command = _command_line(record.pid)
        if command is None:
            return _accepts(record.url, record.token) is True
        return f"--data-dir {self._data}" in command


def _shared_environment() -> Path:
    if chosen := os.environ.get("FACTCHECK_CACHE"):
        cache = Path(chosen)
    elif sys.platform == "win32":
        cache = Path(os.environ["LOCALAPPDATA"]) / "factcheck"
    elif sys.platform == "darwin":
        cache = Path.home() / "Library" / "Caches" / "factcheck"
    else:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "factcheck"
    python = f"py{sys.version_info.major}.{sys.version_info.minor}"
    versions = hashlib.sha256(_constraints().read_bytes()).hexdigest()[:8]
    return cache / f"label-studio-{VERSION}-{python}-{versions}"


def _environment(data: Path) -> dict[str, str]:
    """The environment variables of a Label Studio whose data is in `data`."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return inherited | {
        "LABEL_STUDIO_BASE_DATA_DIR": str(data),
        "LABEL_STUDIO_COLLECT_ANALYTICS": "false",
        "LABEL_STUDIO_LATEST_VERSION_CHECK": "false",
        "LABEL_STUDIO_SENTRY_DSN": "",
        "LABEL_STUDIO_FRONTEND_SENTRY_DSN": "",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }


def _constraints() -> Path:
    return bundled.path("configs/label-studio-constraints.txt")


def _executable(environment: Path, name: str) -> Path:
    if sys.platform == "win32":
        return environment / "Scripts" / f"{name}.exe"
    return environment / "bin" / name


def _account(url: str, admin_token: str, email: str, password: str) -> str:
    """The API token of the account `email`, which is signed up by invitation if need be."""
    import httpx  # only here: it takes longer to import than most commands to run

    form = {"email": email, "password": password}
    try:
        with httpx.Client(base_url=url, trust_env=False, timeout=30) as visit:
            visit.get("/user/login").raise_for_status()
            form["csrfmiddlewaretoken"] = visit.cookies["csrftoken"]
            if not visit.post("/user/login", data=form).is_redirect:
                invitation = visit.get(
                    "/api/invite", headers={"Authorization": f"Token {admin_token}"}
                )
                answer = visit.post(invitation.raise_for_status().json()["invite_url"], data=form)
                if "already exists" in answer.text:
                    raise UsageError(
                        f"{email} already has an account that was made in Label Studio itself.",
                        hint="Use its own password and token, or choose another address.",
                    )
                if not answer.is_redirect:
                    raise UsageError(f"Label Studio does not take {email!r} for an email address.")
            answer = visit.get("/api/current-user/token").raise_for_status()
            token: str = answer.json()["token"]
            return token
    except httpx.TransportError as error:
        raise UnreachableError(f"Label Studio at {url} does not answer: {error}.") from error
    except (httpx.HTTPStatusError, KeyError) as error:
        raise ServerError(f"Label Studio made no account for {email}: {error}.") from error


def _accepts(url: str, token: str) -> bool | None:
    """Whether the Label Studio at `url` accepts `token`; None when there is none (yet)."""
    address = urlsplit(url)
    # Not httpx, which reads all certificates each time: this is asked several times a second.
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)
    try:
        connection.request(
            "GET", "/api/current-user/whoami", headers={"Authorization": f"Token {token}"}
        )
        return {200: True, 401: False}.get(connection.getresponse().status)
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _listens(url: str) -> bool:
    with socket.socket() as visitor:
        address = urlsplit(url)
        return visitor.connect_ex((str(address.hostname), address.port or 0)) == 0


def _free_port(wanted: int | None, last_url: str) -> int:
    """`wanted`, or the port of the last time if it is free, or any free one."""
    last = urlsplit(last_url).port
    for port in (wanted,) if wanted else (last, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            if sys.platform != "win32":  # there it would mean to share the port
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port or 0))
            free: int = probe.getsockname()[1]
            return free
    raise UsageError(
        f"Port {wanted} is in use or not allowed.",
        hint="Give another port, or none to have a free one chosen.",
    )


def _signal(pid: int, *, kill: bool) -> None:
    """Ask the process `pid` and all of its group to end, or make them."""
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(pid)], capture_output=True, check=False)
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL if kill else signal.SIGTERM)


def _command_line(pid: int) -> str | None:
    """How the process `pid` was called, "" if there is none; None where that can't be seen."""
    if sys.platform == "win32":
        return None
    if sys.platform == "linux":
        try:
            called = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return ""
        return os.fsdecode(called.replace(b"\0", b" "))
    ps = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(ps, capture_output=True, text=True, check=False).stdout


@contextlib.contextmanager
def _locked(path: Path, holder: str, report: Report) -> Iterator[None]:
    """Hold the lock at `path`, and say for whom it waits. Raises LockedError after an hour."""
    lock = filelock.FileLock(path)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        report(f"Waiting for {holder}")
        try:
            lock.acquire(timeout=_INSTALL_SECONDS)
        except filelock.Timeout as error:
            raise LockedError(f"Waited an hour for {holder}, which holds {path}.") from error
    try:
        yield
    finally:
        lock.release()


def _follow(log: Path, process: subprocess.Popen[bytes], timeout: float) -> Iterator[list[str]]:
    """What `process` adds to `log`, as lines, four times a second until it ends.

    Raises TimeoutError after `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    with log.open(encoding="utf-8", errors="replace") as lines:
        while True:
            ended = process.poll() is not None
            yield lines.readlines()
            if ended:
                return
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(0.25)


def _telling(report: Report) -> Callable[[str], None]:
    """Reports what is being done: at most every other second, at least every ten seconds."""
    began = time.monotonic()
    told, told_at = "", -math.inf

    def tell(doing: str) -> None:
        nonlocal told, told_at
        now = time.monotonic()
        if now - told_at > (10 if doing == told else 2):
            report(doing if doing != told else f"{doing} ({now - began:.0f} s so far)")
            told, told_at = doing, now

    return tell


def _last_lines(log: Path) -> str:
    return "\n".join(log.read_text("utf-8", errors="replace").splitlines()[-12:])


def _say_nothing(_: str) -> None:
    """A report for what takes no time."""
