"""One process and two of one group, both on all cores, which they share with broker and server."""

from __future__ import annotations

from functools import partial

from bench.ground import Ground
from bench.measure import ALL_CORES, measure
from bench.part import Case, Column, Figures, Part, Target, ratio, value
from bench.work import messages

_NEARLY_ALL = 0.95
"""Share of the events after which one process may be done before the other."""

ONE, TWO = "1 process", "2 processes"
ONE_FAR, TWO_FAR = "1 process, API of 50 ms", "2 processes, API of 50 ms"


def cases(ground: Ground) -> list[Case]:
    """At an API that answers at once, and at one that takes 50 ms."""
    # A short run would be over before the second one has joined.
    short = "" if ground.scale >= 0.5 else "not in a short run"
    return [
        Case(ONE, partial(run, ground, 1, 0.0, ground.count(400_000)), short),
        Case(TWO, partial(run, ground, 2, 0.0, ground.count(400_000)), short),
        Case(ONE_FAR, partial(run, ground, 1, 0.05, ground.count(50_000, least=30_000))),
        Case(TWO_FAR, partial(run, ground, 2, 0.05, ground.count(50_000, least=30_000))),
    ]


def run(ground: Ground, processes: int, delay: float, count: int) -> Figures:
    """From when each has its partitions."""
    topic, api = ground.topic(f"full-{count}", partial(messages, count)), ground.api(delay)
    sender = ground.product(topic, api, cores=ALL_CORES, processes=processes)
    at_work = partial(ground.wait_for_members, sender, processes)
    return measure(sender, api, count, at_work, until=_NEARLY_ALL).figures(count)


PART = Part(
    "processes",
    "Two processes",
    "Two processes of one group beside one, both allowed on all cores: at an API that answers at once two processes "
    "have to share them with broker and server, so only the rows of 50 ms show what a second process brings. Measured "
    "from when every process has its partitions, until 95 % of the events have come.",
    (
        Column("rate", "events/s", "{:,.0f}"),
        Column("cpu_us", "us of CPU an event", "{:,.1f}"),
        Column("memory_mb", "memory of all", "{:.0f} MB"),
        Column("largest_mb", "of the largest", "{:.0f} MB"),
        Column("server_busy", "server busy", "{:.0%}"),
    ),
    cases,
    (
        Target(
            "2 processes at an API of 50 ms: at least 1.9 times one",
            ratio("rate", of=TWO_FAR, to=ONE_FAR),
            least=1.9,
        ),
        Target(
            "CPU an event with 2 processes: at most 1.1 times one's",
            ratio("cpu_us", of=TWO_FAR, to=ONE_FAR),
            most=1.1,
        ),
        Target("memory of a process: at most 150 MB", value("largest_mb", of=TWO), most=150),
    ),
    rounds=2,
)
