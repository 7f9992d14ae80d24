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
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import ConfigDict, Field, model_validator

from greenflash_kafka.documents.closed_model import ClosedModel

Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0, le=86400)]
Number = Annotated[int, Field(ge=1)]
Status = Annotated[int, Field(ge=200, le=599)]
Patterns = str | list[str]
Headers = dict[str, str | int | float | list[str]]


class Fault(ClosedModel):
    """When a fault happens, and to whom; each kind below says what happens."""

    model_config = ConfigDict(strict=True)

    kind: str
    rate: Share | None = Field(default=None, description="The share of requests, drawn from the script's seed.")
    requests: list[Number] | None = Field(default=None, description="Request numbers from 1 on.")
    every: Number | None = Field(default=None, description="Each n-th request.")
    between: Annotated[tuple[Seconds, Seconds], Field(strict=False)] | None = Field(
        default=None, description="Seconds [from, to) since the script was set."
    )
    cycle: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="`between` is repeated every so many seconds."
    )
    event_type: Patterns | None = Field(default=None, description="Shell patterns (`*`, `?`), one or several.")
    insert_id: Patterns | None = Field(default=None, description="Shell patterns (`*`, `?`), one or several.")
    attempts: Number | None = Field(default=None, description="Only the first n requests of each `insertId`.")
    times: Number | None = Field(default=None, description="At most so often.")
    on: Literal["events", "reads", "all"] = Field(default="events", description="POST, GET or both.")
    store: bool = Field(
        default=False,
        description="Keep the event all the same (when the key and its content are right): only the answer is wrong.",
    )

    @model_validator(mode="after")
    def _times(self) -> Self:
        if self.cycle is not None and self.between is None:
            raise ValueError("cycle needs between: [from, to]")
        if self.between is not None and self.between[0] >= self.between[1]:
            raise ValueError("between must be [from, to] with from < to, in seconds")
        if self.cycle is not None and self.between is not None and self.between[1] > self.cycle:
            raise ValueError("between must lie within cycle")
        return self

    def hits(self, event: Mapping[str, Any]) -> bool:  # noqa: ARG002 - most kinds hit any event
        """True if the kind itself applies to this event; `event` is the body as far as it could be read."""
        return True


class StatusFault(Fault):
    """An answer with this status, headers and body (text as it is, anything else as JSON).

    retry_after: a number or text goes out as it is in `Retry-After` (`2`, `1.5`, `-1`, `abc`, `NaN`); `{date: 5}`
    is the date 5 seconds from now, `{ms: 1500}` goes out as `retry-after-ms`; a list sends several headers.
    """

    kind: Literal["status"] = "status"
    status: Status
    headers: Headers = Field(default_factory=dict)
    body: Any = None
    retry_after: Any = None

    @model_validator(mode="after")
    def _headers(self) -> Self:
        _retry_after_forms(self.retry_after)
        for name, values in self.headers.items():
            if not _TOKEN.fullmatch(name):
                raise ValueError(f"{name!r} can't be the name of a header")
            for value in values if isinstance(values, list) else [values]:
                _sendable(f"header {name}", str(value))
        return self


class DelayFault(Fault):
    """Wait so long, then go on as if nothing had been."""

    kind: Literal["delay"] = "delay"
    seconds: Seconds


class ResetFault(Fault):
    """Break the connection (TCP reset) before anything is stored or answered."""

    kind: Literal["reset"] = "reset"


class ReplyLostFault(Fault):
    """Store the event, then break the connection in place of an answer, or after its first `bytes`."""

    kind: Literal["reply_lost"] = "reply_lost"
    bytes: Annotated[int, Field(ge=0)] = 0
    store: bool = True


class DripFault(Fault):
    """The right answer, its body byte by byte over `seconds` in all; the event is stored before the first byte."""

    kind: Literal["drip"] = "drip"
    seconds: Seconds
    store: bool = True


class HtmlFault(Fault):
    """An HTML page with status 200, as captive portals and proxies give."""

    kind: Literal["html"] = "html"
    status: Status = 200


class NotSuccessFault(Fault):
    """Status 200 with `success: false`."""

    kind: Literal["not_success"] = "not_success"


class RedirectFault(Fault):
    """A redirect; who follows it by GET gets an answer that looks like success, and nothing is stored."""

    kind: Literal["redirect"] = "redirect"
    status: Literal[301, 302, 303, 307, 308] = 302
    location: str | None = None

    @model_validator(mode="after")
    def _address(self) -> Self:
        _sendable("location", self.location or "")
        return self


class MalformedFault(Fault):
    """Status 200, said to be JSON, which it isn't."""

    kind: Literal["malformed"] = "malformed"
    body: str = '{"success": true, "eventId": "0b7c'


class EmptyFault(Fault):
    """Status 204."""

    kind: Literal["empty"] = "empty"


class UnknownConversationFault(Fault):
    """An event with a conversation that isn't `known` is refused with `status`; one without a conversation isn't hit.

    known: shell patterns (`*`, `?`) of the ids of both kinds, one or several; without it no conversation is known.
    """

    kind: Literal["unknown_conversation"] = "unknown_conversation"
    status: Literal[400, 404, 422] = 404
    known: Patterns = Field(default_factory=list)

    def hits(self, event: Mapping[str, Any]) -> bool:
        """True if one of the event's ids isn't known; `event` is the body as far as it could be read."""
        given = [event[name] for name in CONVERSATION_IDS if event.get(name) is not None]
        return any(not matches(self.known, each) for each in given)


class RevokedFault(Fault):
    """The key is refused with 401, for reads too."""

    kind: Literal["revoked"] = "revoked"
    on: Literal["events", "reads", "all"] = "all"


_AnyKind = (
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
AnyFault = Annotated[_AnyKind, Field(discriminator="kind")]


class Faults(ClosedModel):
    """A whole script: its faults in order, and the seed of their rates."""

    model_config = ConfigDict(strict=True)

    seed: int = 0
    faults: Annotated[tuple[AnyFault, ...], Field(strict=False)] = ()


CONVERSATION_IDS: Final = ("externalConversationId", "conversationId")
"""The wire names of an event's conversation: the company's own id, and Greenflash's."""

KINDS: Final[dict[str, type[Fault]]] = {each.model_fields["kind"].default: each for each in get_args(_AnyKind)}
"""Every kind by its word."""


def matches(patterns: Patterns, text: object) -> bool:
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
