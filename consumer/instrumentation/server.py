"""The operator's HTTP endpoint: `/metrics`, `/health/live`, `/health/ready`."""

from __future__ import annotations

import io
import json
import socket
import threading
from collections.abc import Iterable
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import ErrorStream, StartResponse, WSGIEnvironment

from prometheus_client import make_wsgi_app

from consumer.instrumentation.health import Health, Trouble
from consumer.instrumentation.prometheus import Metrics
from consumer.ports import Listener

REQUEST_SECONDS = 10
"""How long a client may take over its request before it is dropped."""


class OperatorServer:
    """Serves on a thread of its own. A port that can't be had is a notice, not an end: the pipeline goes on."""

    def __init__(self, host: str, port: int, metrics: Metrics, health: Health, listener: Listener) -> None:
        """Port 0 takes a free one. Nothing is bound before `start`."""
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
        """Bind and serve; tells the listener `http_serving` or `http_unavailable`."""
        kind = _Server6 if ":" in self._host else _Server
        try:
            self._server = make_server(self._host, self._port, self._answer, kind, _Handler)
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
        troubles = self._health.troubles()
        # Names and durations only: no offsets, lag or texts, because probes are often reachable by more people.
        body = {
            "status": "not ready" if troubles else "ready",
            "conditions": [_condition(each) for each in troubles],
        }
        return _say(start_response, *(_NOT_OK if troubles else _OK), body)


def _condition(trouble: Trouble) -> dict[str, object]:
    told: dict[str, object] = {"name": trouble.name, "about": trouble.about, "seconds": round(trouble.seconds, 1)}
    if trouble.value is not None:
        told["value"] = round(trouble.value, 1)
    return told


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

    def server_bind(self) -> None:
        # http.server's own asks DNS for this host's name, which can take seconds in a container.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is nobody's concern; the default prints a traceback."""


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(WSGIRequestHandler):
    timeout = REQUEST_SECONDS

    def log_message(self, format: str, *args: object) -> None:
        """A line for each scrape would drown the rest."""

    def get_stderr(self) -> ErrorStream:
        return io.StringIO()
