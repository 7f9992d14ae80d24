"""Conversation topics that are read whole: CPU and memory by the number of points; and what a linked event costs."""

from __future__ import annotations

import tempfile
import time
from functools import partial
from pathlib import Path

import msgspec

from bench.ground import Ground
from bench.linked_work import chats
from bench.measure import Sender
from bench.part import Case, Column, Figures, Part, Target, ratio, value
from bench.parts.startup import output
from tests.brokers.kafka import COMPRESSED

SIZES = {100_000: 1_000, 1_000_000: 1_000, 5_000_000: 300}
"""Points, and the bytes of their records."""

SMALL, USUAL, LARGE = (f"{points:,} points" for points in SIZES)
EVENTS = "an event, beside 1,000,000 points"


def cases(ground: Ground) -> list[Case]:
    """Each number of points in a process and table of its own, and the CPU of events."""

    def restore(points: int, size: int) -> Figures:
        # What a quick run has less of are points, too.
        count = ground.count(points, least=20_000)
        end = int(time.time() * 1000)
        topic = ground.topic(f"chats-{count}-{size}", lambda: chats(count, end, size), COMPRESSED)
        with tempfile.TemporaryDirectory() as folder:
            command = [*ground.module("restoring"), ground.servers, topic, str(count), folder]
            return msgspec.json.decode(output(Sender(command)), type=dict[str, float])

    def events() -> Figures:
        with tempfile.TemporaryDirectory() as folder:
            count = ground.count(1_000_000, least=20_000)
            (Path(folder) / "rules").mkdir()
            command = [*ground.module("linking_events"), f"{folder}/rules", str(count)]
            return msgspec.json.decode(output(Sender(command)), type=dict[str, float])

    names = (SMALL, USUAL, LARGE)
    return [
        *(Case(name, partial(restore, *each)) for name, each in zip(names, SIZES.items(), strict=True)),
        Case(EVENTS, events),
    ]


PART = Part(
    "restoring",
    "What linking costs",
    "A topic of chats is read whole into a new table, as a process does that begins without one: records of 1 KB (of "
    "300 bytes for 5,000,000 points), each of a conversation and minute of its own. CPU is that of the whole process, "
    "the Kafka client's threads included. Below, `evaluate` alone: an event without a link, one that finds its "
    "conversation by four activities of the person, and one that finds none. The table is a file.",
    (
        Column("rate", "records/s and core", "{:,.0f}"),
        Column("cpu_us", "us of CPU a record", "{:.1f}"),
        Column("memory_mb", "memory", "{:.0f} MB"),
        Column("bytes", "bytes of disk a point", "{:.0f}"),
        Column("unlinked_us", "us of CPU an event", "{:.1f}"),
        Column("linked_us", "linked", "{:.1f}"),
        Column("missed_us", "none found", "{:.1f}"),
    ),
    cases,
    (
        Target("1,000,000 points: at least 60,000 records/s and core", value("rate", of=USUAL), least=60_000),
        Target("5,000,000 points: at least 30,000 records/s and core", value("rate", of=LARGE), least=30_000),
        Target(
            "memory at 5,000,000 points: at most 1.3 times that at 100,000",
            ratio("memory_mb", of=LARGE, to=SMALL),
            most=1.3,
        ),
        Target(
            "a linked event: at most 10 us more",
            lambda round: round[EVENTS]["linked_us"] - round[EVENTS]["unlinked_us"],
            most=10,
        ),
    ),
    rounds=1,
)
