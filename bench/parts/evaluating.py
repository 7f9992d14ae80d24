"""A rule of eight fields, without Kafka and HTTP."""

from __future__ import annotations

import msgspec

from bench.ground import Ground
from bench.measure import Sender
from bench.part import Case, Column, Figures, Part, Target, value
from bench.parts.startup import output
from bench.work import EIGHT_FIELDS

OURS = "`evaluate`"


def cases(ground: Ground) -> list[Case]:
    """One process on the sender's core."""
    mapping = ground.mapping("eight-fields", EIGHT_FIELDS)

    def evaluate() -> Figures:
        told = output(Sender([*ground.module("evaluating"), str(mapping), "eight-fields"]))
        return msgspec.json.decode(told, type=dict[str, float])

    return [Case(OURS, evaluate)]


PART = Part(
    "evaluating",
    "A rule of eight fields",
    "`evaluate` makes the event's body of a message of 1 KB: four conditions, eight fields, an exact amount, a time, "
    "an id, each checked against what the API takes. In one process, without Kafka and HTTP.",
    (
        Column("evaluate_us", "us of CPU a message", "{:.1f}"),
        Column("decode_us", "to decode it whole would take", "{:.1f}"),
    ),
    cases,
    (Target("a rule of 8 fields, decoding included: at most 8 us", value("evaluate_us", of=OURS), most=8.0),),
)
