"""Functions of numbers. Of a list with a missing element, or of an empty one, they give missing."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeAlias

from greenflash_kafka.expressions.arithmetic import add, divide, number_of, read_number, rounded
from greenflash_kafka.expressions.functions.argument_types import (
    Anything,
    Number,
    mismatch,
    one_of,
    text_of,
    whole_number,
)
from greenflash_kafka.expressions.functions.definition import function
from greenflash_kafka.expressions.operand import common_type
from greenflash_kafka.expressions.operators import less
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.values import Type, type_of


@function(example='number("12.50")', gives="12.5", fails={'number("12,50")': "bad-number"})
def number(x: Annotated[Any, one_of("text", "number")]) -> Number:
    """The number that a text writes; text that writes none is bad-number."""
    if type_of(x) == "number":
        value: Number = x
        return value
    read = read_number(text_of("number", x))
    if read is None:
        raise EvaluationError("bad-number", 'number takes text like "12", "-0.5" or "1e3", not this text')
    return read


@function(example="round(2.345, 2)", gives="2.35")
def round_(x: Number, n: Annotated[int, whole_number("n", -1_000, "a whole number, also negative")] = 0) -> Number:
    """Rounded to n digits after the point (0 when not said), half away from zero."""
    return rounded(x, n)


@function(example="floor(-2.5)", gives="-3")
def floor(x: Number) -> Number:
    """The whole number at or below."""
    return rounded(x, 0, decimal.ROUND_FLOOR)


@function(example="ceil(2.1)", gives="3")
def ceil(x: Number) -> Number:
    """The whole number at or above."""
    return rounded(x, 0, decimal.ROUND_CEILING)


@function(example="abs(-2.5)", gives="2.5")
def abs_(x: Number) -> Number:
    """Without its sign."""
    return abs(x) if isinstance(x, int) else x.copy_abs()


Values: TypeAlias = Annotated[Any, one_of("list", "number", "text", "time")]
Numbers: TypeAlias = Annotated[Any, one_of("list", "number")]


def _walked(*x: Any) -> int | None:
    """A step for each value, of the list or of the several arguments."""
    if len(x) > 1:
        return len(x)
    return len(x[0]) if x[0].__class__ is list else None


def _elements(function: str, values: tuple[Any, ...]) -> Sequence[Any] | None:
    """The list, or the several arguments; None when it is empty or one of them is missing."""
    elements: Any = values
    if len(values) == 1:
        elements = values[0]
        if elements is not None and elements.__class__ is not list:
            raise mismatch(function, "a list, or several values", elements)
    return None if not elements or any(element is None for element in elements) else elements


def _best(function: str, values: tuple[Any, ...], better: Callable[[Any, Any], bool]) -> Any:
    elements = _elements(function, values)
    if elements is None:
        return None
    found = elements[0]
    if type_of(found) not in ("number", "text", "money", "time"):
        raise mismatch(function, "numbers, texts or times", found)
    for element in elements[1:]:
        if better(element, found):
            found = element
    return found


def _of_values(types: Sequence[Type]) -> Type:
    """The type that all values have; of a list's elements nothing is known."""
    kind = types[0] if len(types) > 1 else "any"
    for other in types[1:]:
        kind = common_type(kind, other)
    return kind


@function(
    example="min(3, 1, 2)", gives="1", fails={'min(1, "a")': "type-mismatch"}, steps=_walked, result_type=_of_values
)
def min_(*x: Values | None) -> Anything | None:
    """The smallest of a list, or of several values; missing when one is missing.

    All values are numbers, or texts, or times; others are the problem `type-mismatch`.
    """
    return _best("min", x, less)


@function(
    example="max([3, 1, 2])", gives="3", fails={'max(1, "a")': "type-mismatch"}, steps=_walked, result_type=_of_values
)
def max_(*x: Values | None) -> Anything | None:
    """The largest of a list, or of several values; missing when one is missing.

    All values are numbers, or texts, or times; others are the problem `type-mismatch`.
    """
    return _best("max", x, lambda value, found: less(found, value))


@function(example="sum([0.1, 0.2])", gives="0.3", steps=_walked)
def sum_(*x: Numbers | None) -> Number | None:
    """All numbers of a list added; missing when one is missing, or the list is empty."""
    elements = _elements("sum", x)
    return None if elements is None else _total("sum", elements)


@function(example="avg([1, 2])", gives="1.5", steps=_walked)
def avg(*x: Numbers | None) -> Number | None:
    """The average of a list's numbers; missing when one is missing, or the list is empty."""
    elements = _elements("avg", x)
    return None if elements is None else divide(_total("avg", elements), len(elements))


def _total(function: str, elements: Sequence[object]) -> Number:
    total: Number = 0
    for element in elements:
        total = add(total, number_of(function, element))
    return total
