"""Functions of numbers. Of a list with a missing element, or of an empty one, they give missing."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Sequence
from typing import Any, Final

from greenflash_kafka.rules.expressions.arithmetic import add, divide, number_of, read_number, rounded
from greenflash_kafka.rules.expressions.functions.definition import Function, Parameter, mismatch, text_of, whole_of
from greenflash_kafka.rules.expressions.operators import less
from greenflash_kafka.rules.expressions.refusals import EvaluationError
from greenflash_kafka.rules.expressions.scope import Scope, spend_steps
from greenflash_kafka.rules.expressions.values import type_of

Number = Any


def number(x: object) -> Number:
    """The number that a text writes."""
    if type_of(x) == "number":
        return x
    read = read_number(text_of("number", x))
    if read is None:
        raise EvaluationError("bad-number", 'number takes text like "12", "-0.5" or "1e3", and this text is none')
    return read


def round_(x: object, n: object = 0) -> Number:
    """Half away from zero."""
    value = number_of("round", x)
    return rounded(value, whole_of("round", "n", n, -1_000))


def floor(x: object) -> Number:
    """The next whole number below, or the number itself."""
    return rounded(number_of("floor", x), 0, decimal.ROUND_FLOOR)


def ceil(x: object) -> Number:
    """The next whole number above, or the number itself."""
    return rounded(number_of("ceil", x), 0, decimal.ROUND_CEILING)


def abs_(x: object) -> Number:
    """Without its sign."""
    value = number_of("abs", x)
    return abs(value) if isinstance(value, int) else value.copy_abs()


def _elements(scope: Scope, function: str, values: tuple[object, ...]) -> list[object] | None:
    """The list, or the several arguments; None when it is empty or one of them is missing."""
    elements: Any = values
    if len(values) == 1:
        elements = values[0]
        if elements is None:
            return None
        if elements.__class__ is not list:
            raise mismatch(function, "a list, or several values", elements)
    spend_steps(scope, len(elements))
    if not elements or any(element is None for element in elements):
        return None
    return list(elements)


def _best(function: str, better: Callable[[object, object], bool]) -> Callable[..., Any]:
    def best(scope: Scope, *values: object) -> Any:
        elements = _elements(scope, function, values)
        if elements is None:
            return None
        found = elements[0]
        if type_of(found) not in ("number", "text", "money", "time"):
            raise mismatch(function, "numbers, texts or times", found)
        for element in elements[1:]:
            if better(element, found):
                found = element
        return found

    return best


def sum_(scope: Scope, *values: object) -> Number:
    """All numbers added; missing when one is."""
    elements = _elements(scope, "sum", values)
    return None if elements is None else _total("sum", elements)


def avg(scope: Scope, *values: object) -> Number:
    """The sum by the count; missing when an element is."""
    elements = _elements(scope, "avg", values)
    return None if elements is None else divide(_total("avg", elements), len(elements))


def _total(function: str, elements: Sequence[object]) -> Number:
    total: Number = 0
    for element in elements:
        total = add(total, number_of(function, element))
    return total


_X: Final = Parameter("x", ("number",))
_NUMBERS: Final = Parameter("x", ("list", "number"), many=True)
_VALUES: Final = Parameter("x", ("list", "number", "text", "time"), many=True)

FUNCTIONS: Final = (
    Function(
        "number",
        "numbers",
        (Parameter("x", ("text", "number")),),
        "number",
        "The number that a text writes; text that writes none is bad-number.",
        'number("12.50")',
        "12.5",
        number,
    ),
    Function(
        "round",
        "numbers",
        (_X, Parameter("n", ("number",), optional=True)),
        "number",
        "Rounded to n digits after the point (0 when not said), half away from zero.",
        "round(2.345, 2)",
        "2.35",
        round_,
    ),
    Function("floor", "numbers", (_X,), "number", "The whole number at or below.", "floor(-2.5)", "-3", floor),
    Function("ceil", "numbers", (_X,), "number", "The whole number at or above.", "ceil(2.1)", "3", ceil),
    Function("abs", "numbers", (_X,), "number", "Without its sign.", "abs(-2.5)", "2.5", abs_),
    Function(
        "min",
        "numbers",
        (_VALUES,),
        "any",
        "The smallest of a list, or of several values; missing when one is missing.",
        "min(3, 1, 2)",
        "1",
        _best("min", less),
        scoped=True,
        takes_missing=True,
    ),
    Function(
        "max",
        "numbers",
        (_VALUES,),
        "any",
        "The largest of a list, or of several values; missing when one is missing.",
        "max([3, 1, 2])",
        "3",
        _best("max", lambda a, b: less(b, a)),
        scoped=True,
        takes_missing=True,
    ),
    Function(
        "sum",
        "numbers",
        (_NUMBERS,),
        "number",
        "All numbers of a list added; missing when one is missing, or the list is empty.",
        "sum([0.1, 0.2])",
        "0.3",
        sum_,
        scoped=True,
        takes_missing=True,
    ),
    Function(
        "avg",
        "numbers",
        (_NUMBERS,),
        "number",
        "The average of a list's numbers; missing when one is missing, or the list is empty.",
        "avg([1, 2])",
        "1.5",
        avg,
        scoped=True,
        takes_missing=True,
    ),
)
