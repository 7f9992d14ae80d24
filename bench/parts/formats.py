"""Decoding of an order event in each format, without Kafka and HTTP."""

from __future__ import annotations

from functools import partial

import msgspec

from bench.ground import Ground
from bench.measure import Sender
from bench.part import Case, Column, Figures, Part, Target, ratio
from bench.parts.startup import output

AVRO = "Avro, six fields"
BASE = "fastavro, six fields"
PROTOBUF = "Protobuf, six fields"
JSON = "JSON, six fields"
NAMES = (
    *(AVRO, "Avro, one field", "Avro, whole"),
    *(BASE, "fastavro, one field", "fastavro, whole"),
    *(PROTOBUF, "Protobuf, one field", "Protobuf, whole"),
    *(JSON, "JSON, whole"),
)


class _OneRun:
    """Figures of all readers, measured in turns in one process: ratios of several processes would say less."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._left: dict[str, float] = {}

    def take(self, name: str) -> Figures:
        """A reader's figure; each is taken once, then all are measured again."""
        if name not in self._left:
            told = output(Sender(self._ground.module("formats")))
            self._left = msgspec.json.decode(told, type=dict[str, float])
        return {"decode_us": self._left.pop(name)}


def cases(ground: Ground) -> list[Case]:
    """One process on the sender's core for all."""
    run = _OneRun(ground)
    return [Case(name, partial(run.take, name)) for name in NAMES]


PART = Part(
    "formats",
    "Formats",
    "An order event of 66 values: records in records, four items, exact amounts, times, symbols. A rule reads six of "
    "them, or one. `fastavro` is its reader alone, with a reader's schema of the same fields: it rounds decimals to "
    "the schema's precision and doesn't check what follows the value. In one process, without Kafka and HTTP.",
    (
        Column("decode_us", "us of CPU a message", "{:.1f}"),
        Column("decode_us", "x fastavro, six fields", "{:.2f}", base=BASE),
    ),
    cases,
    (
        Target("Avro costs at most 1.15 times fastavro alone", ratio("decode_us", of=AVRO, to=BASE), most=1.15),
        Target("Protobuf costs at most 3.5 times JSON", ratio("decode_us", of=PROTOBUF, to=JSON), most=3.5),
    ),
)
