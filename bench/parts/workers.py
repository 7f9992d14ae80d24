"""One process and two, both on all cores, which they share with broker and server."""

from __future__ import annotations

from functools import partial

from bench.ground import Ground
from bench.measure import ALL_CORES, measure
from bench.part import Case, Column, Figures, Part, Target, ratio, value
from bench.work import messages

_NEARLY_ALL = 0.95
"""Share of the events after which one worker may be done before the other."""

ONE, TWO = "1 worker", "2 workers"
ONE_FAR, TWO_FAR = "1 worker, API of 50 ms", "2 workers, API of 50 ms"


def cases(ground: Ground) -> list[Case]:
    """At an API that answers at once, and at one that takes 50 ms."""
    missing = "" if ground.knows_workers else "`run` has no --workers"
    # A short run would be over before the second one has joined.
    short = "" if ground.scale >= 0.5 else "not in a short run"
    return [
        Case(ONE, partial(run, ground, 1, 0.0, ground.count(400_000)), short),
        Case(TWO, partial(run, ground, 2, 0.0, ground.count(400_000)), missing or short),
        Case(ONE_FAR, partial(run, ground, 1, 0.05, ground.count(50_000, least=30_000))),
        Case(TWO_FAR, partial(run, ground, 2, 0.05, ground.count(50_000, least=30_000)), missing),
    ]


def run(ground: Ground, workers: int, delay: float, count: int) -> Figures:
    """From when each has its partitions."""
    topic, api = ground.topic(f"full-{count}", partial(messages, count)), ground.api(delay)
    arguments = ("--workers", str(workers)) if workers > 1 else ()
    sender = ground.product(topic, api, cores=ALL_CORES, arguments=arguments)
    at_work = partial(ground.wait_for_members, sender, workers)
    return measure(sender, api, count, at_work, until=_NEARLY_ALL).figures(count)


PART = Part(
    "workers",
    "Two workers",
    "`run --workers 2` beside one process, both allowed on all cores: at an API that answers at once two workers have "
    "to share them with broker and server, so only the rows of 50 ms show what a second worker brings. Measured "
    "from when every worker has its partitions, until 95 % of the events have come.",
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
            "2 workers at an API of 50 ms: at least 1.9 times one",
            ratio("rate", of=TWO_FAR, to=ONE_FAR),
            least=1.9,
        ),
        Target(
            "CPU an event with 2 workers: at most 1.1 times one's",
            ratio("cpu_us", of=TWO_FAR, to=ONE_FAR),
            most=1.1,
        ),
        Target("memory of a worker: at most 150 MB", value("largest_mb", of=TWO), most=150),
    ),
    rounds=2,
)
