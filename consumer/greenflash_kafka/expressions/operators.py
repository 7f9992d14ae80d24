"""Comparing, choosing and looking up, as generated code calls it; arguments are never missing unless it says so."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from greenflash_kafka.expressions.iso_times import iso_time, same_moment
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope, descend, spend_iterations, spend_steps
from greenflash_kafka.expressions.values import NAMES, Money, number_text, type_of

_ORDERED: Final = frozenset({str, int, Decimal, datetime})
_NUMBERS: Final = frozenset({int, Decimal})
_MOST_KEY: Final = 10**400
_LONGEST_TIME: Final = 64


def equal(scope: Scope, left: Any, right: Any, depth: int = 0) -> bool:
    """`left == right`: of one type and the same; numbers by their value, lists and objects by their parts.

    A time equals a text that says it.

    Raises EvaluationError `limit`, like everything that goes through a value.
    """
    a, b = left.__class__, right.__class__
    if a is str and b is str:
        if left is not right and len(left) == len(right) > 1024:
            spend_steps(scope, len(left) >> 10)
        return left == right  # type: ignore[no-any-return]
    if a is b and a is not list and a is not dict:
        return left == right  # type: ignore[no-any-return]
    if a in _NUMBERS and b in _NUMBERS:
        return left == right  # type: ignore[no-any-return]
    if left is right and left.__class__ is not float:
        return True
    if isinstance(left, list) and isinstance(right, list):
        if len(left) != len(right):
            return False
        descend(scope, len(left), depth)
        return all(equal(scope, one, other, depth + 1) for one, other in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        if len(left) != len(right):
            return False
        descend(scope, len(left), depth)
        return left.keys() == right.keys() and all(
            equal(scope, value, right[key], depth + 1) for key, value in left.items()
        )
    if isinstance(left, datetime):
        return same_moment(left, right)
    if isinstance(right, datetime):
        return same_moment(right, left)
    # Money is a text like any other here; True == 1 in Python, and not here.
    return isinstance(left, str) and isinstance(right, str) and left == right


def unequal(scope: Scope, left: Any, right: Any) -> bool:
    """`left != right`."""
    return not equal(scope, left, right)


def _comparable(left: Any, right: Any, op: str) -> tuple[Any, Any]:
    """Both as what Python compares: a text beside a time is a time."""
    a, b = left.__class__, right.__class__
    if a in _NUMBERS and b in _NUMBERS:
        return left, right
    if isinstance(left, str) and isinstance(right, str):
        if isinstance(left, Money) or isinstance(right, Money):
            said = f"money is text, and {op} would go by its letters (9.00 after 10.00); compare the amounts"
            raise EvaluationError("type-mismatch", said)
        return left, right
    times = _moment(left), _moment(right)
    if None not in times and (isinstance(left, datetime) or isinstance(right, datetime)):
        return times
    kinds = f"{NAMES[type_of(left)]} and {NAMES[type_of(right)]}"
    if type_of(left) == type_of(right):
        raise EvaluationError("type-mismatch", f"{op} can't order {kinds}")
    raise EvaluationError("type-mismatch", f"{op} compares values of one type, not {kinds}")


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    return iso_time(value) if isinstance(value, str) and len(value) <= _LONGEST_TIME else None


def less(left: Any, right: Any) -> bool:
    """`left < right`. Raises EvaluationError `type-mismatch`, like the other three."""
    if left.__class__ is not right.__class__ or left.__class__ not in _ORDERED:
        left, right = _comparable(left, right, "<")
    return left < right  # type: ignore[no-any-return]


def less_or_equal(left: Any, right: Any) -> bool:
    """`left <= right`."""
    if left.__class__ is not right.__class__ or left.__class__ not in _ORDERED:
        left, right = _comparable(left, right, "<=")
    return left <= right  # type: ignore[no-any-return]


def greater(left: Any, right: Any) -> bool:
    """`left > right`."""
    if left.__class__ is not right.__class__ or left.__class__ not in _ORDERED:
        left, right = _comparable(left, right, ">")
    return left > right  # type: ignore[no-any-return]


def greater_or_equal(left: Any, right: Any) -> bool:
    """`left >= right`."""
    if left.__class__ is not right.__class__ or left.__class__ not in _ORDERED:
        left, right = _comparable(left, right, ">=")
    return left >= right  # type: ignore[no-any-return]


def boolean(value: Any, what: str) -> bool | None:
    """The value, if it is true, false or missing: what `and`, `or`, `not` and `if` take. Else `type-mismatch`."""
    if value is None or value is True or value is False:
        return value
    raise EvaluationError("type-mismatch", f"{what} takes true or false, not {NAMES[type_of(value)]}")


def contained(scope: Scope, value: Any, values: Any) -> bool:
    """`value in values`; missing elements are passed over. Raises EvaluationError `type-mismatch`, `limit`."""
    if values.__class__ is not list:
        advice = "; contains(text, part) looks into a text" if isinstance(values, str) else ""
        raise EvaluationError("type-mismatch", f"in looks into a list, not {NAMES[type_of(values)]}{advice}")
    spend_steps(scope, len(values))
    return any(equal(scope, value, element) for element in values)


def contained_text(value: Any, texts: frozenset[str]) -> bool:
    """`value in texts`, where all elements are literal texts."""
    if isinstance(value, datetime):
        return any(same_moment(value, text) for text in texts)
    return isinstance(value, str) and value in texts


def rounds(scope: Scope, source: Any, weight: int) -> list[Any] | None:
    """What a list expression goes through, paid for; None when it is missing. Raises `not-a-list`, `limit`.

    `weight` is what one round costs in steps.
    """
    if source is None:
        return None
    if source.__class__ is not list:
        raise EvaluationError("not-a-list", f"for goes through a list, not {NAMES[type_of(source)]}")
    spend_iterations(scope, len(source))
    if weight:
        spend_steps(scope, len(source) * weight)
    return source


def at(value: Any, position: int) -> Any:
    """The element at a position written in the expression, None if there is none."""
    if value.__class__ is list:
        size = len(value)
        return value[position] if -size <= position < size else None
    if value.__class__ is dict:
        return value.get(str(position))
    return None


def step(value: Any, key: Any) -> Any:
    """`value[key]` for a key that was worked out: a text for an object, a whole number for a list, else missing."""
    if isinstance(key, str):
        return value.get(key) if value.__class__ is dict else None
    if key.__class__ is int:
        return at(value, key)
    if isinstance(key, Decimal) and abs(key) < 1_000_000_000 and key == int(key):
        return at(value, int(key))
    return None


def row(rows: Any, key: Any) -> Any:
    """A table's row by its key's text; None when there is none, or no key. Raises `type-mismatch` for a list, say."""
    if key.__class__ is str:
        return rows.get(key)
    if key is None:
        return None
    if key is True or key is False:
        return rows.get("true" if key else "false")
    if isinstance(key, int | Decimal):
        # No table has such a key, and writing thousands of digits for each round of a list takes its time.
        return rows.get(number_text(key)) if -_MOST_KEY < key < _MOST_KEY else None
    if isinstance(key, str):
        return rows.get(str.__str__(key))
    raise EvaluationError("type-mismatch", f"a table is looked up by a text or a number, not by {NAMES[type_of(key)]}")


def cell(of: Any, column: str) -> Any:
    """A row's cell; an empty one is missing, and so is one of no row."""
    value = None if of is None else of.get(column)
    return None if value == "" else value
