"""The sandbox as an ASGI application: `POST /api/v1/events` on a short way of its own, the rest on Starlette."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from consumer.sandbox.faults import Fault, Faults, FaultsInvalid, read
from consumer.sandbox.interactions import interactions
from consumer.sandbox.requests import Refused, parse
from consumer.sandbox.store import Store, Stored

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

EVENTS: Final = "/api/v1/events"
MAX_BODY: Final = 5_000_000
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_JSON: Final = [(b"content-type", b"application/json")]
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
_SECURITY: Final = {
    "content-security-policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


class Sandbox:
    """A local Greenflash. `api_key` None takes any key that isn't empty; `hosts` are the names that a browser may
    call it by (a page elsewhere could otherwise reach it under a name of its own)."""

    def __init__(
        self, api_key: str | None = None, faults: Iterable[Fault] = (), hosts: Iterable[str] = LOOPBACK
    ) -> None:
        self.store = Store(time.time, lambda: str(uuid.uuid4()))
        self._key = api_key
        self._hosts = frozenset(hosts)
        self._faults = Faults(list(faults), time.monotonic())
        self._rest = Starlette(routes=self._routes())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI 3."""
        if scope["type"] != "http":
            return
        if not self._host_allowed(scope):
            await _answer(send, 421, {"error": "Misdirected request: unknown host"})
        elif scope["path"] == EVENTS and scope["method"] == "POST":
            await self._events(scope, receive, send)
        else:
            await self._rest(scope, receive, send)

    # --- POST /events ----------------------------------------------------------------------------------------------

    async def _events(self, scope: Scope, receive: Receive, send: Send) -> None:
        store = self.store
        store.received += 1
        number = store.received
        body = await _body(receive)
        if body is None:
            store.rejected += 1
            await _answer(send, 413, {"error": "Payload too large"})
            return
        if not self._known_key(scope):
            store.rejected += 1
            await _answer(send, 401, {"error": "Unauthorized", "message": "Invalid API key"})
            return
        fault = self._fault(number, body) if self._faults else None
        if fault is not None:
            store.faults[fault.kind] += 1
            if await self._before_storing(fault, send):
                return
        try:
            event = parse(body)
        except Refused as refused:
            store.rejected += 1
            details = [{"field": name, "message": wrong} for name, wrong in refused.details]
            await _answer(send, refused.status, {"error": "Invalid request", "details": details})
            return
        event_id = store.put(event, body)
        answer: dict[str, object] = {"success": True}
        if event_id is not None:
            answer["eventId"] = event_id
        if fault is not None and fault.kind == "reply_lost":
            _reset(send)
        elif fault is not None and fault.kind == "drip":
            await _drip(send, _ENCODER.encode(answer), fault.seconds)
        else:
            await _answer(send, 200, answer)

    def _fault(self, number: int, body: bytes) -> Fault | None:
        try:
            event = msgspec.json.decode(body)
        except ValueError:
            event = None
        return self._faults.choose(number, event if isinstance(event, dict) else None, time.monotonic())

    async def _before_storing(self, fault: Fault, send: Send) -> bool:
        """True when the fault is the whole answer."""
        match fault.kind:
            case "delay":
                await asyncio.sleep(fault.seconds)
                return False
            case "reply_lost" | "drip":
                return False
            case "reset":
                _reset(send)
            case "status":
                body = fault.body.encode() if fault.body is not None else _error_body(fault.status)
                headers = [(name.lower().encode(), value.encode()) for name, value in fault.headers.items()]
                await _send(send, fault.status, body, [*_JSON, *headers])
            case "html":
                page = b"<!doctype html><title>Sign in</title><p>Please sign in."
                await _send(send, 200, page, [(b"content-type", b"text/html")])
            case "not_success":
                await _answer(send, 200, {"success": False, "error": "try again"})
            case "redirect":
                await _send(send, 302, b"", [(b"location", fault.location.encode())])
            case "malformed":
                await _send(send, 200, b'{"success": true, "eventId": ', _JSON)
            case "empty":
                await _send(send, 204, b"", [])
        return True

    def _known_key(self, scope: Scope) -> bool:
        for name, value in scope["headers"]:
            if name == b"authorization":
                scheme, _, key = value.decode("latin-1").partition(" ")
                return scheme.lower() == "bearer" and bool(key) and (self._key is None or key == self._key)
        return False

    def _host_allowed(self, scope: Scope) -> bool:
        for name, value in scope["headers"]:
            if name == b"host":
                host = value.decode("latin-1")
                return "*" in self._hosts or host.rpartition(":")[0] in self._hosts or host in self._hosts
        return False

    # --- the rest --------------------------------------------------------------------------------------------------

    def _routes(self) -> list[Route | Mount]:
        return [
            Route("/api/v1/products", self._products),
            Route("/api/v1/interactions", self._interactions),
            Route("/_sandbox/events", self._list_events),
            Route("/_sandbox/stats", self._stats),
            Route("/_sandbox/faults", self._set_faults, methods=["POST"]),
            Route("/_sandbox/key", self._set_key, methods=["POST"]),
            Route("/_sandbox/reset", self._reset, methods=["POST"]),
            Mount("/", _Page(directory=Path(__file__).parent / "page", html=True)),
        ]

    async def _products(self, request: Request) -> Response:
        """As `greenflash.types.ListProductsResponse`: the products that events were sent for."""
        if not self._known_key(request.scope):
            return _json({"error": "Unauthorized", "message": "Invalid API key"}, 401)
        seen = dict.fromkeys(str(each.event["productId"]) for each in self.store.events)
        moment = "2026-01-01T00:00:00.000Z"
        return _json(
            [{"id": each, "name": "Sandbox product", "createdAt": moment, "updatedAt": moment} for each in seen]
        )

    async def _interactions(self, request: Request) -> Response:
        """As `greenflash.types.ListInteractionsResponse`: one for each conversation that an event named."""
        if not self._known_key(request.scope):
            return _json({"error": "Unauthorized", "message": "Invalid API key"}, 401)
        query = request.query_params
        limit, page = _number(query.get("limit"), 50), _number(query.get("page"), 1)
        if limit is None or page is None or page < 1:
            return _json({"error": "Invalid request", "details": [{"field": "limit", "message": "not a number"}]}, 400)
        found = interactions(self.store.events, query.get("productId"))
        return _json(found[(page - 1) * limit : page * limit])

    async def _list_events(self, request: Request) -> Response:
        after = _number(request.query_params.get("after"), 0)
        limit = _number(request.query_params.get("limit"), len(self.store.events))
        if after is None or limit is None:
            return _json({"error": "after and limit are whole numbers"}, 400)
        return _json([_shown(each) for each in self.store.events[after : after + limit]])

    async def _stats(self, _: Request) -> Response:
        return _json(self.store.stats())

    async def _set_faults(self, request: Request) -> Response:
        try:
            self._faults = Faults(read(await request.json()), time.monotonic())
        except (FaultsInvalid, ValueError) as error:
            return _json({"error": str(error)}, 400)
        return _json({"ok": True})

    async def _set_key(self, request: Request) -> Response:
        try:
            key = (await request.json()).get("api_key")
        except (ValueError, AttributeError):
            key = ""
        if key is not None and (not isinstance(key, str) or not key):
            return _json({"error": '{"api_key": a text, or null for any key}'}, 400)
        self._key = key
        return _json({"ok": True})

    async def _reset(self, _: Request) -> Response:
        self.store.reset()
        self._faults = Faults([], time.monotonic())
        return _json({"ok": True})


