"""`sample` of a rule: events of a fixed part of all users, say, are built; those of others are counted."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import Values
from greenflash_kafka.documents.yaml_nodes import Scalar, place
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules.event_code import Build
from greenflash_kafka.rules.expressions.expression import Expression
from greenflash_kafka.rules.expressions.functions.ids import bucket
from greenflash_kafka.rules.expressions.refusals import EvaluationError
from greenflash_kafka.rules.expressions.scope import Scope
from greenflash_kafka.rules.results import Draft
from greenflash_kafka.rules.value_compiler import ValueCompiler

PARTS: Final = 1_000_000
"""Buckets of a sample: whoever is in a small sample is in each larger one, too."""


class Sample(msgspec.Struct, frozen=True):
    """Of whom (`by`) how many of `PARTS` are kept; `revenue`: a part of the amounts is meant."""

    by: Expression
    kept: int
    revenue: bool


def read_sample(values: object, compiler: ValueCompiler, report: FileReport) -> Sample | None:
    """The `sample` of a rule; None without one, and for one with mistakes, which go to `report`."""
    if not isinstance(values, Values):
        return None
    by, rate = values.get("by"), values.get("rate")
    expression = compiler.expression(by) if isinstance(by, Scalar) else None
    if isinstance(by, Scalar) and expression is not None and expression.constant:
        said = "`by` is the same for every message, so all events are kept, or none"
        report.add(place(by), "wrong-type", said, "by: payload.user_id")
        return None
    kept = _kept(rate, report) if isinstance(rate, Scalar) else None
    if expression is None or kept is None:
        return None
    return Sample(expression, kept, values.get("revenue") is True)


def _kept(rate: Scalar, report: FileReport) -> int | None:
    number = rate.value
    if isinstance(number, int | Decimal) and not isinstance(number, bool) and 0 < number <= 1:
        kept = number * PARTS
        if kept == int(kept):
            return int(kept)
        report.add(place(rate), "wrong-type", "a rate has at most 6 digits after the point", "rate: 0.1")
        return None
    hint = "rate: 0.1 keeps a tenth"
    if isinstance(rate.text, str) and rate.text.rstrip().endswith("%") and rate.text.rstrip(" %").isdigit():
        hint = f"rate: {Decimal(rate.text.rstrip(' %')) / 100}"
    report.add(place(rate), "wrong-type", "a rate is a number above 0 and at most 1", hint)
    return None


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
