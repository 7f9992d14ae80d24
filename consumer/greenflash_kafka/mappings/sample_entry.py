"""`sample` of a rule, read from a mapping file."""

from __future__ import annotations

from decimal import Decimal

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import Values
from greenflash_kafka.documents.yaml_nodes import Scalar, place
from greenflash_kafka.mappings.value_compiler import ValueCompiler
from greenflash_kafka.rules.sample import PARTS, Sample


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
