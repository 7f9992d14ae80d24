"""What a local Greenflash takes as an event, and what it says of anything else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from consumer.model.event import FIELDS, refusal

_FIELDS: Final = {field.wire: field for field in FIELDS}
_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)


class Refused(Exception):
    """A body that isn't an event: the status, and what is wrong, by wire name."""

    def __init__(self, status: int, details: list[tuple[str, str]]) -> None:
        self.status = status
        self.details = details


def parse(body: bytes) -> dict[str, object]:
    """The event in a request's body, in wire names, decimals exact. Raises `Refused`."""
    try:
        event = _DECODER.decode(body)
    except (ValueError, ArithmeticError, RecursionError):
        raise Refused(400, [("body", "is not JSON")]) from None
    if not isinstance(event, dict):
        raise Refused(400, [("body", "is not a JSON object")])
    details = list(_wrong(event))
    if details:
        raise Refused(400, details)
    return event


def _wrong(event: dict[str, object]) -> Iterator[tuple[str, str]]:
    for name in event:
        if name not in _FIELDS:
            yield name, "is not a field of an event"
    for name, field in _FIELDS.items():
        value = event.get(name)
        if value is None:
            if field.required:
                yield name, "is required"
            elif name in event:
                yield name, "is null"
            continue
        wrong = refusal(field, _time(value) if field.kind == "time" else value)
        if wrong is not None:
            yield name, wrong


def _time(value: object) -> object:
    try:
        moment = datetime.fromisoformat(str(value)) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment.astimezone() if moment is not None and moment.tzinfo is None else moment
