"""Functions of lists. A list with missing elements is not itself missing: they count, and stay."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any

from greenflash_kafka.expressions.functions.argument_types import (
    Anything,
    ArgumentType,
    Boolean,
    List,
    Number,
    list_of,
)
from greenflash_kafka.expressions.functions.definition import function
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope, descend, spend_steps
from greenflash_kafka.expressions.values import NAMES, number_text, time_text, type_of

_count_of = partial(list_of, text_advice="length(text) counts characters")


@function(example='count(["a", "b"])', gives="2")
def count(list_: Annotated[List, ArgumentType(("list",), _count_of, list)]) -> Number:
    """How many elements a list has, missing ones too."""
    return len(list_)


@function(example="first([3, 1])", gives="3")
def first(list_: List) -> Anything | None:
    """The first element; missing if there is none."""
    return list_[0] if list_ else None


@function(example="last([3, 1])", gives="1")
def last(list_: List) -> Anything | None:
    """The last element; missing if there is none."""
    return list_[-1] if list_ else None


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


@function(example='distinct(["red", "green", "red"])', gives='["red", "green"]', steps=lambda list_: len(list_))
def distinct(scope: Scope, list_: List) -> List:
    """Every element once, in the order of their first appearance."""
    found: dict[Any, Any] = {}
    for element in list_:
        found.setdefault(_key(scope, element), element)
    return list(found.values())


@function(
    example="sort([3, 1, 2])",
    gives="[1, 2, 3]",
    fails={'sort([1, "a"])': "type-mismatch"},
    steps=lambda list_: 4 * len(list_),
)
def sort(scope: Scope, list_: List, desc: Boolean = False) -> List:
    """Numbers, texts or times in order, smallest first, missing ones last.

    `desc=true` has the largest first: `first(sort(x, desc=true))` is the largest; missing ones are last all the same.
    """
    known = [element for element in list_ if element is not None]
    kinds = {type_of(element) for element in known}
    if not kinds <= {"number"} and not kinds <= {"text"} and not kinds <= {"time"}:
        kind = min(kinds) if len(kinds) == 1 else None
        said = NAMES[kind] if kind else " and ".join(NAMES[kind] for kind in sorted(kinds))
        raise EvaluationError("type-mismatch", f"sort takes a list of numbers, of texts or of times, not of {said}")
    if kinds <= {"text"}:
        spend_steps(scope, sum(len(text) for text in known) >> 10)
    return sorted(known, reverse=desc) + [None] * (len(list_) - len(known))


@function(example="flatten([[1, 2], [3]])", gives="[1, 2, 3]")
def flatten(scope: Scope, list_: List) -> List:
    """One list of the elements of the lists in a list; what is no list stays."""
    flat: List = []
    for element in list_:
        if element.__class__ is list:
            spend_steps(scope, len(element) + 1)
            flat.extend(element)
        else:
            flat.append(element)
    spend_steps(scope, len(flat))
    return flat
