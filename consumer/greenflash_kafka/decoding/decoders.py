"""Decoders by topic: from a record to the payload that rules read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from greenflash_kafka.decoding.partial import reader
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import Want
from greenflash_kafka.model.payload import Shape

Decode = Callable[[Message], object]
"""From a record with a value to its payload: dict, list, str, bool, int, `Decimal` or None; or to a `NotYet`, if what
decoding takes isn't known yet. Raises `DecodeError`."""


class Decoders(Protocol):
    """Source of decoders, chosen by topic when a topic is first met."""

    def decoder(self, topic: str, shape: Shape | None) -> Decode:
        """The decoder of a topic's values; what `shape` (None: everything) doesn't name may be left out."""
        ...

    def known(self, want: Want) -> bool:
        """Whether what a decoder wanted is known by now. Cheap: it is looked up, nobody is asked."""
        ...


class JsonDecoders:
    """Every topic holds JSON."""

    def decoder(self, topic: str, shape: Shape | None) -> Decode:  # noqa: ARG002 - the same for every topic
        """See `Decoders`."""
        return reader(shape)

    def known(self, want: Want) -> bool:  # noqa: ARG002 - JSON needs nothing
        """See `Decoders`."""
        return True


JSON: Final = JsonDecoders()
