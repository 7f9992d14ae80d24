"""The payload of a message: JSON with exact numbers and a bound on its nesting depth."""

from __future__ import annotations

import decimal
from collections.abc import Mapping
from typing import Final

MAX_DEPTH: Final = 200
"""Deepest nesting of objects and lists; real messages stay below 30."""

MAX_DIGITS: Final = 400
"""Most digits, and largest power of ten, of a number with a fraction or an exponent; a double has 17 and 308."""

# Decimals are exact or refused: 1e999999999999999 is a valid Decimal that no later step could write out.
_NUMBERS: Final = decimal.Context(
    prec=MAX_DIGITS,
    Emax=MAX_DIGITS,
    Emin=-MAX_DIGITS,
    traps=[decimal.Overflow, decimal.Underflow, decimal.Inexact, decimal.InvalidOperation],
)

Shape = Mapping[str, "Shape | None"]
"""The fields of an object that somebody reads, and what of each; None for all that is in it."""

exact: Final = _NUMBERS.create_decimal
"""A number's text as a `Decimal`, for JSON decoders; raises `decimal.DecimalException` past MAX_DIGITS."""


def too_deep(payload: object) -> bool:
    """True if containers nest more than MAX_DEPTH levels; without recursion."""
    level = [payload]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
