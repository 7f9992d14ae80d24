"""Exact arithmetic: whole numbers as they are, everything else decimal with 34 digits, and no number without bounds."""

from __future__ import annotations

import decimal
import re
from decimal import Decimal
from typing import Final

from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.values import NAMES, type_of

DIGITS: Final = 34
"""Significant digits of a decimal result, as in IEEE 754's decimal128."""

_POWER: Final = 999

_TRAPS: Final = [decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow, decimal.Underflow]

_RESULTS: Final = decimal.Context(
    prec=DIGITS, rounding=decimal.ROUND_HALF_EVEN, Emax=_POWER, Emin=-_POWER, traps=_TRAPS, capitals=1, clamp=0
)

_WIDE: Final = decimal.Context(
    prec=6_000, rounding=decimal.ROUND_HALF_UP, Emax=6_000, Emin=-6_000, traps=_TRAPS, capitals=1, clamp=0
)
"""For steps that must not lose a digit of an operand: any number of a message fits. Its half up is away from zero."""

_WHOLE_LIMIT: Final = 10**1_000

Number = int | Decimal


def _mismatch(what: str, value: object) -> EvaluationError:
    kind = type_of(value)
    advice = "; concat joins texts, number(x) converts one" if isinstance(value, str) else ""
    return EvaluationError("type-mismatch", f"{what} takes numbers, not {NAMES[kind]}{advice}")


def is_number(value: object) -> bool:
    """Whether it is an int or a Decimal; a boolean is not."""
    return value.__class__ is int or isinstance(value, Decimal)


def number_of(what: str, value: object) -> Number:
    """The value, if it is a number. Raises EvaluationError `type-mismatch`; `what` names who wants it."""
    if value.__class__ is int or isinstance(value, Decimal):
        return value
    raise _mismatch(what, value)


def _bounded(result: int) -> int:
    if -_WHOLE_LIMIT < result < _WHOLE_LIMIT:
        return result
    raise EvaluationError("bad-number", "a result has more than 1,000 digits")


def _decimal(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(value)


def _out_of_range(error: decimal.DecimalException) -> EvaluationError:
    size = "close to zero" if isinstance(error, decimal.Underflow) else "large"
    return EvaluationError("bad-number", f"a result is too {size} to be worked with")


def add(left: object, right: object) -> Number:
    """`left + right`."""
    if left.__class__ is int and right.__class__ is int:
        return _bounded(left + right)
    a, b = number_of("+", left), number_of("+", right)
    try:
        return _RESULTS.add(_decimal(a), _decimal(b))
    except decimal.DecimalException as error:
        raise _out_of_range(error) from None


def subtract(left: object, right: object) -> Number:
    """`left - right`."""
    if left.__class__ is int and right.__class__ is int:
        return _bounded(left - right)
    a, b = number_of("-", left), number_of("-", right)
    try:
        return _RESULTS.subtract(_decimal(a), _decimal(b))
    except decimal.DecimalException as error:
        raise _out_of_range(error) from None


def multiply(left: object, right: object) -> Number:
    """`left * right`."""
    if left.__class__ is int and right.__class__ is int:
        return _bounded(left * right)
    a, b = number_of("*", left), number_of("*", right)
    try:
        return _RESULTS.multiply(_decimal(a), _decimal(b))
    except decimal.DecimalException as error:
        raise _out_of_range(error) from None


def divide(left: object, right: object) -> Number:
    """`left / right`, always a decimal division. Raises EvaluationError `division-by-zero` too."""
    a, b = number_of("/", left), number_of("/", right)
    if not b:
        raise EvaluationError("division-by-zero", "divided by zero")
    try:
        return _RESULTS.divide(_decimal(a), _decimal(b))
    except decimal.DecimalException as error:
        raise _out_of_range(error) from None


def remainder(left: object, right: object) -> Number:
    """`left % right`, with the sign of `left`. Raises EvaluationError `division-by-zero` too."""
    a, b = number_of("%", left), number_of("%", right)
    if not b:
        raise EvaluationError("division-by-zero", "the remainder of a division by zero")
    if isinstance(a, int) and isinstance(b, int):
        rest = abs(a) % abs(b)
        return -rest if a < 0 else rest
    try:
        return _RESULTS.plus(_WIDE.remainder(_decimal(a), _decimal(b)))
    except decimal.DecimalException as error:
        raise _out_of_range(error) from None


def negate(value: object) -> Number:
    """`-value`."""
    number = number_of("-", value)
    return -number if isinstance(number, int) else number.copy_negate()


def rounded(number: Number, places: int, rounding: str = decimal.ROUND_HALF_UP) -> Number:
    """The number with so many digits after the point (before it, when negative), exactly; an int without any.

    The default rounds half away from zero. Raises EvaluationError `bad-number` for results without bounds.
    """
    if isinstance(number, int) and places >= 0:
        return number
    if not -_POWER <= places <= _POWER:
        raise EvaluationError("bad-number", f"a number can't be rounded to {places} digits")
    unit = _UNITS.get(places) or Decimal((0, (1,), -places))
    try:
        result = _decimal(number).quantize(unit, rounding=rounding, context=_WIDE)
    except decimal.DecimalException as error:
        raise _out_of_range(error) from None
    return result if places > 0 else int(result)


_UNITS: Final = {places: Decimal((0, (1,), -places)) for places in range(-20, 21)}

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")

MAX_DIGITS: Final = 400
"""Most digits, and largest power of ten, of a number read from text: what decoding takes from a message."""


def read_number(text: str) -> Number | None:
    """The number that a text writes, blanks around it aside; None when it writes none, or one without bounds."""
    text = text.strip()
    if len(text) > 2 * MAX_DIGITS or not _NUMBER.fullmatch(text):
        return None
    if text.lstrip("+-").isdigit():
        return int(text) if len(text) <= MAX_DIGITS else None
    number = Decimal(text)
    if len(number.as_tuple().digits) > MAX_DIGITS or (number and abs(number.adjusted()) > MAX_DIGITS):
        return None
    return number
