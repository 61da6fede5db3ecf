"""An HTTP proxy that stands before the real Label Studio and lets requests go wrong on the way."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Exchange:
    """One request on its way: what a fault can do with it."""

    def __init__(self, handler: _Handler, proxy: FaultProxy) -> None:
        self._handler = handler
        self._proxy = proxy
        self.kind = kind_of(handler.command, handler.path)
        self._body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        self._answer: tuple[int, str, bytes] | None = None

    def forward(self) -> None:
        """Let the server do it, and keep its answer."""
        server = http.client.HTTPConnection(self._proxy.upstream, timeout=60)
        headers = {**self._handler.headers, "Connection": "close", "Host": self._proxy.upstream}
        server.request(self._handler.command, self._handler.path, self._body, headers)
        answer = server.getresponse()
        kind = answer.getheader("Content-Type", "")
        self._answer = answer.status, kind, answer.read()
        server.close()

    def answer(self, status: int | None = None, *, length: float = 1.0) -> None:
        """Send the server's answer, or an error page of a gateway; only that part of its body."""
        page = (status or 0, "text/html", b"<html><h1>The gateway has no answer</h1></html>")
        code, kind, body = page if status else self._answer or page
        self._handler.send_response(code)
        if code != 204:
            self._handler.send_header("Content-Type", kind)
            self._handler.send_header("Content-Length", str(len(body)))
        self._handler.end_headers()
        self._handler.wfile.write(body[: int(len(body) * length)])

    def reset(self) -> None:
        """End the connection as a crashed machine does: with a RST."""
        connection = self._handler.connection
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(connection.detach())

    def until_given_up(self) -> None:
        """Wait until the client has hung up."""
        with contextlib.suppress(OSError):
            self._handler.connection.recv(1)

    def until_settled(self) -> None:
        """Wait until the test lets what is late arrive."""
        assert self._proxy.settling.wait(60)


Fault = Callable[[Exchange], None]


def _dropped(exchange: Exchange) -> None:
    exchange.forward()


def _cut_short(exchange: Exchange) -> None:
    exchange.forward()
    exchange.answer(length=0.5)


def _reset_before(exchange: Exchange) -> None:
    exchange.reset()


def _reset_after(exchange: Exchange) -> None:
    exchange.forward()
    exchange.reset()


def _stalled_before(exchange: Exchange) -> None:
    exchange.until_given_up()


def _stalled_after(exchange: Exchange) -> None:
    exchange.forward()
    exchange.until_given_up()


def _late(exchange: Exchange) -> None:
    exchange.until_settled()
    exchange.forward()


def _refused_before(status: int) -> Fault:
    return lambda exchange: exchange.answer(status)


def _refused_after(status: int) -> Fault:
    def fault(exchange: Exchange) -> None:
        exchange.forward()
        exchange.answer(status)

    return fault


# "After" is after the server has done what was asked for.
FAULTS: dict[str, Fault] = {
    "answer dropped": _dropped,
    "answer cut short": _cut_short,
    "reset before": _reset_before,
    "reset after": _reset_after,
    "stalled before": _stalled_before,
    "stalled after": _stalled_after,
    "delivered late": _late,
    **{f"{status} before": _refused_before(status) for status in (429, 502, 503)},
    **{f"{status} after": _refused_after(status) for status in (429, 502, 503)},
}
# These last until the client gives up.
STALLING = {"stalled before", "stalled after", "delivered late"}


def kind_of(method: str, target: str) -> str:
    """What kind of request this is: the same for every project, task and time."""
    parts = urlsplit(target)
    kind = f"{method} {re.sub(r'[0-9]+', 'N', parts.path)}"
    if query := parse_qs(parts.query).get("query"):
        asked = json.loads(query[0])
        items = asked.get("filters", {}).get("items", ())
        by = [f"{one['filter']} {one['operator']}" for one in items]
        kind += f" by {', '.join(by or asked['ordering'])}"
    return kind


@dataclass
class FaultProxy:
    """Passes everything on to `upstream` (host:port) and keeps the kinds of what was asked.

    A `fault` hits every request of its kind as long as it is set.
    """

    upstream: str
    url: str = ""
    asked: list[str] = field(default_factory=list)
    settling: threading.Event = field(default_factory=threading.Event)
    _faults: dict[str, Fault] = field(default_factory=dict)
    _under_way: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @contextlib.contextmanager
    def running(self) -> Iterator[FaultProxy]:
        """Serve on a free port."""
        server = _Server(("127.0.0.1", 0), _Handler)
        server.proxy = self
        self.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    @contextlib.contextmanager
    def fault(self, kind: str, fault: Fault) -> Iterator[None]:
        """Let requests of this kind go wrong; at the end what is late has arrived."""
        self.settling.clear()
        self._faults[kind] = fault
        try:
            yield
        finally:
            del self._faults[kind]
            self.settling.set()
            with self._changed:
                assert self._changed.wait_for(lambda: self._under_way == 0, 60)

    @contextlib.contextmanager
    def recording(self) -> Iterator[list[str]]:
        """The kinds of the requests that are made meanwhile, each once, in order."""
        self.asked.clear()
        kinds: list[str] = []
        yield kinds
        kinds += dict.fromkeys(self.asked)

    def _pass(self, exchange: Exchange) -> None:
        self.asked.append(exchange.kind)
        fault = self._faults.get(exchange.kind)
        if fault is not None:
            fault(exchange)
            return
        exchange.forward()
        exchange.answer()

    def _count(self, step: int) -> None:
        with self._changed:
            self._under_way += step
            self._changed.notify_all()


class _Server(ThreadingHTTPServer):
    proxy: FaultProxy
    daemon_threads = True

    def process_request(self, request: Any, client_address: Any) -> None:
        self.proxy._count(1)
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.proxy._count(-1)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is what faults are for."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def _pass(self) -> None:
        self.server.proxy._pass(Exchange(self, self.server.proxy))

    do_GET = do_POST = do_PATCH = do_DELETE = _pass  # noqa: N815 (http.server's names)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""
