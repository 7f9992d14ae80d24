"""What messages cost that can't be evaluated for some time: CPU and memory, beside the same that can be at once."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from confluent_kafka import ConsumerGroupTopicPartitions, Producer
from confluent_kafka.admin import AdminClient

from bench.ground import Ground
from bench.measure import Sender, start, stop
from bench.part import Case, Column, Figures, Part, Round, Target, value
from bench.usage import Usage
from bench.work import other_types
from tests.brokers.kafka import COMPRESSED

RATE, PARTITIONS = 1_000, (12, 200)
SECONDS: Final = 20.0
"""How long each message waits."""

_GROUP: Final = "GREENFLASH_KAFKA_KAFKA__GROUP"


def _name(partitions: int, waits: bool) -> str:
    return f"{partitions} partitions, {'all wait' if waits else 'none waits'}"


def cases(ground: Ground) -> list[Case]:
    """With and without waiting, from few partitions and from many."""
    seconds = ground.count(30, least=10)

    def run(partitions: int, waits: bool) -> Figures:
        topic = ground.kafka.topic(partitions, "bench-waiting")
        sender = ground.product(topic, ground.api())
        if waits:
            command = [*ground.module("waiting"), str(SECONDS), *sender.command[1:]]
            sender = Sender(command, sender.environment, sender.cores)
        return _measure(ground, sender, topic, seconds)

    return [Case(_name(each, waits), partial(run, each, waits)) for each in PARTITIONS for waits in (False, True)]


def _measure(ground: Ground, sender: Sender, topic: str, seconds: float) -> Figures:
    """Figures of so many seconds, once what waits is as much as it will be."""
    over = threading.Event()
    feeder = threading.Thread(target=_feed, args=(ground.servers, topic, over), daemon=True)
    with tempfile.TemporaryFile() as written:
        process = start(sender, written)
        try:
            feeder.start()
            time.sleep(SECONDS + 20)
            usage = Usage(process.pid)
            before, began = usage.exact_cpu(), time.monotonic()
            time.sleep(seconds)
            busy = (usage.exact_cpu() - before) / (time.monotonic() - began)
            usage.sample()
            behind = _behind(ground, sender.environment[_GROUP], topic)
        finally:
            over.set()
            stop(process)
            feeder.join()
    return {"busy": busy, "memory_mb": usage.peak_mb, "behind": behind / RATE}


def _feed(servers: str, topic: str, over: threading.Event) -> None:
    """So many messages a second until it is over, in batches."""
    producer = Producer({"bootstrap.servers": servers, **COMPRESSED, "compression.type": "lz4", "linger.ms": 200})
    values = list(other_types(RATE))
    began, made = time.monotonic(), 0
    while not over.wait(0.05):
        while made < (time.monotonic() - began) * RATE:
            producer.produce(topic, values[made % RATE], key=b"%d" % made)
            made += 1
        producer.poll(0)
    producer.flush(10)


def _behind(ground: Ground, group: str, topic: str) -> int:
    """Messages that were written and aren't committed."""
    admin = AdminClient({"bootstrap.servers": ground.servers})
    (asked,) = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]).values()
    committed: int = sum(each.offset for each in asked.result().topic_partitions if each.offset > 0)
    return sum(ground.kafka.ends(topic).values()) - committed


def _more(figure: str, partitions: int) -> Callable[[Round], float]:
    """How much more it is where messages wait."""
    with_waiting, without = (value(figure, of=_name(partitions, waits)) for waits in (True, False))
    return lambda round: with_waiting(round) - without(round)


PART = Part(
    "waiting",
    "Messages that wait",
    f"{RATE:,} messages of 1 KB a second in lz4 batches, of which none can be evaluated before it is {SECONDS:.0f} s "
    "old (a decoder that says so). More wait than there is memory for: the rest is put back and fetched again.",
    (
        Column("busy", "of a core", "{:.1%}"),
        Column("memory_mb", "memory", "{:.0f} MB"),
        Column("behind", "commits behind", "{:.0f} s"),
    ),
    cases,
    tuple(
        target
        for each in PARTITIONS
        for target in (
            Target(f"{each} partitions: at most 5 % of a core more", _more("busy", each), most=0.05),
            Target(f"{each} partitions: at most 40 MB more", _more("memory_mb", each), most=40),
        )
    ),
    rounds=1,
)
