"""Memory while a million messages wait."""

from __future__ import annotations

from functools import partial

from bench.ground import Ground
from bench.part import Case, Column, Part, Target, value
from bench.parts.sending import run

OURS = "this pipeline"
HAND = "by hand"


def cases(ground: Ground) -> list[Case]:
    """This pipeline, and by hand."""
    return [
        Case(OURS, partial(run, ground, 1_000_000, ground.product)),
        Case(HAND, partial(run, ground, 1_000_000, ground.script("by_hand.py"))),
    ]


PART = Part(
    "memory",
    "A million messages behind",
    "The group begins at the start of 1,000,000 messages of 1 KB (fewer in a quick run), each of which becomes an "
    "event. The growth is the most that was resident in the second half of the time, by the most in the first.",
    (
        Column("memory_mb", "peak", "{:.0f} MB"),
        Column("growth", "growth", "{:.2f}"),
        Column("rate", "events/s", "{:,.0f}"),
        Column("cpu_us", "us of CPU an event", "{:,.1f}"),
    ),
    cases,
    (
        Target("memory: at most 150 MB", value("memory_mb", of=OURS), most=150),
        Target("flat: the second half needs at most 1.1 times the first", value("growth", of=OURS), most=1.1),
    ),
    rounds=1,
    bars=Column("memory_mb", "MB of memory, a million messages behind (less is better)", "{:,.0f}"),
)
