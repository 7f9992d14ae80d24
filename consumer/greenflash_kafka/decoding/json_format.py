"""The format `json`: decoding of only those parts of a payload that a rule reads.

Most of a message is of no interest to any rule, and taking it apart is most of what decoding costs. It is still
checked to be JSON in UTF-8, as strictly as what is read; only its numbers may be of any size.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from sys import intern
from typing import Any, Final, TypedDict

import msgspec

from greenflash_kafka.decoding.connect import THIRD_BYTES, UNKNOWN, Unwrapper
from greenflash_kafka.decoding.depth import may_be_too_deep
from greenflash_kafka.decoding.json import MAX_BYTES, DecodeError, decode
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.payload import Shape, exact

MAX_FALLBACK: Final = 1000
"""Upper bound of consecutive messages decoded in full after shape mismatches (exponential backoff)."""

_number = count()

Reader = Callable[[Message], object]


def decoder(shape: Shape | None) -> Reader:
    """Like `decode` of a record's value, but what `shape` doesn't name may be left out of the payload. A value with a
    schema of Kafka Connect is the payload in it.

    Where a message is of another shape (a list instead of an object, say), all of it is decoded.
    """
    return JsonReader(shape).read


class JsonReader:
    """A decoder for one shape. Messages of others cost two tries, so after some of them it tries less often."""

    __slots__ = ("_connect", "_decode", "_others", "_reads_wrapper", "_whole")

    def __init__(self, shape: Shape | None) -> None:
        kind = None if shape is None else _type(shape)
        self._decode = decode if kind is None else msgspec.json.Decoder(kind, float_hook=exact).decode
        self._connect = Unwrapper(shape, lambda shape: JsonReader(shape).plain)
        self._reads_wrapper = shape is None or kind is None or not shape.keys().isdisjoint(("payload", "schema"))
        self._whole = self._others = 0

    def read(self, message: Message) -> object:
        """The payload, or the parts of it that are read; raises as `decode` does."""
        value, connect = message.value or b"", self._connect
        if connect.known and (found := connect.read(value)) is not UNKNOWN:
            return found
        try:
            payload = self.plain(value)
        except DecodeError:
            # Of a message with a schema the parts are judged, whether or not its beginning is known.
            if (found := connect.unwrapped(value, UNKNOWN)) is not UNKNOWN:
                return found
            raise
        # Of a message with a schema nothing seems to be there, if nobody reads its two keys.
        if payload and not (self._reads_wrapper or self._others):
            return payload
        # Quicker than asking, which most messages without any field that is read need not.
        if value[2:3] not in THIRD_BYTES:
            return payload
        return connect.unwrapped(value, payload)

    def plain(self, value: bytes) -> object:
        """The same of JSON's bytes, where a schema in them has no meaning."""
        if self._whole:
            self._whole -= 1
            # A number that nobody reads may be too large for it.
            with suppress(DecodeError):
                return decode(value)
        if len(value) > MAX_BYTES or may_be_too_deep(value):
            return decode(value)
        try:
            payload: object = self._decode(value)
        except msgspec.ValidationError:
            self._others = min(2 * self._others + 1, MAX_FALLBACK)
            self._whole = self._others
            return decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError, decimal.DecimalException, RecursionError):
            return decode(value)
        if self._others:
            self._others = 0
        # What is skipped isn't looked at for this.
        return payload if value.isascii() or _is_utf8(value) else decode(value)


def _is_utf8(value: bytes) -> bool:
    try:
        str(value, "utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _type(shape: Shape) -> Any:
    """The shape as a type for msgspec; None for one that it would read wrong."""
    if not all(name.isascii() for name in shape):
        # msgspec 0.22 never finds such a key in a message.
        return None
    # The literals of generated code are interned: so a look-up finds the same object, and compares no texts.
    kinds = {intern(name): None if inner is None else _type(inner) for name, inner in shape.items()}
    fields = {name: Any if kind is None else kind | None for name, kind in kinds.items()}
    return TypedDict(f"Parts{next(_number)}", fields, total=False)  # type: ignore[operator]
