"""The operator's HTTP endpoint: `/metrics`, `/health/live`, `/health/ready`."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from typing import Any, Final
from wsgiref.simple_server import WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

from prometheus_client import make_wsgi_app

from greenflash_kafka.instrumentation.health import Health, OpenCondition
from greenflash_kafka.instrumentation.http_server import ThreadedServer, ThreadedServer6, TimedRequest
from greenflash_kafka.instrumentation.prometheus import Metrics
from greenflash_kafka.ports import Listener
from greenflash_kafka.web.guard import Guard, security_headers


class OperatorServer:
    """Serves on a thread of its own. If the port can't be bound, this is a notice, and the pipeline goes on."""

    def __init__(self, host: str, port: int, metrics: Metrics, health: Health, listener: Listener) -> None:
        """Port 0 selects a free one. Nothing is bound before `start`."""
        self._host, self._port = host, port
        self._guard = Guard(host)
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
        kind = ThreadedServer6 if ":" in self._host else ThreadedServer
        try:
            self._server = make_server(self._host, self._port, self._answer, kind, TimedRequest)
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
        host = environ.get("HTTP_HOST", "")
        if self._guard.refuses_host(host):
            return _say(start_response, "421 Misdirected Request", {"error": "ask under a loopback name"})
        if self._guard.refuses_origin(host, environ.get("HTTP_ORIGIN"), environ.get("HTTP_SEC_FETCH_SITE")):
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


_HEADERS: Final = [*security_headers().items()]


def _with_headers(start_response: StartResponse) -> StartResponse:
    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start_response(status, [*headers, *_HEADERS], *rest)

    return start


_OK = ("200 OK",)
_NOT_OK = ("503 Service Unavailable",)


def _say(start_response: StartResponse, status: str, body: object) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "application/json"), *_HEADERS])
    return [json.dumps(body, default=str).encode() + b"\n"]
