"""The fields in which two events differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

import msgspec

from greenflash_kafka.model.event import FIELDS, Event

NOTHING: Final = "nothing"
"""What stands for a field that isn't there."""

SHOWN: Final = 120


def changed_fields(old: Event, new: Event) -> Iterator[tuple[str, str | None, str | None]]:
    """Each field by the rules' name (`properties.NAME` one by one), with its text before and after; None without it."""
    ours, theirs = _fields(old), _fields(new)
    for name in (*_ORDER, *sorted((ours.keys() | theirs.keys()) - set(_ORDER))):
        before, after = ours.get(name), theirs.get(name)
        if before != after:
            yield name, before, after


def shown(text: str | None) -> str:
    """A field's text as an example has it, cut."""
    return NOTHING if text is None else text[:SHOWN]


_encode: Final = msgspec.json.Encoder(decimal_format="number", order="sorted").encode
_ORDER: Final = tuple(field.name for field in FIELDS)


def _fields(event: Event) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in event.fields.items():
        if name == "properties" and isinstance(value, Mapping):
            found.update({f"properties.{key}": _text(each) for key, each in value.items()})
        else:
            found[name] = _text(value)
    return found


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return value.isoformat() if isinstance(value, datetime) else _encode(value).decode()
