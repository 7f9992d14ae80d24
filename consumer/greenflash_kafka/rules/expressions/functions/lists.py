"""Functions of lists. A list with missing elements is not itself missing: they count, and stay."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from greenflash_kafka.rules.expressions.functions.definition import Function, Parameter, mismatch
from greenflash_kafka.rules.expressions.refusals import EvaluationError
from greenflash_kafka.rules.expressions.scope import Scope, descend, spend_steps
from greenflash_kafka.rules.expressions.values import NAMES, number_text, time_text, type_of


def _list(function: str, value: object) -> list[Any]:
    if value.__class__ is list:
        return value
    advice = "length(text) counts characters" if function == "count" and isinstance(value, str) else ""
    raise mismatch(function, "a list", value, advice)


def count(values: object) -> int:
    """How many elements, missing ones too."""
    return len(_list("count", values))


def first(values: object) -> Any:
    """The first element."""
    elements = _list("first", values)
    return elements[0] if elements else None


def last(values: object) -> Any:
    """The last element."""
    elements = _list("last", values)
    return elements[-1] if elements else None


def _key(scope: Scope, value: Any, depth: int = 0) -> Any:
    """Something hashable that is the same for values that are `==` in the language.

    Numbers and times by their texts: Python's own hash of them is no secret, and a list of 50,000 numbers with one
    hash would take a minute.
    """
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bool):
        return bool, value
    if isinstance(value, int | Decimal):
        if isinstance(value, int):
            spend_steps(scope, value.bit_length() >> 9)
        return int, number_text(value)
    if isinstance(value, datetime):
        return datetime, time_text(value)
    if isinstance(value, list):
        descend(scope, 3 * len(value) + 3, depth)
        return list, tuple(_key(scope, part, depth + 1) for part in value)
    if isinstance(value, dict):
        descend(scope, 3 * len(value) + 3, depth)
        return dict, frozenset((key, _key(scope, part, depth + 1)) for key, part in value.items())
    return value


def distinct(scope: Scope, values: object) -> list[Any]:
    """Every element once, where it was first."""
    elements = _list("distinct", values)
    spend_steps(scope, len(elements))
    found: dict[Any, Any] = {}
    for element in elements:
        found.setdefault(_key(scope, element), element)
    return list(found.values())


def sort(scope: Scope, values: object) -> list[Any]:
    """Numbers, texts or times, smallest first; missing ones last."""
    elements = _list("sort", values)
    spend_steps(scope, 4 * len(elements))
    known = [element for element in elements if element is not None]
    kinds = {type_of(element) for element in known}
    if not kinds <= {"number"} and not kinds <= {"text"} and not kinds <= {"time"}:
        kind = min(kinds) if len(kinds) == 1 else None
        said = NAMES[kind] if kind else " and ".join(NAMES[kind] for kind in sorted(kinds))
        raise EvaluationError("type-mismatch", f"sort takes a list of numbers, of texts or of times, not of {said}")
    if kinds <= {"text"}:
        spend_steps(scope, sum(len(text) for text in known) >> 10)
    return sorted(known) + [None] * (len(elements) - len(known))


def flatten(scope: Scope, values: object) -> list[Any]:
    """The elements of the lists in a list; what is no list stays."""
    flat: list[Any] = []
    for element in _list("flatten", values):
        if element.__class__ is list:
            spend_steps(scope, len(element) + 1)
            flat.extend(element)
        else:
            flat.append(element)
    spend_steps(scope, len(flat))
    return flat


_LIST: Final = Parameter("list", ("list",))

FUNCTIONS: Final = (
    Function("count", "lists", (_LIST,), "number", "How many elements a list has.", 'count(["a", "b"])', "2", count),
    Function("first", "lists", (_LIST,), "any", "The first element; missing if none.", "first([3, 1])", "3", first),
    Function("last", "lists", (_LIST,), "any", "The last element; missing if none.", "last([3, 1])", "1", last),
    Function(
        "distinct",
        "lists",
        (_LIST,),
        "list",
        "Every element once, in the order of their first appearance.",
        'distinct(["red", "green", "red"])',
        '["red", "green"]',
        distinct,
        scoped=True,
    ),
    Function(
        "sort",
        "lists",
        (_LIST,),
        "list",
        "Numbers, texts or times in order, smallest first, missing ones last.",
        "sort([3, 1, 2])",
        "[1, 2, 3]",
        sort,
        scoped=True,
    ),
    Function(
        "flatten",
        "lists",
        (_LIST,),
        "list",
        "One list of the elements of the lists in a list.",
        "flatten([[1, 2], [3]])",
        "[1, 2, 3]",
        flatten,
        scoped=True,
    ),
)