class _Page(StaticFiles):
    """The page's files, with headers that keep it closed to other origins."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(_SECURITY)
        return response


def _shown(stored: Stored) -> dict[str, object]:
    return {**stored.event, "eventId": stored.event_id, "receivedAt": Decimal(f"{stored.received_at:.6f}")}


def _number(text: str | None, default: int) -> int | None:
    if text is None:
        return default
    return int(text) if text.isascii() and text.isdigit() else None


def _error_body(status: int) -> bytes:
    words = {400: "Invalid request", 401: "Unauthorized", 403: "Forbidden", 404: "Not found", 409: "Conflict"}
    words |= {422: "Unprocessable entity", 429: "Too many requests"}
    return _ENCODER.encode({"error": words.get(status, "Internal server error")})


def _json(value: object, status: int = 200) -> Response:
    return Response(_ENCODER.encode(value), status, dict(_SECURITY), "application/json")


async def _body(receive: Receive) -> bytes | None:
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body if len(body) <= MAX_BODY else None
    parts, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size <= MAX_BODY:
            parts.append(part)
    return b"".join(parts) if size <= MAX_BODY else None


async def _answer(send: Send, status: int, value: object) -> None:
    await _send(send, status, _ENCODER.encode(value), _JSON)


async def _send(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    if status != 204:
        headers = [*headers, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _drip(send: Send, body: bytes, seconds: float) -> None:
    headers = [*_JSON, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for at in range(len(body)):
        await send({"type": "http.response.body", "body": body[at : at + 1], "more_body": True})
        await asyncio.sleep(seconds / len(body))
    await send({"type": "http.response.body", "body": b""})


def _reset(send: Send) -> None:
    """Break the connection with a reset. ASGI has no word for it, so this reaches for the server's own transport."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise RuntimeError("this server doesn't let a connection be reset")
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
