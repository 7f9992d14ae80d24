"""Operators of `when` at work: on one value, and on a value before and after a change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from greenflash_kafka.expressions.arithmetic import is_number
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.rules.transitions import Earlier
from greenflash_kafka.rules.when_conditions import Operator
from greenflash_kafka.rules.when_operators.all_operators import OPERATORS
from greenflash_kafka.rules.when_operators.parts import among
from greenflash_kafka.rules.when_operators.when_operator import Literal, Unlike

Compare = Callable[[object, list[Count]], bool]
"""Whether an operator holds on a value that isn't missing; what can't be compared is counted into the list."""

Before = Callable[[object], object]
"""Gives the earlier value (None: it was null), or an `Earlier`, from the payload, or the item."""

Moved = Callable[[object, Before | None, object, list[Count]], bool]
"""Whether transitions hold on the present value, and the earlier one that `Before` gives of an object."""


class _Unknown(Exception):
    """The earlier value isn't known, and the operator needs it."""


def same(one: object, other: object) -> bool:
    """Whether two values of messages are equal, however deep; true isn't 1, 5 is 5.0."""
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(same(value, other[key]) for key, value in one.items())
        )
    return (one.__class__ is bool) == (other.__class__ is bool) and one == other


def compared(name: str, given: Literal | tuple[Literal, ...], unlike: Count) -> Compare:
    """An operator that has a `prepare`; `unlike` is counted for values of other types."""
    prepare = OPERATORS[name].prepare
    assert prepare is not None, name
    holds = prepare(given)

    def compare(value: object, counts: list[Count]) -> bool:
        try:
            return holds(value)
        except Unlike:
            counts.append(unlike)
            return False

    return compare


def moved(operators: tuple[Operator, ...], unknown: Count, unlike: Count) -> Moved:
    """All transitions of one line; `unknown` is counted where nothing tells the earlier value that is asked for."""
    # A missing path fails every test but those that say null; here one of them speaks for the line.
    takes_missing = any(o.name in ("to", "becomes") and _takes_missing(o.given) for o in operators)
    alone = operators[0].name if len(operators) == 1 else ""
    rises, falls = alone == "increased", alone == "decreased"

    def holds(now: object, before: Before | None, root: object, counts: list[Count]) -> bool:
        if now is None and not takes_missing:
            return False
        earlier = before(root) if before is not None else Earlier.UNKNOWN
        if earlier is Earlier.UNCHANGED:
            return False
        if (rises or falls) and now.__class__ is int and earlier.__class__ is int:
            return now > earlier if rises else now < earlier
        try:
            return all(_transition(operator, now, earlier) for operator in operators)
        except _Unknown:
            counts.append(unknown)
        except Unlike:
            counts.append(unlike)
        return False

    return holds


def _takes_missing(given: Literal | tuple[Literal, ...]) -> bool:
    return isinstance(given, tuple) and None in given


def _transition(operator: Operator, now: object, earlier: object) -> bool:
    """Whether one transition holds; what is UNCHANGED never gets here."""
    name, given = operator.name, operator.given
    literals = given if isinstance(given, tuple) else ()
    if name in ("to", "becomes") and not among(now, literals):
        return False
    if earlier is Earlier.CREATED:
        if name == "becomes":
            return True
        raise _Unknown
    if earlier is Earlier.UNKNOWN or (earlier is Earlier.CHANGED and name not in ("changed", "to")):
        raise _Unknown
    if earlier is Earlier.CHANGED:
        return True
    if same(now, earlier):
        return False
    match name:
        case "changed" | "to":
            return True
        case "becomes":
            return not among(earlier, literals)
        case "from":
            return among(earlier, literals)
    if earlier is None:
        return False
    times = isinstance(now, datetime) and isinstance(earlier, datetime)
    if not times and not (is_number(now) and is_number(earlier)):
        raise Unlike
    return bool(now > earlier if name == "increased" else now < earlier)  # type: ignore[operator]
