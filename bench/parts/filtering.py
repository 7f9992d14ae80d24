"""No rule matches: messages are read, looked at and committed, and nothing is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from bench.ground import Ground, Make
from bench.measure import measure
from bench.part import Case, Column, Figures, Part, Target, value
from bench.work import PARTITIONS, between_marks, cheaper_plans, other_types

OTHER, CHEAPER = "no rule names the type", "a rule's last condition fails"
OURS, HAND = "this pipeline", "by hand"


KINDS: Mapping[str, Callable[[int], Iterable[bytes]]] = {OTHER: other_types, CHEAPER: cheaper_plans}


def run(ground: Ground, kind: str, make: Make) -> Figures:
    """Read and drop messages of a kind."""
    count, api = ground.count(300_000), ground.api()
    topic = ground.topic(f"{KINDS[kind].__name__}-{count}", lambda: between_marks(KINDS[kind](count)))
    return measure(make(topic, api), api, 2 * PARTITIONS).figures(count)


def cases(ground: Ground) -> list[Case]:
    """This pipeline and the loop by hand at both kinds of messages."""
    makers = {OURS: ground.product, HAND: ground.script("by_hand.py")}
    return [
        Case(f"{name}: {kind}", partial(run, ground, kind, make)) for kind in KINDS for name, make in makers.items()
    ]


PART = Part(
    "filtering",
    "No rule matches",
    "Messages of 1 KB that become nothing. The first and the last message of each partition match, so that the API "
    "sees when it began and when it was done. By hand: consume, orjson, three `if`s.",
    (
        Column("cpu_us", "us of CPU a message", "{:,.1f}"),
        Column("rate", "messages/s", "{:,.0f}"),
        Column("memory_mb", "memory", "{:.0f} MB"),
        Column("busy", "sender's core busy", "{:.0%}"),
    ),
    cases,
    tuple(
        Target(f"{kind}: at most 5 us of CPU a message", value("cpu_us", of=f"{OURS}: {kind}"), most=5.0)
        for kind in KINDS
    ),
    bars=Column("cpu_us", "us of CPU a message that no rule matches (less is better)", "{:,.1f}"),
)
