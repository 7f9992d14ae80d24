"""Operators of `when` that order numbers, texts and times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import MappingProxyType
from typing import Final

from greenflash_kafka.expressions.arithmetic import is_number
from greenflash_kafka.expressions.iso_times import iso_time
from greenflash_kafka.rules.when_operators.when_operator import (
    Holds,
    Literal,
    Unlike,
    WhenOperator,
    is_text,
)

Decide = Callable[[bool, bool], bool]
"""Whether the operator holds, from whether the value is less, and whether it is greater."""


def _ordered(given: Literal, decide: Decide) -> Holds:
    moment = iso_time(given) if isinstance(given, str) else None

    def holds(value: object) -> bool:
        bound: object = given
        if isinstance(value, datetime) and moment is not None:
            bound = moment
        elif not (is_number(value) and is_number(given)) and not (isinstance(value, str) and isinstance(given, str)):
            raise Unlike
        return decide(value < bound, value > bound)  # type: ignore[operator]

    return holds


def _operator(name: str, help: str, words: str, asks: str, decide: Decide) -> WhenOperator:
    return WhenOperator(
        name,
        help,
        {"type": ["number", "string"]},
        "a number or a text",
        lambda given: is_number(given) or is_text(given),
        prepare=lambda given: _ordered(given, decide),
        words=words,
        asks=asks,
    )


ABOVE: Final = _operator(
    "above",
    "greater than this number or text; a time is compared with ISO 8601, `2026-11-18` or `2026-11-18T11:06:40Z`",
    "is above {}",
    "more than {}",
    lambda _, greater: greater,
)
AT_LEAST: Final = _operator("at_least", "greater or equal", "is at least {}", "at least {}", lambda less, _: not less)
BELOW: Final = _operator("below", "less than", "is below {}", "less than {}", lambda less, _: less)
AT_MOST: Final = _operator("at_most", "less or equal", "is at most {}", "at most {}", lambda _, greater: not greater)

SIGNS: Final = MappingProxyType({"above": ">", "at_least": ">=", "below": "<", "at_most": "<="})
"""These operators as an expression writes them."""
