"""`sample` of a rule: events of a fixed part of all users, say, are built; those of others are counted."""

from __future__ import annotations

from typing import Final

import msgspec

from greenflash_kafka.expressions.expression import Expression
from greenflash_kafka.expressions.functions.ids import bucket
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules.event_code import Build
from greenflash_kafka.rules.results import Draft

PARTS: Final = 1_000_000
"""Buckets of a sample: whoever is in a small sample is in each larger one, too."""


class Sample(msgspec.Struct, frozen=True):
    """Of whom (`by`) how many of `PARTS` are kept; `revenue`: a part of the amounts is meant."""

    by: Expression
    kept: int
    revenue: bool


def sampled(rule: str, sample: Sample, build: Build) -> Build:
    """`build` for those who are in the sample; whoever isn't is counted, and so is a message that doesn't say who."""
    evaluate = sample.by.evaluate
    out = Count("sampled-out", rule, "sample")

    def build_sampled(scope: Scope, drafts: list[Draft], problems: list[Problem], counts: list[Count]) -> None:
        try:
            who = evaluate(scope)
            if who is not None and bucket.call(scope, who, PARTS) < sample.kept:
                build(scope, drafts, problems, counts)
                return
        except EvaluationError as error:
            counts.append(Count(error.code, rule, "sample.by"))
        counts.append(out)

    return build_sampled
