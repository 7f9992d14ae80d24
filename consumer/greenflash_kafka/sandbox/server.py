"""The sandbox as one ASGI application and its uvicorn server."""

from __future__ import annotations

import socket
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.sandbox import answers, control, page_files
from greenflash_kafka.sandbox.address import EVENTS, PREFIX
from greenflash_kafka.sandbox.answers import Receive, Scope, Send
from greenflash_kafka.sandbox.api import Api, reads_of
from greenflash_kafka.sandbox.connection import Connection
from greenflash_kafka.web.guard import Guard

KEEP_ALIVE_SECONDS: Final = 75
"""Longer than any client of ours keeps a connection, so that none is closed just as a request sets out."""

_MISDIRECTED: Final = answers.refused(421, "This sandbox answers on loopback names only; start it with --host")
_FOREIGN: Final = answers.refused(403, "Pages of other origins may not use the sandbox")
_NOT_FOUND: Final = answers.refused(404, "Not found: the sandbox has events, products, interactions")
_NOT_ALLOWED: Final = answers.refused(405, "Method not allowed")


class Application:
    """The ASGI callable: the API straight, everything else through Starlette."""

    def __init__(self, api: Api, guard: Guard) -> None:
        self._api = api
        self._guard = guard
        self._reads = {f"{PREFIX}/{name}": answer for name, answer in reads_of(api).items()}
        self._rest: ASGIApp = Starlette(
            routes=[*control.routes(api), *page_files.routes()], exception_handlers={HTTPException: _http_error}
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = scope["path"]
        host = _header(scope, b"host")
        if self._guard.refuses_host(host or ""):
            await answers.send_answer(send, _MISDIRECTED)
        elif path == EVENTS and scope["method"] == "POST":
            await self._api.events(scope, receive, send)
        elif path.startswith(PREFIX + "/"):
            await self._other_api(path, scope, receive, send)
        elif self._guard.refuses_origin(host or "", _header(scope, b"origin"), _header(scope, b"sec-fetch-site")):
            await answers.send_answer(send, _FOREIGN)
        else:
            await self._rest(scope, receive, _with_headers(send))

    async def _other_api(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        read = self._reads.get(path)
        if read is not None and scope["method"] == "GET":
            await self._api.reads(scope, receive, send, read)
        elif read is not None or path == EVENTS:
            await answers.send_answer(send, _NOT_ALLOWED)
        else:
            await answers.send_answer(send, _NOT_FOUND)


def _header(scope: Scope, name: bytes) -> str | None:
    for each, value in scope["headers"]:
        if each == name:
            return str(value, "latin-1")
    return None


_HEADERS: Final = [(name.lower().encode(), value.encode()) for name, value in page_files.HEADERS.items()]


def _with_headers(send: Send) -> Send:
    async def sending(message: Any) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *_HEADERS]
        await send(message)

    return sending


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return control.json_response({"error": error.detail}, error.status_code)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises `ConfigInvalid` when it can't be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise ConfigInvalid(
            f"the sandbox can't listen on {host}:{port}: {error.strerror or error}; choose another --host or --port, "
            "or --port 0 for a free one"
        ) from None
    return listener


def url_of(listener: socket.socket) -> str:
    """Where a browser finds what listens here."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def server(api: Api, host: str) -> uvicorn.Server:
    """The server, to be run with `run(sockets=[listener])`; `should_exit` ends it."""
    return uvicorn.Server(
        uvicorn.Config(
            Application(api, Guard(host)),
            http=Connection,
            ws="none",
            lifespan="off",
            loop="auto",
            log_config=None,
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=2048,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=1,
        )
    )
