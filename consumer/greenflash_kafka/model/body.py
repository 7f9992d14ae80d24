"""Values of an event as the JSON of its request, which is written here and nowhere else.

The SDK's own JSON can't carry a `Decimal`; here every number is written exactly as the rules worked it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import msgspec
from msgspec import UNSET

from greenflash_kafka.model.event import FIELDS

_WIRE: Final[Mapping[str, str]] = {field.name: field.wire for field in FIELDS}

_PLAIN_DIGITS: Final = 64
_LARGEST: Final = 1.7976931348623157e308
"""The largest double: most JSON readers, JavaScript's among them, read anything above as infinity."""
_LARGEST_INTEGER: Final = int(_LARGEST)


class NotRenderable(ValueError):
    """The event holds something that no JSON reader would understand: dead-letter the message as `not-allowed`.

    The text names the kind of thing, never its value: NaN, a number above 1.8e308, half a surrogate pair,
    levels without end, a Python type that isn't JSON's.
    """


UNWRITABLE: Final = (NotRenderable, RecursionError, UnicodeEncodeError)
"""What `written` and `encode` raise for a value that no JSON reader would understand."""


def why_unwritable(error: Exception) -> str:
    """The reason for one of UNWRITABLE, without the value."""
    if isinstance(error, RecursionError):
        return "has more levels than can be written"
    if isinstance(error, UnicodeEncodeError):
        return "holds half of a UTF-16 pair, which is not text"
    return str(error)


def without_link(body: bytes) -> bytes:
    """The body of a request without the ids of its conversation; everything else is copied as it stands."""
    fields = _FIELDS.decode(body)
    for name in _CONVERSATION:
        fields.pop(name, None)
    return encode(fields)


def written(value: object) -> object:
    """The value in a form that `encode` writes as we want it, the same object when nothing has to change.

    Decimals become JSON numbers without an exponent up to 64 digits. Times become ISO 8601 in UTC with a `Z`, with
    microseconds when they aren't zero. What it gave may be given again. Raises `NotRenderable`.
    """
    kind = type(value)
    if kind is str or kind is bool or value is None or value is UNSET:
        return value
    if kind is dict:
        return _object(value)  # type: ignore[arg-type]
    if kind is list or kind is tuple:
        return [written(element) for element in value]  # type: ignore[attr-defined]
    if kind is Decimal:
        return _decimal(value)  # type: ignore[arg-type]
    if kind is int:
        return _integer(value)  # type: ignore[arg-type]
    if isinstance(value, str):
        # Money and the like are subclasses of text that say more to the rules than to the wire.
        return str.__str__(value)
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, Mapping):
        return _object(dict(value))
    if kind is msgspec.Raw:
        return value
    raise NotRenderable(f"holds a {kind.__name__}, which JSON has no exact form for")


def _object(value: dict[str, object]) -> dict[str, object]:
    for part in value.values():
        if type(part) is not str:
            return {name: written(part) for name, part in value.items()}
    return value


def _decimal(value: Decimal) -> object:
    if not value.is_finite():
        raise NotRenderable("holds a number that is infinite or none at all")
    if "E" not in str(value):
        return value
    size = value.adjusted()
    if -_PLAIN_DIGITS <= size <= _PLAIN_DIGITS:
        return msgspec.Raw(format(value, "f").encode())
    if abs(value) > _LARGEST:
        raise NotRenderable("holds a number above 1.8e308")
    return value


def _integer(value: int) -> int:
    if -_LARGEST_INTEGER <= value <= _LARGEST_INTEGER:
        return value
    raise NotRenderable("holds a number above 1.8e308")


_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_CONVERSATION: Final = (_WIRE["conversation_id"], _WIRE["external_conversation_id"])

encode: Final = msgspec.json.Encoder(decimal_format="number").encode
"""JSON of what `written` gave; raises RecursionError and UnicodeEncodeError."""
