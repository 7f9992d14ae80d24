"""Batches that unpack to many times their size, from many partitions: memory and throughput."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from random import Random

from bench.ground import Ground
from bench.measure import measure
from bench.part import Case, Column, Figures, Part, Target, ratio, value
from bench.work import PARTITIONS, between_marks, other_types
from tests.brokers.kafka import COMPRESSED

TOPICS, SIZE = 3, 5_000
CODECS = ("zstd", "lz4")

BY_PARTITION: Mapping[str, str] = {"GREENFLASH_KAFKA_KAFKA__PROPERTIES__FETCH_MAX_BYTES": str(4096 * 1024)}
"""What librdkafka makes of it where nobody sets it: then each partition's limit is the only one, as it was in 0.1.0."""


def _by_partition(codec: str) -> str:
    return f"{codec}, limited by the partition alone"


def _messages(count: int) -> Iterator[bytes]:
    """Each with a part that no codec makes smaller: 32 bytes, as ids are."""
    random = Random(1)
    for message in other_types(count, SIZE):
        yield message[:-1] + b',"trace":"%b"}' % random.randbytes(32).hex().encode()


def cases(ground: Ground) -> list[Case]:
    """Each codec with the limit for a fetch, and without."""
    count = ground.count(120_000) // TOPICS

    def run(codec: str, settings: Mapping[str, str]) -> Figures:
        producer = {**COMPRESSED, "compression.type": codec}
        topics = [
            ground.topic(f"{codec}-{number}-{count}", lambda: between_marks(_messages(count)), producer)
            for number in range(TOPICS)
        ]
        api = ground.api()
        sender = ground.product(", ".join(topics), api, settings=settings)
        return measure(sender, api, TOPICS * 2 * PARTITIONS).figures(TOPICS * count)

    return [
        Case(name, partial(run, codec, settings))
        for codec in CODECS
        for name, settings in ((codec, {}), (_by_partition(codec), BY_PARTITION))
    ]


PART = Part(
    "compressed",
    "Compressed batches",
    f"Messages of {SIZE / 1000:g} KB that no rule asks for, in full batches over {TOPICS} topics of {PARTITIONS} "
    "partitions. They are much alike, so that a batch unpacks to a hundred times its size (zstd). Beside it the same "
    "with `fetch.max.bytes: 4194304`: then what one fetch brings grows with the partitions.",
    (
        Column("memory_mb", "memory", "{:.0f} MB"),
        Column("rate", "messages/s", "{:,.0f}"),
        Column("cpu_us", "us of CPU a message", "{:,.1f}"),
    ),
    cases,
    (
        *(Target(f"{codec}: at most 150 MB", value("memory_mb", of=codec), most=150) for codec in CODECS),
        *(
            Target(
                f"{codec}, messages/s: at least 0.9 of those without the limit for a fetch",
                ratio("rate", of=codec, to=_by_partition(codec)),
                least=0.9,
            )
            for codec in CODECS
        ),
    ),
    bars=Column("memory_mb", "MB of memory, compressed batches of 18 partitions (less is better)", "{:,.0f}"),
)
