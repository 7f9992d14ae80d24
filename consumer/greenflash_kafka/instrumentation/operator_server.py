"""The operator's HTTP endpoint: `/metrics`, `/health/live`, `/health/ready`."""

from __future__ import annotations

import io
import json
import os
import socket
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import ErrorStream, StartResponse, WSGIEnvironment

from prometheus_client import make_wsgi_app

from greenflash_kafka.descriptors import OUT_OF_THEM
from greenflash_kafka.instrumentation.health import Health, OpenCondition
from greenflash_kafka.instrumentation.prometheus import Metrics
from greenflash_kafka.ports import Listener

CONNECTIONS = 16
"""Most clients that are served at once; the connection of one more is closed."""

SPARES = 4
"""File descriptors reserved for the time when all others are in use: health checks matter most then."""

REQUEST_SECONDS = 10
"""Time limit of a client's request, in seconds."""


BUSY_SECONDS = 0.1
"""Seconds for which no connection is accepted when no descriptor is left at all."""


class OperatorServer:
    """Serves on a thread of its own. If the port can't be bound, this is a notice, and the pipeline goes on."""

    def __init__(self, host: str, port: int, metrics: Metrics, health: Health, listener: Listener) -> None:
        """Port 0 selects a free one. Nothing is bound before `start`."""
        self._host, self._port = host, port
        self._loopback = host.lower() in _LOOPBACK or host.startswith("127.") or host == "::1"
        self._metrics = make_wsgi_app(metrics.registry)
        self._health = health
        self._listener = listener
        self._server: WSGIServer | None = None

    @property
    def address(self) -> str | None:
        """`http://host:port` once it serves."""
        if self._server is None:
            return None
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._server.server_port}"

    def start(self) -> None:
        """Bind and serve; the listener gets `http_serving` or `http_unavailable`."""
        kind = _Server6 if ":" in self._host else _Server
        try:
            self._server = make_server(self._host, self._port, self._answer, kind, _RequestHandler)
        except (OSError, OverflowError, UnicodeError) as failure:
            self._listener.notice("http_unavailable", host=self._host, port=self._port, text=str(failure))
            return
        threading.Thread(target=self._server.serve_forever, name="operator-http", daemon=True).start()
        self._listener.notice("http_serving", url=self.address)

    def stop(self) -> None:
        """Stop serving; safe without `start`."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._loopback and _host(environ.get("HTTP_HOST", "")) not in (*_LOOPBACK, self._host.lower()):
            # A page in this machine's browser under a name of its own that leads here (DNS rebinding).
            return _say(start_response, "421 Misdirected Request", {"error": "ask under a loopback name"})
        if environ.get("HTTP_ORIGIN") or environ.get("HTTP_SEC_FETCH_SITE", "none") not in ("none", "same-origin"):
            return _say(start_response, "403 Forbidden", {"error": "web pages may not read this"})
        if environ["REQUEST_METHOD"] != "GET":
            return _say(start_response, "405 Method Not Allowed", {"error": "GET only"})
        match environ["PATH_INFO"]:
            case "/metrics":
                text: Iterable[bytes] = self._metrics(environ, _with_headers(start_response))
                return text
            case "/health/live":
                live = self._health.live()
                return _say(start_response, *(_OK if live else _NOT_OK), {"status": "live" if live else "stuck"})
            case "/health/ready":
                return self._ready(start_response)
        return _say(start_response, "404 Not Found", {"error": "try /metrics, /health/live or /health/ready"})

    def _ready(self, start_response: StartResponse) -> Iterable[bytes]:
        conditions = self._health.conditions()
        # Names and durations only: no offsets, lag or texts, because probes are often reachable by more people.
        body = {
            "status": "not ready" if conditions else "ready",
            "conditions": [_condition(each) for each in conditions],
        }
        return _say(start_response, *(_NOT_OK if conditions else _OK), body)


def _condition(condition: OpenCondition) -> dict[str, object]:
    shown: dict[str, object] = {
        "name": condition.name,
        "about": condition.about,
        "seconds": round(condition.seconds, 1),
    }
    if condition.value is not None:
        shown["value"] = round(condition.value, 1)
    return shown


_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def _host(header: str) -> str:
    name, colon, port = header.rpartition(":")
    return (name if colon and port.isdigit() else header).lower()


_HEADERS = [
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
]


def _with_headers(start_response: StartResponse) -> StartResponse:
    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start_response(status, [*headers, *_HEADERS], *rest)

    return start


_OK = ("200 OK",)
_NOT_OK = ("503 Service Unavailable",)


def _say(start_response: StartResponse, status: str, body: object) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "application/json"), *_HEADERS])
    return [json.dumps(body, default=str).encode() + b"\n"]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._room = threading.BoundedSemaphore(CONNECTIONS)
        self._spares = _Spares(SPARES)
        super().__init__(*arguments, **named)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection; with a reserved descriptor if no other is left."""
        while True:
            try:
                return super().get_request()
            except OSError as failure:
                if failure.errno not in OUT_OF_THEM:
                    raise
                if not self._spares.give_up():
                    # It is ready at once again, and again.
                    time.sleep(BUSY_SECONDS)
                    raise

    def process_request(self, request: Any, client_address: Any) -> None:
        """Respond on a thread of its own, if there aren't too many."""
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._room.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """The thread: respond, close the connection, release the slot."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def close_request(self, request: Any) -> None:
        """Close a connection, and reserve its descriptor if one was given up."""
        if not self._spares.take(request):
            super().close_request(request)

    def server_close(self) -> None:
        """Close the listening socket and the reserved descriptors."""
        super().server_close()
        self._spares.close()

    def server_bind(self) -> None:
        # http.server's own asks DNS for this host's name, which can take seconds in a container.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore a client that closed its connection; the default prints a traceback."""


class _Spares:
    """Descriptors that are reserved until all others are in use."""

    def __init__(self, count: int) -> None:
        self._wanted = count
        self._lock = threading.Lock()
        self._null = os.open(os.devnull, os.O_RDONLY)
        self._kept: list[int] = []
        with suppress(OSError):
            while len(self._kept) < count:
                self._kept.append(os.dup(self._null))

    def give_up(self) -> bool:
        """Close one, so that another part can use it; False when there is none."""
        with self._lock:
            if self._kept:
                os.close(self._kept.pop())
                return True
            return False

    def take(self, connection: socket.socket) -> bool:
        """Close a connection and reserve its descriptor, in one step, so that no other part gets it in between; False
        when none is needed."""
        with self._lock:
            if len(self._kept) >= self._wanted or connection.fileno() < 0:
                return False
            descriptor = connection.detach()
            os.dup2(self._null, descriptor, inheritable=False)
            self._kept.append(descriptor)
            return True

    def close(self) -> None:
        """Close all of them."""
        with self._lock:
            self._wanted = 0
            for each in [self._null, *self._kept]:
                os.close(each)
            self._kept.clear()


class _Server6(_Server):
    address_family = socket.AF_INET6


class _RequestHandler(WSGIRequestHandler):
    timeout = REQUEST_SECONDS

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a line for each scrape would fill the log."""

    def get_stderr(self) -> ErrorStream:
        return io.StringIO()
