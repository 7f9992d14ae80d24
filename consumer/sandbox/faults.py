"""Scripted faults: what goes wrong, for which requests, and how often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

Kind = Literal[
    "status", "delay", "reset", "reply_lost", "html", "not_success", "redirect", "malformed", "empty", "drip"
]


class Fault(BaseModel):
    """One fault.

    status: answer with `status`, `headers` and `body`, storing nothing. delay: answer properly, `seconds` late.
    reset: break the connection, storing nothing. reply_lost: store, then break the connection. html: 200 with a page.
    not_success: 200 with `success: false`. redirect: 302 to `location`. malformed: 200 with half a JSON text.
    empty: 204. drip: a proper answer, a byte at a time over `seconds`.

    Which requests: a share of them (`rate`), those numbered `requests` [from, to] (from 1), those within `seconds_from`
    and `seconds_to` since the faults were set, those of an `event_type`, or with `insert_id` in their insert id; at
    most `times` of them. All that is said must hold.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    rate: Annotated[float, Field(ge=0, le=1)] = 1.0
    requests: tuple[int, int] | None = None
    seconds_from: float = 0.0
    seconds_to: float | None = None
    event_type: str | None = None
    insert_id: str | None = None
    times: int | None = None
    status: Annotated[int, Field(ge=200, le=599)] = 503
    headers: dict[str, str] = {}
    body: str | None = None
    location: str = "http://127.0.0.1:9/"
    seconds: float = 1.0


_FAULTS: TypeAdapter[list[Fault]] = TypeAdapter(list[Fault])


class FaultsInvalid(ValueError):
    """The script can't be used; the text says where and why."""


def read(script: object) -> list[Fault]:
    """The faults of a script: a list, or `{"faults": [...]}`. Raises `FaultsInvalid`."""
    given = script.get("faults") if isinstance(script, Mapping) else script
    try:
        return _FAULTS.validate_python(given)
    except ValidationError as error:
        lines = [f"fault {'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in error.errors()]
        raise FaultsInvalid("\n".join(lines)) from None


class Faults:
    """A script that runs; `choose` is asked for every request."""

    def __init__(self, faults: Sequence[Fault], now: float, seed: int = 1) -> None:
        self._faults = list(faults)
        self._began = now
        self._random = Random(seed)
        self._used = [0] * len(self._faults)

    def __bool__(self) -> bool:
        return bool(self._faults)

    def choose(self, number: int, event: Mapping[str, object] | None, now: float) -> Fault | None:
        """The first fault that is for this request, or None."""
        for index, fault in enumerate(self._faults):
            if self._fits(index, fault, number, event or {}, now - self._began) and self._random.random() < fault.rate:
                self._used[index] += 1
                return fault
        return None

    def _fits(self, index: int, fault: Fault, number: int, event: Mapping[str, object], seconds: float) -> bool:
        return (
            (fault.times is None or self._used[index] < fault.times)
            and (fault.requests is None or fault.requests[0] <= number <= fault.requests[1])
            and seconds >= fault.seconds_from
            and (fault.seconds_to is None or seconds < fault.seconds_to)
            and (fault.event_type is None or event.get("eventType") == fault.event_type)
            and (fault.insert_id is None or fault.insert_id in str(event.get("insertId")))
        )
