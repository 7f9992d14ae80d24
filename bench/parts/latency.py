"""From the append of a message to the API's seeing its event, at 1,000 messages a second."""

from __future__ import annotations

import subprocess
from functools import partial

from bench.ground import Ground, Make
from bench.measure import measure
from bench.part import Case, Column, Figures, Part, Target, value
from bench.work import messages

RATE = 1000
WARM = 50
"""Messages that are there before; they aren't timed."""

HTTPX, AIOHTTP = "plain SDK loop, httpx", "plain SDK loop, aiohttp"
OURS = "this pipeline"


def run(ground: Ground, make: Make) -> Figures:
    """15 s of messages at that pace (2 at least), on a topic of its own."""
    count, api = ground.count(15 * RATE, least=2 * RATE), ground.api()
    topic = ground.topic(ground.kafka.name("latency"), partial(messages, WARM))
    producer = [*ground.module("steady"), ground.servers, topic, str(count), str(RATE)]
    started: list[subprocess.Popen[bytes]] = []
    try:
        run = measure(make(topic, api), api, WARM + count, lambda: started.append(subprocess.Popen(producer)))
    finally:
        for each in started:
            each.kill()
            each.wait()
    return run.figures(WARM + count)


def cases(ground: Ground) -> list[Case]:
    """This pipeline and the plain loops."""
    makers = {
        HTTPX: ground.script("plain_loop.py", "httpx"),
        AIOHTTP: ground.script("plain_loop.py", "aiohttp"),
        OURS: ground.product,
    }
    return [Case(name, partial(run, ground, make)) for name, make in makers.items()]


PART = Part(
    "latency",
    "From append to API",
    f"A producer appends {RATE:,} messages a second without lingering and writes the time into each; the answering "
    "server takes the difference when it sees the event. One machine, one monotonic clock. Whoever can't send so "
    "many falls further behind the longer it runs.",
    (
        Column("p50_ms", "p50", "{:,.1f} ms"),
        Column("p99_ms", "p99", "{:,.1f} ms"),
        Column("cpu_us", "us of CPU an event", "{:,.0f}"),
        Column("rate", "events/s", "{:,.0f}"),
    ),
    cases,
    (
        Target("p50: at most 2 ms", value("p50_ms", of=OURS), most=2.0),
        Target("p99: at most 25 ms", value("p99_ms", of=OURS), most=25.0),
    ),
    rounds=2,
    bars=Column("p99_ms", "ms from append to API at 1,000 messages a second, 99 of 100 (less is better)", "{:,.0f}"),
)
