"""The API over TLS, by a certificate of its own authority."""

from __future__ import annotations

from functools import partial

from bench.ground import Ground, Make
from bench.measure import measure
from bench.part import Case, Column, Figures, Part
from bench.work import messages

PLAIN, TLS, HAND = "this pipeline, http", "this pipeline, https", "by hand, https"
HTTP2, HAND2 = "this pipeline, https, HTTP/2", "by hand, https, HTTP/2"


def run(ground: Ground, tls: bool, http2: bool, make: Make) -> Figures:
    """With TLS or without, and with HTTP/2 or without."""
    count, api = ground.count(60_000), ground.api(tls=tls, http2=http2)
    topic = ground.topic(f"full-{count}", partial(messages, count))
    return measure(make(topic, api), api, count).figures(count)


def cases(ground: Ground) -> list[Case]:
    """With and without, and by hand with."""
    by_hand = ground.script("by_hand.py")
    return [
        Case(PLAIN, partial(run, ground, False, False, ground.product)),
        Case(TLS, partial(run, ground, True, False, ground.product)),
        Case(HAND, partial(run, ground, True, False, by_hand)),
        Case(HTTP2, partial(run, ground, True, True, ground.product)),
        Case(HAND2, partial(run, ground, True, True, by_hand)),
    ]


PART = Part(
    "tls",
    "TLS to the API, and HTTP/2",
    "TLS 1.3, `greenflash.ca_file` names the authority; the connections are opened once and kept. Over HTTP/2 all "
    "requests share one.",
    (
        Column("rate", "events/s", "{:,.0f}"),
        Column("cpu_us", "us of CPU an event", "{:,.1f}"),
        Column("memory_mb", "memory", "{:.0f} MB"),
        Column("server_busy", "server busy", "{:.0%}"),
    ),
    cases,
    rounds=2,
)
