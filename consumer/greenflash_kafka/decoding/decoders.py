"""Decoders by topic: from a record to the payload that rules read."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Final, Protocol

from greenflash_kafka.decoding import json_format
from greenflash_kafka.model.formats import DEFAULT
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import Want
from greenflash_kafka.model.payload import Shape

Decode = Callable[[Message], object]
"""From a record with a value to its payload: dict, list, str, bool, int, `Decimal` or None; or to a `NotYet`, if what
decoding takes isn't known yet. Raises `DecodeError`."""


class Decoders(Protocol):
    """Source of decoders, chosen by topic when a topic is first met."""

    def decoder(self, topic: str, shape: Shape | None, format: str = DEFAULT) -> Decode:
        """The decoder of a topic's values, in one of `model.formats.FORMATS`; what `shape` (None: everything) doesn't
        name may be left out."""
        ...

    def known(self, want: Want) -> bool:
        """Whether what a decoder wanted is known by now. Cheap: it is looked up, nobody is asked."""
        ...


class FormatDecoders:
    """Each format by its own module, imported when a topic first has it: the libraries of some are large. Not JSON's,
    which most topics have: a process may have no file descriptor left to import it when its first message comes."""

    def decoder(self, topic: str, shape: Shape | None, format: str = DEFAULT) -> Decode:  # noqa: ARG002
        """See `Decoders`."""
        name = f"greenflash_kafka.decoding.{format.replace('-', '_')}_format"
        module = json_format if format == DEFAULT else importlib.import_module(name)
        decode: Decode = module.decoder(shape)
        return decode

    def known(self, want: Want) -> bool:  # noqa: ARG002 - no format that is here needs anything
        """See `Decoders`."""
        return True


DECODERS: Final = FormatDecoders()
