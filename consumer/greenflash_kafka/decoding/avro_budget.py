"""Bounds of one Avro body: how deep it nests, and how many values its lists and maps may claim."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from greenflash_kafka.decoding.avro_primitives import Read
from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.model.payload import MAX_DEPTH

Skip = Callable[[bytes, int], int]

MAX_VALUES: Final = 500_000
"""Most values in the lists and maps of one message; a message of 1 MB rarely has 50,000."""

CHARGED_ABOVE: Final = 8
"""Values without bytes that a union's branch may have uncounted: the branch's number itself is a byte."""

_FREE: Final = 1_000
_A_BYTE: Final = 16
"""Values that a byte of a body may become: records of records, and fields that are always null, take no bytes."""


class Budget:
    """What is left of the bounds: `begin` sets them for a body, the readers of its parts take from them."""

    __slots__ = ("_levels", "_values")

    def __init__(self) -> None:
        self._levels = self._values = 0

    def begin(self, body: bytes, levels: int) -> None:
        """Start with a body; its root has so many levels outside of recursive records."""
        self._levels = MAX_DEPTH - levels
        self._values = min(_FREE + _A_BYTE * len(body), MAX_VALUES)

    def take(self, values: int) -> None:
        """Count values that a list or map says it has, before any is read. Raises DecodeError past the bound."""
        self._values -= values
        if self._values < 0:
            raise DecodeError("a list or map says that it has more values than are read of so many bytes")

    def enter(self, levels: int) -> None:
        """Count levels of nesting (negative: they end). Raises DecodeError past MAX_DEPTH."""
        self._levels -= levels
        if self._levels < 0:
            raise DecodeError(f"nested more than {MAX_DEPTH} levels deep")

    def guarded(self, read: Read, levels: int) -> Read:
        """The reader of a recursive record, with its levels counted while it reads."""

        def read_guarded(body: bytes, at: int) -> tuple[object, int]:
            self.enter(levels)
            result = read(body, at)
            self.enter(-levels)
            return result

        return read_guarded

    def guarded_skip(self, skip: Skip, levels: int) -> Skip:
        """The same of a step over it."""

        def skip_guarded(body: bytes, at: int) -> int:
            self.enter(levels)
            at = skip(body, at)
            self.enter(-levels)
            return at

        return skip_guarded

    def charged(self, read: Read, weightless: int) -> Read:
        """The reader of a union's branch, with its values that take no bytes counted, if they are many."""
        if weightless <= CHARGED_ABOVE:
            return read

        def read_charged(body: bytes, at: int) -> tuple[object, int]:
            self.take(weightless)
            return read(body, at)

        return read_charged
