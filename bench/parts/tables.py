"""Tables from topics: what reading one whole costs by its rows, and what an event costs whose user it says."""

from __future__ import annotations

import tempfile
import time
from functools import partial
from pathlib import Path

import msgspec

from bench.ground import Ground
from bench.measure import Sender
from bench.part import Case, Column, Figures, Part, Target, ratio, value
from bench.parts.startup import output
from bench.table_work import rows
from tests.brokers.kafka import COMPRESSED

ROWS = 1_000_000
SMALL, USUAL = "100,000 rows", f"{ROWS:,} rows"
BY_HAND = f"{ROWS:,} rows, a loop by hand into a dict"
EVENTS = f"an event, beside {ROWS:,} rows"


def cases(ground: Ground) -> list[Case]:
    """Each number of rows in a process and file of its own, a loop by hand, and the CPU of events."""

    def restore(count: int, by_hand: bool = False) -> Figures:
        # What a quick run has less of are rows, too.
        count = ground.count(count, least=20_000)
        # Before what is asked for, which must not be of our time: nobody waits.
        end = int(time.time() * 1000) - 300_000
        topic = ground.topic(f"customers-{count}", lambda: rows(count, end), COMPRESSED)
        with tempfile.TemporaryDirectory() as folder:
            place = "-" if by_hand else folder
            command = [*ground.module("restoring_rows"), ground.servers, topic, str(count), place]
            return msgspec.json.decode(output(Sender(command)), type=dict[str, float])

    def events() -> Figures:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "rules").mkdir()
            command = [*ground.module("looking_up"), f"{folder}/rules", str(ground.count(ROWS, least=20_000))]
            return msgspec.json.decode(output(Sender(command)), type=dict[str, float])

    return [
        Case(SMALL, partial(restore, ROWS // 10)),
        Case(USUAL, partial(restore, ROWS)),
        Case(BY_HAND, partial(restore, ROWS, by_hand=True)),
        Case(EVENTS, events),
    ]


PART = Part(
    "tables",
    "What a table from a topic costs",
    "A topic of customers is read whole into a new file, as a process does that begins without one: records of 300 "
    "bytes, each of a key of its own, in zstd batches. CPU is that of the whole process, the Kafka client's threads "
    "included. Beside it a loop over the same topic that puts the rows into a dict: no horizons, and nothing is kept. "
    "Below, `evaluate` alone: an event that names its user, one whose user the table says, and one of a customer that "
    "nobody told. (Fewer rows in a quick run.)",
    (
        Column("seconds", "seconds", "{:.1f}"),
        Column("cpu_us", "us of CPU a row", "{:.1f}"),
        Column("cpu_us", "by hand is 1", "{:.1f}", base=BY_HAND),
        Column("disk_mb", "disk", "{:.0f} MB"),
        Column("memory_mb", "memory", "{:.0f} MB"),
        Column("plain_us", "us of CPU an event", "{:.1f}"),
        Column("looked_up_us", "looked up", "{:.1f}"),
        Column("missed_us", "no row", "{:.1f}"),
    ),
    cases,
    (
        Target(f"{USUAL}: restored in a minute", value("seconds", of=USUAL), most=60),
        Target(f"{USUAL}: at most 150 MB of disk", value("disk_mb", of=USUAL), most=150),
        Target(
            f"memory at {USUAL}: at most 1.3 times that at {SMALL}", ratio("memory_mb", of=USUAL, to=SMALL), most=1.3
        ),
        Target(
            "an event that is looked up: at most 10 us more",
            lambda round: round[EVENTS]["looked_up_us"] - round[EVENTS]["plain_us"],
            most=10,
        ),
    ),
    rounds=1,
)
