"""Every message becomes one event: one core, the API answers at once."""

from __future__ import annotations

from functools import partial

from bench.ground import Ground, Make
from bench.measure import measure
from bench.part import Case, Column, Figures, Part, Target, ratio
from bench.work import messages

HTTPX = "plain SDK loop, httpx"
AIOHTTP = "plain SDK loop, aiohttp"
SDK = "this pipeline, transport `sdk`"
CURL = "this pipeline, transport `curl`"
HAND = "by hand, no guarantees"


MANY, FEW = 120_000, 3_000
"""The slow ones send a fortieth of what the fast ones do."""


def run(ground: Ground, full: int, make: Make) -> Figures:
    """Send so many events in a full run."""
    count, api = ground.count(full), ground.api()
    topic = ground.topic(f"full-{count}", partial(messages, count))
    return measure(make(topic, api), api, count).figures(count)


def cases(ground: Ground) -> list[Case]:
    """The slow ones first."""
    by_sdk = partial(ground.product, transport="sdk")
    return [
        Case(HTTPX, partial(run, ground, FEW, ground.script("plain_loop.py", "httpx"))),
        Case(AIOHTTP, partial(run, ground, FEW, ground.script("plain_loop.py", "aiohttp"))),
        Case(SDK, partial(run, ground, FEW, by_sdk)),
        Case(CURL, partial(run, ground, MANY, ground.product)),
        Case(HAND, partial(run, ground, MANY, ground.script("by_hand.py"))),
    ]


PART = Part(
    "sending",
    "Every message becomes an event",
    "The sender has one core. Messages of 1 KB, 128 requests at once, an API that answers at once.",
    (
        Column("rate", "events/s", "{:,.0f}"),
        Column("rate", "x plain loop", "{:.1f}", base=HTTPX),
        Column("rate", "of by hand", "{:.2f}", base=HAND),
        Column("cpu_us", "us of CPU an event", "{:,.1f}"),
        Column("memory_mb", "memory", "{:.0f} MB"),
        Column("busy", "sender's core busy", "{:.0%}"),
        Column("server_busy", "server busy", "{:.0%}"),
    ),
    cases,
    (
        Target("events/s: at least 0.6 of the hand-written bound", ratio("rate", of=CURL, to=HAND), least=0.6),
        Target("CPU an event: at most 1/0.6 of the bound's", ratio("cpu_us", of=CURL, to=HAND), most=1.67),
    ),
    bars=Column("rate", "events a second on one core (more is better)", "{:,.0f}"),
)
