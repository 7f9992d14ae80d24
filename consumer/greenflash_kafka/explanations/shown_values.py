"""Values of messages and literals of mapping files in the words of an explanation, cut to a line."""

from __future__ import annotations

import json
import re
from datetime import datetime
from decimal import Decimal
from typing import Final

from greenflash_kafka.documents.yaml_scalars import resolve
from greenflash_kafka.expressions.values import number_text, time_text

LONGEST: Final = 60
"""Characters of a text that are shown."""

_MOST_NAMES: Final = 8
_PLAIN: Final = re.compile(r"[^\W\d_][\w./@+-]*(?: [\w./@+-]+)*")


def shown(value: object) -> str:
    """A value as JSON; of a list its length, of an object the names in it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int | Decimal):
        return _number(value)
    if isinstance(value, datetime):
        return time_text(value)
    return _container(value)


def with_kind(value: object) -> str:
    """The same, with what it is: `the text "75001"`, `the number 75001`."""
    if isinstance(value, str):
        return f"the text {shown(value)}"
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return f"the number {shown(value)}"
    return f"the time {shown(value)}" if isinstance(value, datetime) else shown(value)


def literal(given: object) -> str:
    """A literal as it is written in a mapping file: quoted if it must be."""
    if isinstance(given, str):
        plain = _PLAIN.fullmatch(given) is not None and len(given) <= LONGEST and isinstance(resolve(given), str)
        return given if plain else _text(given)
    return shown(given)


def names_in(value: dict[str, object]) -> str:
    """The first names of an object's fields."""
    names = [name if len(name) <= LONGEST else f"{name[:LONGEST]}..." for name in list(value)[:_MOST_NAMES]]
    return ", ".join(names) + (f" and {len(value) - _MOST_NAMES} more" if len(value) > _MOST_NAMES else "")


def _text(value: str) -> str:
    cut = value if len(value) <= LONGEST else f"{value[:LONGEST]}..."
    return json.dumps(cut, ensure_ascii=False)


def _number(value: int | Decimal) -> str:
    if isinstance(value, int) and abs(value) >= 10**LONGEST:
        return "a number of more than 60 digits"
    text = number_text(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _elements(value: list[object]) -> str:
    """The elements of a short list of scalars."""
    if len(value) > _MOST_NAMES or any(isinstance(each, list | dict) for each in value):
        return ""
    return f" ({', '.join(map(shown, value))})"


def _container(value: object) -> str:
    if isinstance(value, list):
        return f"a list of {len(value)}{_elements(value)}" if value else "an empty list"
    if isinstance(value, dict):
        return f"an object with {names_in(value)}" if value else "an empty object"
    return "a value"
