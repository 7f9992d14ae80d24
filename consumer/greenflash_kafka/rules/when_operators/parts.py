"""Operators of `when` that look into texts and lists."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from greenflash_kafka.expressions.functions.text import compile_pattern, found
from greenflash_kafka.expressions.iso_times import same_moment
from greenflash_kafka.rules.when_operators.when_operator import (
    Holds,
    Literal,
    Unlike,
    WhenOperator,
    as_text,
    is_text,
)

MAX_SEARCH: Final = 1 << 29
"""Characters of a text times instructions of a pattern: at worst half a second of RE2's time."""

_TEXT: Final = {"type": "string"}


def among(value: object, given: tuple[Literal, ...]) -> bool:
    """Whether a value equals one of the literals; None equals a missing value, true isn't 1, a time is its text."""
    if value.__class__ is bool:
        return any(value is one for one in given)
    if isinstance(value, datetime):
        return any(same_moment(value, one) for one in given)
    return value in given and any(value == one for one in given if one.__class__ is not bool)


def _starts_with(given: Literal) -> Holds:
    start = str(given)
    return lambda value: as_text(value).startswith(start)


def _ends_with(given: Literal) -> Holds:
    end = str(given)
    return lambda value: as_text(value).endswith(end)


def _contains(given: Literal) -> Holds:
    def holds(value: object) -> bool:
        if isinstance(value, list):
            return any(among(element, (given,)) for element in value)
        if isinstance(value, str) and isinstance(given, str):
            return given in value
        raise Unlike

    return holds


def _matches(given: Literal) -> Holds:
    compiled = compile_pattern(str(given))
    most = MAX_SEARCH // max(1, compiled.programsize)

    def holds(value: object) -> bool:
        text = as_text(value)
        if len(text) > most:
            raise Unlike
        return found(compiled, text)

    return holds


STARTS_WITH: Final = WhenOperator(
    "starts_with",
    "the text begins with this",
    _TEXT,
    "a text",
    is_text,
    prepare=_starts_with,
    words="begins with {}",
    asks="a text that starts with {}",
)
ENDS_WITH: Final = WhenOperator(
    "ends_with",
    "the text ends with this",
    _TEXT,
    "a text",
    is_text,
    prepare=_ends_with,
    words="ends with {}",
    asks="a text that ends with {}",
)
CONTAINS: Final = WhenOperator(
    "contains",
    "the text contains this, or the list has this element",
    {"type": ["string", "number", "boolean"]},
    "a text, a number, true or false",
    lambda given: given is not None,
    prepare=_contains,
    words="contains {}",
    asks="a text that contains {}",
)
MATCHES: Final = WhenOperator(
    "matches",
    "the text matches this regular expression (RE2, anywhere in the text)",
    _TEXT,
    "a text",
    is_text,
    check=compile_pattern,
    prepare=_matches,
    words="matches the pattern {}",
    asks="a text that matches {}",
)
