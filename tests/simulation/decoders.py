"""DECODERS whose schemas a registry has, which each process asks by itself, and whose horizons pass."""

from __future__ import annotations

from random import Random
from typing import Protocol
from zlib import crc32

from greenflash_kafka.decoding.decoders import DECODERS, Decode
from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet, Want
from greenflash_kafka.model.payload import Shape
from greenflash_kafka.model.schema import SchemaRefused
from greenflash_kafka.model.topic_format import PLAIN, TopicFormat
from tests.simulation.registry import SimulatedRegistry
from tests.simulation.scheduler import EPOCH, Scheduler


class Decoding(Protocol):
    """Who is told what is evaluated."""

    def evaluated(self, message: Message) -> None:
        """This one, now, whatever comes of it."""

    def decoded(self, message: Message) -> None:
        """It is handed on."""


class SlowDecoders:
    """Of four messages one needs nothing, one waits for a time after its timestamp, and two for one of 16 schemas,
    which `schemas` has. With `horizons` False nothing waits for a time: somebody else says what is known of those."""

    def __init__(
        self, process: Decoding, scheduler: Scheduler, random: Random, seconds: float, horizons: bool = True
    ) -> None:
        self._process = process
        self._scheduler = scheduler
        self._seconds = seconds
        self._horizons = horizons
        self.schemas = SimulatedRegistry(scheduler, random, seconds)

    def decoder(self, topic: str, shape: Shape | None, format: TopicFormat = PLAIN) -> Decode:
        """See `Decoders`."""
        decode = DECODERS.decoder(topic, shape, format)

        def decoded(message: Message) -> object:
            self._process.evaluated(message)
            want = self._want(message)
            if want is not None and not self.known(want):
                return NotYet(want)
            if want is not None and want[0] == "schema":
                schema = self.schemas.find(want[1])
                if isinstance(schema, SchemaRefused):
                    raise DecodeError(schema.text, schema.code)
            self._process.decoded(message)
            return decode(message)

        return decoded

    def look(self, message: Message, format: TopicFormat) -> None:  # noqa: ARG002 - one topic, one format
        """See `Decoders`."""
        want = self._want(message)
        if want is not None and want[0] == "schema":
            self.schemas.find(want[1])

    def known(self, want: Want) -> bool:
        """See `Decoders`."""
        if want[0] == "horizon":
            return (EPOCH + self._scheduler.now) * 1000 >= float(want[2])
        return self.schemas.find(want[1]) is not None

    def _want(self, message: Message) -> Want | None:
        number = crc32(message.value or b"")
        match number % 4:
            case 0:
                return None
            case 1 if not self._horizons:
                return None
            case 1:
                later = number % 1000 / 1000 * self._seconds
                return "horizon", ("orders", "usage"), message.timestamp_ms + int(later * 1000)
            case _:
                return "schema", number % 64 // 4
