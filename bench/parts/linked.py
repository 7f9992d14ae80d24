"""A process whose rules link: what it costs all the time, and what other topics notice of it."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from bench.ground import Ground
from bench.linked_work import CHATS, DELAY_SECONDS, LINKED, UNLINKED, chats
from bench.measure import Sender, measure, start, stop
from bench.part import Case, Column, Figures, Part, Round, Target, value
from bench.parts.latency import RATE as LATENCY_RATE
from bench.parts.latency import WARM
from bench.usage import Usage
from bench.work import MAPPING, messages
from tests.brokers.kafka import COMPRESSED

RATE, CHATS_RATE, PARTITIONS = 1_000, 100, 12
POINTS = 2_000_000
"""Chats that are read while other topics' latency is measured."""

LINKS, PLAIN = "a topic links", "it doesn't"
STEADY, RESTORING = "another topic, meanwhile", "another topic, while 2,000,000 chats are read"


def cases(ground: Ground) -> list[Case]:
    """CPU with and without links, and the latency of a topic that doesn't link."""

    def busy(rules: str) -> Figures:
        told, outcomes = ground.kafka.topic(6, "bench-chats"), ground.kafka.topic(PARTITIONS, "bench-outcomes")
        sender = _sender(ground, told, {"outcomes": (outcomes, rules)})
        seconds = ground.count(30, least=10)
        with _chatting(ground, told, CHATS_RATE, outcomes, RATE), tempfile.TemporaryFile() as written:
            process = start(sender, written)
            try:
                # Until as much waits as ever will.
                time.sleep(DELAY_SECONDS + 20)
                usage = Usage(process.pid)
                before, began = usage.exact_cpu(), time.monotonic()
                time.sleep(seconds)
                share = (usage.exact_cpu() - before) / (time.monotonic() - began)
                usage.sample()
            finally:
                stop(process)
        return {"busy": share, "memory_mb": usage.peak_mb}

    def latency(points: int) -> Figures:
        count, api = ground.count(15 * LATENCY_RATE, least=2 * LATENCY_RATE), ground.api()
        other = ground.topic(ground.kafka.name("unlinked"), partial(messages, WARM))
        outcomes = ground.kafka.topic(PARTITIONS, "bench-outcomes")
        told = ground.kafka.topic(6, "bench-chats")
        if points:
            end, records = int(time.time() * 1000), ground.count(points, least=200_000)
            told = ground.topic(f"read-{records}", lambda: chats(records, end, 1_000), COMPRESSED)
        sender = _sender(ground, told, {"outcomes": (outcomes, LINKED), "other": (other, MAPPING)})
        producer = [*ground.module("steady"), ground.servers, other, str(count), str(LATENCY_RATE)]
        started: list[subprocess.Popen[bytes]] = []

        def ready() -> None:
            # A message that links has the chats read at once.
            time.sleep(1.0 if points else 15.0)
            started.append(subprocess.Popen(producer))

        rates = (0.0, 5.0) if points else (float(CHATS_RATE), 200.0)
        quiet = ground.kafka.topic(1, "bench-quiet")
        try:
            # What links is not counted: the API sees what waits only later, if it is an event.
            with _chatting(ground, quiet if points else told, rates[0], outcomes, rates[1]):
                run = measure(sender, api, WARM + count, ready)
        finally:
            for each in started:
                each.kill()
                each.wait()
        return run.figures(WARM + count)

    return [
        Case(PLAIN, partial(busy, UNLINKED)),
        Case(LINKS, partial(busy, LINKED)),
        Case(STEADY, partial(latency, 0)),
        Case(RESTORING, partial(latency, POINTS)),
    ]


def _sender(ground: Ground, told: str, rules: dict[str, tuple[str, str]]) -> Sender:
    """The product with these mapping files: rules by topic, and the chats."""
    folder = ground.folder / ground.kafka.name("mappings")
    folder.mkdir()
    (folder / "chats.yaml").write_text(CHATS.replace("CHATS", told))
    for name, (topic, text) in rules.items():
        renamed = text.replace("name: ", f"name: {name}_")
        (folder / f"{name}.yaml").write_text(renamed.replace("TOPIC", topic))
    tables = tempfile.mkdtemp(dir=ground.folder)
    settings = {
        "GREENFLASH_KAFKA_MAPPINGS": str(folder),
        "GREENFLASH_KAFKA_LINKING__DIRECTORY": tables,
    }
    topic = next(iter(rules.values()))[0]
    return ground.product(topic, ground.api(), settings=settings)


@contextmanager
def _chatting(ground: Ground, told: str, chats_rate: float, outcomes: str, rate: float) -> Iterator[None]:
    """Chats and outcomes at these rates a second, until the block ends."""
    command = [*ground.module("chatting"), ground.servers, told, str(chats_rate), outcomes, str(rate)]
    process = subprocess.Popen(command)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _more(figure: str) -> Callable[[Round], float]:
    return lambda round: round[LINKS][figure] - round[PLAIN][figure]


PART = Part(
    "linked",
    "A process that links",
    f"{RATE:,} messages of 1 KB a second in lz4 batches from {PARTITIONS} partitions, one in ten of them an event, and "
    f"{CHATS_RATE} chats a second. A topic that links is read {DELAY_SECONDS} s behind: what waits for so long is more "
    "than there is memory for. Below, the way from append to API of another topic of the same process, at "
    f"{LATENCY_RATE:,} events a second, in the ordinary course and while {POINTS:,} chats of 1 KB are read (fewer in a "
    "quick run).",
    (
        Column("busy", "of a core", "{:.1%}"),
        Column("memory_mb", "memory", "{:.0f} MB"),
        Column("p50_ms", "p50", "{:,.1f} ms"),
        Column("p99_ms", "p99", "{:,.1f} ms"),
    ),
    cases,
    (
        Target("a topic that links: at most 5 % of a core more", _more("busy"), most=0.05),
        Target("p99 of another topic: at most 25 ms", value("p99_ms", of=STEADY), most=25),
        Target("p99 of another topic while chats are read: at most 50 ms", value("p99_ms", of=RESTORING), most=50),
    ),
    rounds=1,
)
