"""YAML's core schema as far as we take it: null, true, false, decimal integers, plain decimals; the rest is text."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

_NULL: Final = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEAN: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NUMBER: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")

MAX_NUMBER: Final = 100
"""Most characters of a number; anything longer is text."""


def resolve(text: str) -> bool | int | Decimal | str | None:
    """What a plain (unquoted) scalar means. `no`, `2026-11-18`, `1_000`, `0b11`, `=` and `1e5` are text."""
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if not _NUMBER.fullmatch(text) or len(text) > MAX_NUMBER:
        return text
    if "e" in text or "E" in text:
        return text
    return Decimal(text) if "." in text else int(text)


def shortest(text: str) -> str | None:
    """For a plain scalar that looks like a number but isn't written in the shortest way: the shortest way.

    None when there is nothing to say: `007` gives `7`, `1.10` gives `1.1`, `1e3` gives `1000`, `7` gives None.
    """
    if not _NUMBER.fullmatch(text) or len(text) > MAX_NUMBER:
        return None
    number = Decimal(text)
    if number and abs(number.adjusted()) > MAX_NUMBER:
        return None
    short = format(number, "f")
    if "." in short:
        short = short.rstrip("0").removesuffix(".")
    if short.lstrip("-") == "0":
        short = "0"
    return None if short == text else short
