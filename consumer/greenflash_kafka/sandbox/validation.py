"""Validation of `POST /events` bodies, field by field, as the API does it.

Sources: the SDK's `EventCreateParams` and the API page, as the table `model.event.FIELDS` states them. What is
unknown of the service (lengths, sizes) isn't invented here, but for a bound on the body.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from greenflash_kafka.model.event import FIELDS, Field

MAX_BODY: Final = 4 * 1024 * 1024
"""Bytes of the largest body that is taken (more is answered 413); a bound of ours, the service's isn't published."""

_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_TIME: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?|\d{4}-\d{2}-\d{2}", re.ASCII
)


class UnreadableBody(ValueError):
    """The body is no JSON object; the text says why."""


def read(body: bytes) -> dict[str, Any]:
    """The body as a JSON object with exact numbers; raises `UnreadableBody`."""
    try:
        value = _DECODER.decode(body)
    except RecursionError:
        raise UnreadableBody("the body is nested too deeply") from None
    except (ValueError, ArithmeticError) as error:
        raise UnreadableBody(f"the body is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise UnreadableBody("the body is not a JSON object")
    return value


def refusals(event: dict[str, Any]) -> list[tuple[str, str]]:
    """`(wire name, what is wrong)` for everything that makes the API refuse this event; empty when it is taken."""
    found = []
    for name, value in event.items():
        check = _CHECKS.get(name)
        wrong = "is not a field of an event" if check is None else check(value)
        if wrong is not None:
            found.append((name, wrong))
    found.extend((name, "is required") for name in _REQUIRED if name not in event)
    return found


def _checker(field: Field) -> Callable[[Any], str | None]:
    match field.kind:
        case "text":
            least = field.least
            return lambda value: (
                "must be text"
                if type(value) is not str
                else None
                if len(value) >= least
                else f"must have at least {least} character"
            )
        case "uuid":
            return lambda value: None if type(value) is str and _UUID.fullmatch(value) else "must be a UUID"
        case "enum":
            words = ", ".join(field.choices)
            return lambda value: None if value in field.choices else f"must be one of {words}"
        case "score":
            return _score(field)
        case "time":
            return lambda value: None if type(value) is str and _is_time(value) else "must be an ISO 8601 time"
        case "object":
            return lambda value: None if type(value) is dict else "must be an object"
        case "boolean":
            return lambda value: None if type(value) is bool else "must be true or false"


def _score(field: Field) -> Callable[[Any], str | None]:
    low, high = field.low, field.high
    assert low is not None
    assert high is not None

    def check(value: Any) -> str | None:
        if type(value) is not Decimal and type(value) is not int:
            return "must be a number"
        return None if low <= value <= high else f"must be between {low} and {high}"

    return check


def _is_time(value: str) -> bool:
    if not _TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


_CHECKS: Final[dict[str, Callable[[Any], str | None]]] = {field.wire: _checker(field) for field in FIELDS}
_REQUIRED: Final = tuple(field.wire for field in FIELDS if field.required)
