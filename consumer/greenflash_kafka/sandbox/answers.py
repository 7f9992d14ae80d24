"""Responses of the sandbox: the API's own, and those of scripted faults."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from email.utils import formatdate
from typing import Any, Final

import msgspec

from greenflash_kafka.sandbox.connection import connection_of
from greenflash_kafka.sandbox.faults import (
    DripFault,
    EmptyFault,
    Fault,
    HtmlFault,
    MalformedFault,
    NotSuccessFault,
    RedirectFault,
    ReplyLostFault,
    ResetFault,
    RevokedFault,
    StatusFault,
    UnknownConversationFault,
)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

JSON: Final = (b"content-type", b"application/json")
_HTML: Final = (b"content-type", b"text/html; charset=utf-8")
_PAGE: Final = b"<!doctype html><title>Sign in</title><h1>Please sign in to use this network</h1>"

REDIRECTED: Final = "/_sandbox/redirected"
"""Where redirect faults lead unless they say otherwise."""

_numbers = itertools.count(1)


class SandboxReply(msgspec.Struct, gc=False):
    """A complete response."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = (JSON,)

    def head(self) -> Headers:
        """All headers of the response; every one has a request id of its own, as the service's have."""
        # A 204 has no body, and must not say how long it is.
        length = [] if self.status == 204 else [(b"content-length", b"%d" % len(self.body))]
        return [*self.headers, *length, (b"x-request-id", b"req_%012x" % next(_numbers))]


def created(event_id: str) -> SandboxReply:
    """The event is taken."""
    return SandboxReply(200, b'{"success":true,"eventId":"%b"}' % event_id.encode())


def refused(status: int, error: str, details: Iterable[tuple[str, str]] = ()) -> SandboxReply:
    """The request is refused; `details` are `(field, what is wrong)`. No value is ever repeated."""
    body: dict[str, Any] = {"success": False, "error": error}
    listed = [{"path": [name], "message": f"{name} {wrong}"} for name, wrong in details]
    if listed:
        body["details"] = listed
    return SandboxReply(status, msgspec.json.encode(body))


UNAUTHORIZED: Final = refused(401, "Invalid or missing API key")
REVOKED: Final = refused(401, "This API key has been revoked")
TOO_LARGE: Final = refused(413, "Request body too large")


async def send_answer(send: Send, answer: SandboxReply) -> None:
    """Send a complete response."""
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.head()})
    await send({"type": "http.response.body", "body": answer.body})


async def send_fault(fault: Fault, right: SandboxReply, scope: Scope, receive: Receive, send: Send) -> None:
    """SandboxReply as the fault says; `right` is what the API itself would have answered."""
    match fault:
        case ResetFault():
            await _broken(b"", scope, receive)
        case ReplyLostFault():
            await _broken(_raw(right)[: fault.bytes], scope, receive)
        case DripFault():
            await _drip(fault, right, scope, send)
        case _:
            await send_answer(send, _answer_of(fault))


def _answer_of(fault: Fault) -> SandboxReply:
    match fault:
        case StatusFault():
            return _status(fault)
        case HtmlFault():
            return SandboxReply(fault.status, _PAGE, (_HTML,))
        case NotSuccessFault():
            return refused(200, "Event could not be processed")
        case RedirectFault():
            return SandboxReply(fault.status, b"", ((b"location", (fault.location or REDIRECTED).encode()),))
        case MalformedFault():
            return SandboxReply(200, fault.body.encode())
        case EmptyFault():
            return SandboxReply(204, b"", ())
        case UnknownConversationFault():
            return refused(fault.status, "Conversation not found")
        case RevokedFault():
            return REVOKED
        case _:
            raise AssertionError(f"no answer for {fault.kind}")


def _status(fault: StatusFault) -> SandboxReply:
    headers = [
        (name.lower().encode(), str(value).encode("latin-1"))
        for name, values in fault.headers.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    headers += _retry_after(fault.retry_after)
    if fault.status in (204, 304):
        return SandboxReply(fault.status, b"", tuple(headers))
    if isinstance(fault.body, str):
        body = fault.body.encode()
        headers += [] if any(name == b"content-type" for name, _ in headers) else [(b"content-type", b"text/plain")]
        return SandboxReply(fault.status, body, tuple(headers))
    if fault.body is None:
        body = refused(fault.status, _WORDS.get(fault.status, f"Status {fault.status}")).body
    else:
        body = msgspec.json.encode(fault.body)
    return SandboxReply(fault.status, body, (JSON, *headers))


_WORDS: Final = {
    400: "Bad request",
    401: "Invalid or missing API key",
    403: "This API key may not create events",
    404: "Not found",
    408: "Request timeout",
    409: "Conflict",
    413: "Request body too large",
    422: "Validation failed",
    429: "Rate limit exceeded",
    500: "Internal server error",
    502: "Bad gateway",
    503: "Service unavailable",
    504: "Gateway timeout",
}


def _retry_after(value: Any) -> Headers:
    headers: Headers = []
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            if "date" in each:
                # The caller's wall clock is what a date is compared with, so this is the one place that asks it.
                headers.append((b"retry-after", formatdate(time.time() + each["date"], usegmt=True).encode()))
            else:
                headers.append((b"retry-after-ms", str(each["ms"]).encode()))
        elif each is not None:
            headers.append((b"retry-after", str(each).encode()))
    return headers


def _raw(answer: SandboxReply) -> bytes:
    lines = b"".join(b"%b: %b\r\n" % header for header in answer.head())
    return b"HTTP/1.1 %d OK\r\n%b\r\n%b" % (answer.status, lines, answer.body)


async def _broken(first: bytes, scope: Scope, receive: Receive) -> None:
    connection = connection_of(scope)
    if first and not connection.transport.is_closing():
        connection.transport.write(first)
        # Linger 0 throws away what hasn't left yet: on loopback a moment is enough for the first bytes to be gone.
        await asyncio.sleep(0.01)
    connection.reset()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _drip(fault: DripFault, right: SandboxReply, scope: Scope, send: Send) -> None:
    await send({"type": "http.response.start", "status": right.status, "headers": right.head()})
    transport = connection_of(scope).transport
    for at in range(len(right.body)):
        await send({"type": "http.response.body", "body": right.body[at : at + 1], "more_body": True})
        await asyncio.sleep(fault.seconds / len(right.body))
        if transport.is_closing():
            return
    await send({"type": "http.response.body", "body": b""})
