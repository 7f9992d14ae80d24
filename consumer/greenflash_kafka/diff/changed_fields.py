"""The fields in which two events differ."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from greenflash_kafka.model.event import FIELDS, Event

NOTHING: Final = "nothing"
"""What stands for a field that isn't there."""

SHOWN: Final = 120


def changed_fields(old: Event, new: Event) -> Iterator[tuple[str, str | None, str | None]]:
    """Each field by the rules' name (`properties.NAME` one by one), with its text before and after; None without it."""
    ours, theirs = _raws(old.body), _raws(new.body)
    # Most fields of a changed event are the same bytes: only the others are read.
    for name, wire in _FIELDS:
        if ours.get(wire) == theirs.get(wire) or wire == "properties":
            continue
        before, after = _text(name, ours.get(wire)), _text(name, theirs.get(wire))
        if before != after:
            yield name, before, after
    mine, yours = ours.get("properties"), theirs.get("properties")
    if mine != yours:
        yield from _changed_properties(_raws(mine or b"{}"), _raws(yours or b"{}"))


def shown(text: str | None) -> str:
    """A field's text as an example has it, cut."""
    return NOTHING if text is None else text[:SHOWN]


_encode: Final = msgspec.json.Encoder(decimal_format="number", order="sorted").encode
_raws: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_value: Final = msgspec.json.Decoder(float_hook=Decimal).decode
_FIELDS: Final = tuple((field.name, field.wire) for field in FIELDS)


def _changed_properties(
    ours: dict[str, msgspec.Raw], theirs: dict[str, msgspec.Raw]
) -> Iterator[tuple[str, str | None, str | None]]:
    for key in sorted(ours.keys() | theirs.keys()):
        name, before, after = f"properties.{key}", ours.get(key), theirs.get(key)
        if before != after and (was := _text(name, before)) != (became := _text(name, after)):
            yield name, was, became


def _text(name: str, raw: msgspec.Raw | None) -> str | None:
    if raw is None:
        return None
    value: object = _value(raw)
    if isinstance(value, str):
        return datetime.fromisoformat(value).isoformat() if name == "event_at" else value
    return _encode(value).decode()
