"""Advice about amounts that are a hundred times what another field of the same sample says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import msgspec

from greenflash_kafka.cases.sample_advice.sampled_rules import SampledMessage, SampledRule
from greenflash_kafka.explanations.missing_paths import visited
from greenflash_kafka.expressions.arithmetic import read_number
from greenflash_kafka.expressions.names import Path

_AMOUNT: Final = re.compile(
    r"(amount|total|price|sum|value|cost|paid|due|revenue|fee|charge|balance|refund)|cents|minor", re.IGNORECASE
)
_MINOR: Final = re.compile(r"(^|_|(?<=[a-z]))(in_)?(cents?|minor(_?units?)?|pence)$", re.IGNORECASE)
_DIGITS: Final = re.compile(r"-?\d+([.,]\d+)?")


def check_amounts(sampled: SampledRule) -> None:
    """Say where an amount is a hundred times too large or too small, if all samples that match show it."""
    value = sampled.facts.merged.single.get("value")
    calls = value.expression.functions if value is not None and value.expression is not None else frozenset()
    read = {"money_major", "money_minor"} & calls
    if value is None or value.expression is None or len(read) != 1 or not sampled.matched:
        return
    (function,) = read
    found = [_evidence(sampled, sample, function) for sample in sampled.matched]
    if all(found) and found[0]:
        other = "money_minor" if function == "money_major" else "money_major"
        times = "a hundred times" if function == "money_major" else "a hundredth of"
        said = f"{sampled.facts.name} gives {times} what the samples say: {found[0]}"
        sampled.facts.report.add(value.value_at, "hundredfold-amount", said, f"{other}(...)")


def _evidence(sampled: SampledRule, sample: SampledMessage, function: str) -> str:
    """In words what says that the amount of the first event is wrong by two digits; "" if nothing does."""
    events = sampled.events(sample)
    amount = _amount_of(events[0].body) if events else None
    if not amount:
        return ""
    read = {path.steps for path in _read_paths(sampled) if path.root == "payload"}
    others = [each for each in _amounts(sample.payload) if each[0] not in read]
    if function == "money_minor":
        # The number that is read as cents is what another field says with a point, or itself in cents.
        found = [
            each for each in others if (each[1] == amount * 100 and _has_point(each[2])) or _is_minor(each, amount)
        ]
    elif amount != amount.to_integral_value():
        return ""
    else:
        if minor := [steps for steps in read if steps and _MINOR.search(str(steps[-1]))]:
            return f"{sampled.shown(Path('payload', minor[0]))} is minor units by its name"
        # A price and a hundred pieces are a hundred times the price, too.
        pieces = any(value == 100 for _, value in visited(sample.payload) if value.__class__ is int)
        found = [each for each in others if each[1] == amount / 100 and _has_point(each[2]) and not pieces]
    return (
        f"the event has {amount}, and {sampled.shown(Path('payload', found[0][0]))} is {found[0][2]}" if found else ""
    )


def _is_minor(field: tuple[tuple[str | int, ...], Decimal, str], amount: Decimal) -> bool:
    return field[1] == amount * 10_000 and _MINOR.search(str(field[0][-1])) is not None


def _has_point(written: str) -> bool:
    return "." in written or "," in written


def _amount_of(body: bytes) -> Decimal | None:
    event = msgspec.json.decode(body)
    if event.get("valueType") != "currency" or not isinstance(event.get("value"), str):
        return None
    return Decimal(event["value"])


def _read_paths(sampled: SampledRule) -> tuple[Path, ...]:
    expression = sampled.facts.merged.single["value"].expression
    return () if expression is None else expression.paths


def _amounts(payload: object) -> Iterator[tuple[tuple[str | int, ...], Decimal, str]]:
    """Fields that hold an amount by their name, with what they hold as a number and as it is written."""
    for way, value in visited(payload):
        if not way or not _AMOUNT.search(str(way[-1])):
            continue
        if isinstance(value, str):
            digits = _DIGITS.search(value)
            number = read_number(digits[0].replace(",", ".")) if digits is not None and len(value) < 40 else None
            if number is not None:
                yield way, Decimal(number), value
        elif isinstance(value, int | Decimal) and not isinstance(value, bool):
            yield way, Decimal(value), str(value)
