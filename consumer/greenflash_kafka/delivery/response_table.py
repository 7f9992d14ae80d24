"""The response table: from a reply to the action for its event.

Accepted is what the service *says* it stored; HTML with status 200, `success: false` and followed redirects are
how the bare SDK loses events.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

import msgspec

from greenflash_kafka.ports import Reply, TransportFault
from greenflash_kafka.web.retry_after import retry_after

Action = Literal["accepted", "dead_letter", "retry", "pause"]
"""accepted: done. dead_letter: this event will never be accepted. retry: this event is sent again, later, for as long
as it takes. pause: nothing more is sent but probes, since every event would get the same response."""

SAME_ANSWERS: Final = 3
"""The number of consecutive equal responses after which an event with an unusual 4xx becomes a dead letter."""


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """The action for a reply, and its code.

    `code`: `accepted`, `status-<n>`, a fault's name (`connect`), or for a 200 or 201 that isn't a success
    `not-json`, `not-an-object`, `not-success`, `no-event-id`. `retry_after`: seconds that the service asks us to
    wait. `shared`: hold everything for this key, not only this event. `suspicious`: not what the service would
    say, so perhaps someone else answers: twenty of these without an acceptance pause everything. `text`: one
    line for people, without anything of the body.
    """

    action: Action
    code: str
    text: str
    retry_after: float | None = None
    shared: bool = False
    suspicious: bool = False


ACCEPTED: Final = Verdict("accepted", "accepted", "Greenflash accepted the event")


class _Created(msgspec.Struct):
    """The body of a success, as far as it is parsed."""

    success: bool | None = None
    eventId: str | None = None  # noqa: N815 - the wire's own name


_CREATED: Final = msgspec.json.Decoder(_Created)


def accepts(reply: Reply) -> bool:
    """True if this is the plain acceptance, the response to nearly all events; `judge` handles all others."""
    if reply.status not in (200, 201):
        return False
    try:
        created = _CREATED.decode(reply.body)
    except (ValueError, RecursionError):
        return False
    return created.success is True and bool(created.eventId)


def judge(reply: Reply, *, now: float, accepted_before: bool, sampled: bool, same_answer: int) -> Verdict:
    """The verdict on `reply` for its event.

    `now`: seconds since 1970, for a `Retry-After` date in an answer without a `Date`. `accepted_before`: whether
    this run has seen an acceptance; before the first one an answer that refuses the event may well mean a wrong
    base URL, which must not empty a topic. `sampled`: the request had a `sampleRate` below 1, so a success may
    come without an `eventId`. `same_answer`: how often in a row this event got this status, this one included.
    """
    if reply.fault is not None:
        return _fault(reply.fault, reply.detail)
    status = reply.status
    if status in (200, 201):
        code = _success(reply.body, sampled)
        return ACCEPTED if code is None else _no_success(code, reply, now)
    return _refused(reply, _action(status, accepted_before, same_answer), now)


def _action(status: int, accepted_before: bool, same_answer: int) -> Action:
    """The table, for everything but 200 and 201."""
    match status:
        case 401 | 403:
            return "pause"
        case 408 | 409 | 425 | 429:
            return "retry"
        case 413:
            return "dead_letter"
        case 400 | 404 | 422:
            return "dead_letter" if accepted_before else "pause"
        case 405 if not accepted_before:
            return "pause"
        case _ if 400 <= status <= 499:
            return "dead_letter" if same_answer >= SAME_ANSWERS else "retry"
        case _:
            return "retry"


def _refused(reply: Reply, action: Action, now: float) -> Verdict:
    status = reply.status
    wish = retry_after(reply.headers, now)
    return Verdict(
        action,
        f"status-{status}",
        f"{_WORDS.get(status) or _default_words(status)}{_request_id(reply)}",
        retry_after=wish,
        shared=status == 429 or (action == "retry" and bool(wish)),
        suspicious=status not in _EXPECTED and not 500 <= status <= 599,
    )


_USUAL: Final = (400, 401, 403, 404, 405, 408, 409, 413, 422, 425, 429, 500, 502, 503, 504)

_EXPECTED: Final = frozenset({400, 401, 403, 404, 408, 409, 413, 422, 425, 429})


_WORDS: Final = {
    400: "Greenflash refused the event as a bad request (400)",
    401: "Greenflash doesn't know the API key (401): correct the key",
    403: "Greenflash doesn't allow this API key to send events (403): check the key's rights",
    404: "Greenflash doesn't know this address or product (404): check greenflash.base_url and product_id",
    405: "the server takes no events at this address (405): check greenflash.base_url",
    408: "Greenflash gave up waiting for the request (408)",
    409: "Greenflash is busy with the same event (409)",
    413: "the event is larger than Greenflash takes (413)",
    422: "Greenflash refused the event's content (422)",
    425: "Greenflash asks to send it again (425)",
    429: "Greenflash asks to send more slowly (429)",
}


def _default_words(status: int) -> str:
    if 500 <= status <= 599:
        return f"Greenflash failed ({status})"
    if 300 <= status <= 399:
        return f"the server redirects ({status}), which isn't followed: check greenflash.base_url"
    if 400 <= status <= 499:
        return f"the server refused the event ({status})"
    return f"the server answered {status}, which isn't how Greenflash says that an event is stored"


def _no_success(code: str, reply: Reply, now: float) -> Verdict:
    wish = retry_after(reply.headers, now)
    text = f"the server answered {reply.status}, but {_NOT_SUCCESS[code]}{_request_id(reply)}"
    return Verdict("retry", code, text, retry_after=wish, shared=bool(wish), suspicious=True)


_NOT_SUCCESS: Final = {
    "not-json": "the body isn't JSON: is a proxy or a login page in between?",
    "not-an-object": "the body isn't a JSON object",
    "not-success": "the body doesn't say success: true",
    "no-event-id": "the body has no eventId",
}


def _success(body: bytes, sampled: bool) -> str | None:
    """None when the body says that the event is stored (or sampled out), else the code of the missing part."""
    try:
        created = _CREATED.decode(body)
    except (ValueError, RecursionError):
        return _what_else(body)
    if created.success is not True:
        return "not-success"
    return None if created.eventId or sampled else "no-event-id"


def _what_else(body: bytes) -> str:
    try:
        value = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return "not-json"
    if not isinstance(value, dict):
        return "not-an-object"
    return "not-success" if value.get("success") is not True else "no-event-id"


def _request_id(reply: Reply) -> str:
    """The service's own id of the request, for its support; header values are untrusted text."""
    for name, value in reply.headers:
        if name in ("x-request-id", "request-id") and value.isascii() and value.isprintable():
            return f", request {value[:100]}"
    return ""


