"""One process and two, both on all cores, which they share with broker and server."""

from __future__ import annotations

from functools import partial

from bench.ground import Ground
from bench.measure import ALL_CORES, measure
from bench.part import Case, Column, Figures, Part, Target, ratio, value
from bench.work import messages

ONE, TWO = "1 worker", "2 workers"
ONE_FAR, TWO_FAR = "1 worker, API of 50 ms", "2 workers, API of 50 ms"


def cases(ground: Ground) -> list[Case]:
    """At an API that answers at once, and at one that takes 50 ms."""
    near, far = ground.count(120_000), ground.count(30_000)
    topics = {count: ground.topic(f"full-{count}", partial(messages, count)) for count in (near, far)}

    def run(workers: int, delay: float, count: int) -> Figures:
        api = ground.api(delay)
        arguments = ("--workers", str(workers)) if workers > 1 else ()
        sender = ground.product(topics[count], api, cores=ALL_CORES, arguments=arguments)
        return measure(sender, api, count).figures(count)

    missing = "" if ground.knows_workers else "`run` has no --workers"
    return [
        Case(ONE, lambda: run(1, 0.0, near)),
        Case(TWO, lambda: run(2, 0.0, near), missing),
        Case(ONE_FAR, lambda: run(1, 0.05, far)),
        Case(TWO_FAR, lambda: run(2, 0.05, far), missing),
    ]


PART = Part(
    "workers",
    "Two workers",
    "`run --workers 2` beside one process, both allowed on all cores: at an API that answers at once two workers have "
    "to share them with broker and server, so only the rows of 50 ms show what a second worker brings.",
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
