"""The format `json`: decoding of only those parts of a payload that a rule reads.

Most of a message is of no interest to any rule, and taking it apart is most of what decoding costs. It is still
checked to be JSON in UTF-8, as strictly as what is read; only its numbers may be of any size.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any, Final, TypedDict

import msgspec

from greenflash_kafka.decoding.depth import may_be_too_deep
from greenflash_kafka.decoding.json import MAX_BYTES, DecodeError, decode
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.payload import Shape, exact

MAX_FALLBACK: Final = 1000
"""Upper bound of consecutive messages decoded in full after shape mismatches (exponential backoff)."""

_number = count()

Reader = Callable[[Message], object]


def decoder(shape: Shape | None) -> Reader:
    """Like `decode` of a record's value, but what `shape` doesn't name may be left out of the payload.

    Where a message is of another shape (a list instead of an object, say), all of it is decoded.
    """
    kind = None if shape is None else _type(shape)
    return _whole if kind is None else _Partial(kind).read


def _whole(message: Message) -> object:
    return decode(message.value or b"")


class _Partial:
    """A decoder for one shape. Other messages cost two tries, so after some of them it tries less often."""

    __slots__ = ("_decode", "_others", "_whole")

    def __init__(self, kind: Any) -> None:
        self._decode = msgspec.json.Decoder(kind, float_hook=exact).decode
        self._whole = self._others = 0

    def read(self, message: Message) -> object:
        """The payload, or the parts of it that are read. Raises as `decode` does."""
        value = message.value or b""
        if self._whole:
            self._whole -= 1
            # A number that nobody reads may be too large for it.
            with suppress(DecodeError):
                return decode(value)
        return self._parts(value)

    def _parts(self, value: bytes) -> object:
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
    kinds = {name: None if inner is None else _type(inner) for name, inner in shape.items()}
    fields = {name: Any if kind is None else kind | None for name, kind in kinds.items()}
    return TypedDict(f"Parts{next(_number)}", fields, total=False)  # type: ignore[operator]
