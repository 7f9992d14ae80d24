"""5, 50 and 500 rules at the same traffic."""

from __future__ import annotations

from functools import partial

from bench.ground import Ground
from bench.measure import measure
from bench.part import Case, Column, Figures, Part, Target, ratio
from bench.work import PARTITIONS, between_marks, mapping_of, messages, other_types

NUMBERS = (5, 50, 500)


def _matches(rules: int) -> str:
    return f"{rules} rules, one matches"


def _filtered(rules: int) -> str:
    return f"{rules} rules, none matches"


def cases(ground: Ground) -> list[Case]:
    """Traffic of which every message matches one rule, and traffic that matches none."""
    many, dropped = ground.count(40_000), ground.count(150_000)
    api = ground.api()
    full = ground.topic(f"full-{many}", partial(messages, many))
    other = ground.topic(f"other-{dropped}", lambda: between_marks(other_types(dropped)))

    def run(topic: str, rules: int, events: int, count: int) -> Figures:
        return measure(ground.product(topic, api, rules=mapping_of(rules)), api, events).figures(count)

    return [Case(_matches(rules), partial(run, full, rules, many, many)) for rules in NUMBERS] + [
        Case(_filtered(rules), partial(run, other, rules, 2 * PARTITIONS, dropped)) for rules in NUMBERS
    ]


PART = Part(
    "rules",
    "More rules",
    "The same messages under 5, 50 and 500 rules. Four rules ask for the messages' own type and differ in what else "
    "they ask for; the others ask for a hundred other types.",
    (
        Column("cpu_us", "us of CPU a message", "{:,.1f}"),
        Column("rate", "messages/s", "{:,.0f}"),
        Column("memory_mb", "memory", "{:.0f} MB"),
    ),
    cases,
    tuple(
        Target(
            f"CPU with {name(500)}: at most 1.5 times that of 5",
            ratio("cpu_us", of=name(500), to=name(5)),
            most=1.5,
        )
        for name in (_matches, _filtered)
    ),
    bars=Column("cpu_us", "us of CPU a message by number of rules (flat is better)", "{:,.1f}"),
)
