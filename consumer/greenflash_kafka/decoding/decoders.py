"""Decoders by topic: from a record to the payload that rules read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from greenflash_kafka.decoding.partial import reader
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.payload import Shape

Decode = Callable[[Message], object]
"""From a record with a value to its payload: dict, list, str, bool, int, `Decimal` or None. Raises `DecodeError`."""


class Decoders(Protocol):
    """Source of decoders, chosen by topic when a topic is first met."""

    def decoder(self, topic: str, shape: Shape | None) -> Decode:
        """The decoder of a topic's values; what `shape` (None: everything) doesn't name may be left out."""
        ...


class JsonDecoders:
    """Every topic holds JSON."""

    def decoder(self, topic: str, shape: Shape | None) -> Decode:  # noqa: ARG002 - the same for every topic
        """See `Decoders`."""
        return reader(shape)


JSON: Final = JsonDecoders()
