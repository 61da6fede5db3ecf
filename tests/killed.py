"""Runs `factcheck` in processes that are killed at a chosen point of what they do.

As a program it has everything imported, and forks for each command: a command costs no start.
It reads a JSON object a line, {"arguments", "environment", "kill_at"}, and answers each with
{"code", "points", "said"}: the exit code (-9 for a killed process), the points that it came to
in order, and what it printed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from typing import IO, Any


@dataclass(frozen=True)
class Ran:
    """How a command ended: its exit code, the points it came to, and what it printed."""

    code: int
    points: list[str]
    said: str


class Commands:
    """Runs commands, each in a process of its own."""

    def __init__(self) -> None:
        self._warm = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def run(self, *arguments: str, environment: dict[str, str], kill_at: int | None = None) -> Ran:
        """Run `factcheck` with these arguments; kill it at that point, counted from 1."""
        assert self._warm.stdin is not None
        assert self._warm.stdout is not None
        order = {"arguments": arguments, "environment": environment, "kill_at": kill_at}
        print(json.dumps(order), file=self._warm.stdin, flush=True)
        return Ran(**json.loads(self._warm.stdout.readline()))

    def close(self) -> None:
        self._warm.communicate(timeout=60)


def _count_points(told: IO[str], kill_at: int | None) -> None:
    """Tell every commit and every request, and end at once at the `kill_at`th point."""
    import httpx
    from sqlalchemy.engine.default import DefaultDialect

    count = 0
    one_at_a_time = threading.Lock()  # requests are made ahead, in a thread

    def point(name: str) -> None:
        nonlocal count
        with one_at_a_time:
            count += 1
            print(name, file=told, flush=True)
            if count == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    commit, send = DefaultDialect.do_commit, httpx.Client.send

    def counted_commit(self: DefaultDialect, connection: Any) -> None:
        point("before a commit")
        commit(self, connection)
        point("after a commit")

    def counted_send(self: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        name = f"{request.method} {request.url.path}"

        def trace(event: str, _info: Any) -> None:
            if event == "http11.send_request_body.complete":
                point(f"sent {name}")

        request.extensions["trace"] = trace
        point(f"before {name}")
        response = send(self, request, **options)
        point(f"after {name}")
        return response

    DefaultDialect.do_commit = counted_commit
    httpx.Client.send = counted_send


def _command(order: dict[str, Any], told: IO[str]) -> int:
    from factcheck.cli import main
    from factcheck.review import push, server, sync

    # Several batches and chunks, and no long wait for what was on its way when a process died.
    push.BATCH = sync.CHUNK = 2
    server._LOOK_AGAIN = (0.2, 0.5, 1.0, 2.0)
    os.environ.update(order["environment"])
    _count_points(told, order["kill_at"])
    return main(order["arguments"])


def _forked(order: dict[str, Any]) -> Ran:
    with tempfile.TemporaryFile("w+") as told, tempfile.TemporaryFile("w+") as said:
        child = os.fork()
        if child == 0:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            code = 70
            try:
                code = _command(order, told)
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        _, status = os.waitpid(child, 0)
        told.seek(0)
        said.seek(0)
        return Ran(os.waitstatus_to_exitcode(status), told.read().splitlines(), said.read())


def _serve() -> None:
    import factcheck.desk
    import factcheck.labelstudio.client
    import factcheck.review.push
    import factcheck.review.sync
    import factcheck.screen  # noqa: F401

    for line in sys.stdin:
        print(json.dumps(vars(_forked(json.loads(line)))), flush=True)


if __name__ == "__main__":
    _serve()
