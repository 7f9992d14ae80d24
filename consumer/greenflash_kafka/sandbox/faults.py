"""The vocabulary of a fault script: kinds of faults, their times, and the requests that they hit.

    seed: 7                                   # of every `rate`; 0 when absent
    faults:
      - {kind: status, status: 503, rate: 0.1, retry_after: 2}
      - {kind: reply_lost, rate: 0.02}
      - {kind: delay, seconds: 0.5, between: [10, 20], cycle: 60}
      - {kind: status, status: 422, insert_id: "upgrade_purchased:o7*"}
      - {kind: revoked, between: [5, 8]}

Conditions of one fault must all hold; without any it always happens. The first fault that holds gives the answer;
delays add up and go on. Numbers and seconds count from the moment at which the script was set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Annotated, Any, Final, Literal

import msgspec

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=86400)]
Number = Annotated[int, msgspec.Meta(ge=1)]
Status = Annotated[int, msgspec.Meta(ge=200, le=599)]
Headers = dict[str, str | int | float | list[str]]


class Fault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """When a fault happens, and to whom; each kind below says what happens.

    rate: the share of requests, drawn from the script's seed. requests: request numbers from 1 on, or
    every: each n-th. between: seconds [from, to), cycle: repeated every so many seconds. event_type, insert_id:
    shell patterns (`*`, `?`), one or several. attempts: only the first n requests of each `insertId`.
    times: at most so often. on: `events` (POST), `reads` (GET) or `all`. store: keep the event all the same
    (when the key and its content are right), so that only the answer is wrong.
    """

    rate: Share | None = None
    requests: list[Number] | None = None
    every: Number | None = None
    between: tuple[Seconds, Seconds] | None = None
    cycle: Annotated[float, msgspec.Meta(gt=0)] | None = None
    event_type: str | list[str] | None = None
    insert_id: str | list[str] | None = None
    attempts: Number | None = None
    times: Number | None = None
    on: Literal["events", "reads", "all"] = "events"
    store: bool = False

    def __post_init__(self) -> None:
        if self.cycle is not None and self.between is None:
            raise ValueError("cycle needs between: [from, to]")
        if self.between is not None and self.between[0] >= self.between[1]:
            raise ValueError("between must be [from, to] with from < to, in seconds")
        if self.cycle is not None and self.between is not None and self.between[1] > self.cycle:
            raise ValueError("between must lie within cycle")

    def hits(self, event: Mapping[str, Any]) -> bool:  # noqa: ARG002 - most kinds hit any event
        """True if the kind itself applies to this event; `event` is the body as far as it could be read."""
        return True

    @property
    def kind(self) -> str:
        """The word in the script."""
        return str(self.__struct_config__.tag)


class StatusFault(Fault, tag="status"):
    """An answer with this status, headers and body (text as it is, anything else as JSON).

    retry_after: a number or text goes out as it is in `Retry-After` (`2`, `1.5`, `-1`, `abc`, `NaN`); `{date: 5}`
    is the date 5 seconds from now, `{ms: 1500}` goes out as `retry-after-ms`; a list sends several headers.
    """

    status: Status
    headers: Headers = {}
    body: Any = None
    retry_after: Any = None

    def __post_init__(self) -> None:
        super().__post_init__()
        _retry_after_forms(self.retry_after)
        for name, values in self.headers.items():
            if not _TOKEN.fullmatch(name):
                raise ValueError(f"{name!r} can't be the name of a header")
            for value in values if isinstance(values, list) else [values]:
                _sendable(f"header {name}", str(value))


class DelayFault(Fault, tag="delay"):
    """Wait so long, then go on as if nothing had been."""

    seconds: Seconds


class ResetFault(Fault, tag="reset"):
    """Break the connection (TCP reset) before anything is stored or answered."""


class ReplyLostFault(Fault, tag="reply_lost"):
    """Store the event, then break the connection in place of an answer, or after its first `bytes`."""

    bytes: Annotated[int, msgspec.Meta(ge=0)] = 0
    store: bool = True


class DripFault(Fault, tag="drip", kw_only=True):
    """The right answer, its body byte by byte over `seconds` in all; the event is stored before the first byte."""

    seconds: Seconds
    store: bool = True


class HtmlFault(Fault, tag="html"):
    """An HTML page with status 200, as captive portals and proxies give."""

    status: Status = 200


class NotSuccessFault(Fault, tag="not_success"):
    """Status 200 with `success: false`."""


class RedirectFault(Fault, tag="redirect"):
    """A redirect; who follows it by GET gets an answer that looks like success, and nothing is stored."""

    status: Literal[301, 302, 303, 307, 308] = 302
    location: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        _sendable("location", self.location or "")


class MalformedFault(Fault, tag="malformed"):
    """Status 200, said to be JSON, which it isn't."""

    body: str = '{"success": true, "eventId": "0b7c'


class EmptyFault(Fault, tag="empty"):
    """Status 204."""


class UnknownConversationFault(Fault, tag="unknown_conversation"):
    """An event with a conversation that isn't `known` is refused with `status`; one without a conversation isn't hit.

    known: shell patterns (`*`, `?`) of the ids of both kinds, one or several; without it no conversation is known.
    """

    status: Literal[400, 404, 422] = 404
    known: str | list[str] = []

    def hits(self, event: Mapping[str, Any]) -> bool:
        """True if one of the event's ids isn't known; `event` is the body as far as it could be read."""
        given = [event[name] for name in CONVERSATION_IDS if event.get(name) is not None]
        return any(not matches(self.known, each) for each in given)


class RevokedFault(Fault, tag="revoked"):
    """The key is refused with 401, for reads too."""

    on: Literal["events", "reads", "all"] = "all"


AnyFault = (
    StatusFault
    | DelayFault
    | ResetFault
    | ReplyLostFault
    | DripFault
    | HtmlFault
    | NotSuccessFault
    | RedirectFault
    | MalformedFault
    | EmptyFault
    | UnknownConversationFault
    | RevokedFault
)

CONVERSATION_IDS: Final = ("externalConversationId", "conversationId")
"""The wire names of an event's conversation: the company's own id, and Greenflash's."""

KINDS: Final[dict[str, type[Fault]]] = {str(each.__struct_config__.tag): each for each in AnyFault.__args__}
"""Every kind by its word."""


def matches(patterns: str | list[str], text: object) -> bool:
    """True if a text matches one of these shell patterns."""
    if not isinstance(text, str):
        return False
    return any(fnmatchcase(text, each) for each in ([patterns] if isinstance(patterns, str) else patterns))


_FARTHEST: Final = 100_000_000
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def _sendable(what: str, value: str) -> None:
    """A server can't send everything that a script can say."""
    if not value.isprintable() or any(ord(letter) > 0xFF for letter in value):
        raise ValueError(f"{what} holds letters that no header can")


def _retry_after_forms(value: Any) -> None:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            word, amount = next(iter(each.items()), ("", None))
            if len(each) != 1 or word not in ("date", "ms") or isinstance(amount, bool):
                raise ValueError("retry_after is a number, a text, {date: SECONDS}, {ms: NUMBER}, or a list of these")
            if not isinstance(amount, int | float):
                raise ValueError(f"retry_after: {word} must be a number")
            if word == "date" and not abs(amount) < _FARTHEST:
                raise ValueError("retry_after: date must be a number of seconds from now, within three years")
        elif each is not None and (isinstance(each, bool) or not isinstance(each, int | float | str)):
            raise ValueError("retry_after is a number, a text, {date: SECONDS}, {ms: NUMBER}, or a list of these")
        elif isinstance(each, str):
            _sendable("retry_after", each)