def _fault(fault: TransportFault, detail: str) -> Verdict:
    text = f"{_FAULTS[fault]}: {detail}" if detail else _FAULTS[fault]
    # Certificates don't change from one event to the next: everything waits, nothing is lost.
    return Verdict("pause" if fault == "tls" else "retry", fault, text, suspicious=fault in ("protocol", "too-large"))


_FAULTS: Final[dict[TransportFault, str]] = {
    "connect": "no connection to Greenflash",
    "descriptors": "no file descriptor is left for a connection: this process's own limit, not Greenflash",
    "dns": "the host name of greenflash.base_url can't be resolved",
    "tls": "the TLS connection to Greenflash can't be trusted or made",
    "timeout": "Greenflash didn't answer in time",
    "reset": "the connection broke before the answer was complete",
    "too-large": "the answer is larger than we read",
    "protocol": "the answer isn't proper HTTP",
    "cancelled": "the request was given up",
}


ANSWERS: Final = (
    *(f"status-{status}" for status in (200, 201, *_USUAL)),
    *_NOT_SUCCESS,
    *get_args(TransportFault),
)
"""What is counted of answers from the start, though none has come; other statuses come with their first answer."""

REFUSALS: Final = ("status-400", "status-404", "status-413", "status-422", "gave-up")
"""Codes under which events are usually refused for good; another 4xx has to be answered several times for that."""
