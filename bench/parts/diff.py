"""`diff` over history, beside `evaluate` by both rule sets, the least that it can cost."""

from __future__ import annotations

import json
import resource
import time
from functools import partial

import msgspec

from bench.ground import PRODUCT, Ground
from bench.measure import ALL_CORES, Sender
from bench.part import Case, Column, Figures, Part, Round, Target, value
from bench.parts.startup import output
from bench.work import MAPPING, mixed
from tests.brokers.kafka import COMPRESSED

MESSAGES = 1_000_000
MIXES = {"one in ten an event": 10, "all of them events": 1}
CHANGED = MAPPING.replace("source: stripe\n", "source: billing\n")
"""Every event of the first rule differs in a property."""

USUAL = "one in ten an event"
WIDE = f"`diff` of as many processes as it takes, {USUAL}"


def _ours(mix: str) -> str:
    return f"`diff` of one process, {mix}"


def _twice(mix: str) -> str:
    return f"`evaluate` twice, {mix}"


def cases(ground: Ground) -> list[Case]:
    """Each mix by one process and by `evaluate` alone, and the first by the whole machine."""
    count = ground.count(MESSAGES, least=20_000)

    def topic(every: int) -> str:
        return ground.topic(f"mixed-{count}-{every}", lambda: mixed(count, every), COMPRESSED)

    def files(every: int) -> list[str]:
        sides = (("old", MAPPING), ("new", CHANGED))
        return [str(ground.mapping(topic(every), rules, f"{side}-{every}")) for side, rules in sides]

    def diff(every: int, workers: str, cores: frozenset[int]) -> Figures:
        command = [PRODUCT, "diff", *files(every), "--since", "1d", "--workers", workers, "--json"]
        environment = {"KAFKA_BOOTSTRAP_SERVERS": ground.servers}
        before, began = _cpu(), time.monotonic()
        told = json.loads(output(Sender(command, environment, cores)))
        seconds, cpu = time.monotonic() - began, _cpu() - before
        assert told["messages"] == count, told["messages"]
        return {"cpu_us": cpu / count * 1e6, "rate_core": count / cpu, "rate": count / seconds}

    def twice(every: int) -> Figures:
        command = [*ground.module("evaluating_twice"), *files(every), topic(every), str(every)]
        return msgspec.json.decode(output(Sender(command)), type=dict[str, float])

    alone = Sender(()).cores
    found = []
    for mix, every in MIXES.items():
        found.append(Case(_ours(mix), partial(diff, every, "1", alone)))
        found.append(Case(_twice(mix), partial(twice, every)))
    return [*found, Case(WIDE, partial(diff, MIXES[USUAL], "auto", ALL_CORES))]


def _cpu() -> float:
    """CPU seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _times(round: Round) -> float:
    return round[_ours(USUAL)]["cpu_us"] / round[_twice(USUAL)]["cpu_us"]


PART = Part(
    "diff",
    "Two rule sets on history",
    f"`diff` of two files that differ in one property, over {MESSAGES:,} messages of 1 KB in zstd batches (fewer in a "
    "quick run), its start and its report included. Beside it `evaluate` alone by both rule sets, in one process, "
    "without Kafka, pairing and figures.",
    (
        Column("cpu_us", "us of CPU a message", "{:.1f}"),
        Column("rate_core", "messages/s and core", "{:,.0f}"),
        Column("rate", "messages/s", "{:,.0f}"),
    ),
    cases,
    (
        Target("at least 48,000 messages/s and core", value("rate_core", of=_ours(USUAL)), least=48_000),
        Target(f"CPU of `diff`, {USUAL}: at most twice that of `evaluate` twice", _times, most=2.0),
        Target("10,000,000 messages in 5 minutes: at least 33,333 a second", value("rate", of=WIDE), least=33_333),
    ),
    rounds=1,
)
