"""Messages of half a kilobyte, two and twenty; and the API over TLS."""

from __future__ import annotations

from functools import partial

from bench.ground import Ground, Make
from bench.measure import measure
from bench.part import Case, Column, Figures, Part
from bench.work import messages

SIZES = {500: 60_000, 2_000: 60_000, 20_000: 12_000}


def run(ground: Ground, size: int, make: Make) -> Figures:
    """Messages of this many bytes."""
    count, api = ground.count(SIZES[size]), ground.api()
    topic = ground.topic(f"size-{size}", partial(messages, count, size))
    return measure(make(topic, api), api, count).figures(count)


def cases(ground: Ground) -> list[Case]:
    """This pipeline, and by hand, at each size."""
    makers = {"this pipeline": ground.product, "by hand": ground.script("by_hand.py")}
    return [
        Case(f"{name}, {size / 1000:g} KB", partial(run, ground, size, make))
        for size in SIZES
        for name, make in makers.items()
    ]


PART = Part(
    "sizes",
    "Larger messages",
    "Every message becomes the same event, whatever else it holds: what grows is what has to be read.",
    (
        Column("rate", "events/s", "{:,.0f}"),
        Column("cpu_us", "us of CPU an event", "{:,.1f}"),
        Column("memory_mb", "memory", "{:.0f} MB"),
    ),
    cases,
    rounds=2,
)
