"""The operators of `when`: tests of one value, and of a value before and after a change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from greenflash_kafka.model.outcome import Count
from greenflash_kafka.rules.expressions.arithmetic import is_number
from greenflash_kafka.rules.expressions.functions.text import compile_pattern, found
from greenflash_kafka.rules.transitions import Earlier
from greenflash_kafka.rules.when import Literal, Operator

Compare = Callable[[object, list[Count]], bool]
"""Whether an operator holds on a value that isn't missing; what can't be compared is counted into the list."""

Before = Callable[[object], object]
"""Gives the earlier value (None: it was null), or an `Earlier`, from the payload, or the item."""

Moved = Callable[[object, Before | None, object, list[Count]], bool]
"""Whether transitions hold on the present value, and the earlier one that `Before` gives of an object."""

Holds = Callable[[object], bool]


class _Unlike(Exception):
    """The operator can't compare this type of value."""


class _Unknown(Exception):
    """The earlier value isn't known, and the operator needs it."""


def among(value: object, given: tuple[Literal, ...]) -> bool:
    """Whether a value equals one of the literals; None equals a missing value, true isn't 1."""
    if value.__class__ is bool:
        return any(value is one for one in given)
    return value in given and any(value == one for one in given if one.__class__ is not bool)


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


def compared(name: str, given: Literal, unlike: Count) -> Compare:
    """An operator that orders, or looks into texts and lists; `unlike` is counted for values of other types."""
    holds = _holds(name, given)

    def compare(value: object, counts: list[Count]) -> bool:
        try:
            return holds(value)
        except _Unlike:
            counts.append(unlike)
            return False

    return compare


def _holds(name: str, given: Literal) -> Holds:
    match name:
        case "above" | "at_least" | "below" | "at_most":
            return _ordered(name, given)
        case "starts_with" | "ends_with" | "matches":
            return _text(name, str(given))
        case "contains":
            return lambda value: _contains(value, given)
    raise AssertionError(name)


def _ordered(name: str, given: Literal) -> Holds:
    moment = _moment(given)

    def holds(value: object) -> bool:
        bound: object = given
        if isinstance(value, datetime) and moment is not None:
            bound = moment
        elif not (is_number(value) and is_number(given)) and not (isinstance(value, str) and isinstance(given, str)):
            raise _Unlike
        below, above = value < bound, value > bound  # type: ignore[operator]
        match name:
            case "above":
                return bool(above)
            case "at_least":
                return not below
            case "below":
                return bool(below)
        return not above

    return holds


def _moment(given: Literal) -> datetime | None:
    """The literal as a time, for `kafka.timestamp` and lets that are times."""
    try:
        moment = datetime.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        return None
    if moment is not None and moment.tzinfo is None:
        return datetime.fromisoformat(f"{moment.isoformat()}+00:00")
    return moment


def _text(name: str, given: str) -> Holds:
    if name == "matches":
        return _matches(given)
    if name == "starts_with":
        return lambda value: _as_text(value).startswith(given)
    return lambda value: _as_text(value).endswith(given)


MAX_SEARCH: Final = 1 << 29
"""Characters of a text times instructions of a pattern: at worst half a second of RE2's time."""


def _matches(pattern: str) -> Holds:
    compiled = compile_pattern(pattern)
    most = MAX_SEARCH // max(1, compiled.programsize)

    def holds(value: object) -> bool:
        text = _as_text(value)
        if len(text) > most:
            raise _Unlike
        return found(compiled, text)

    return holds


def _as_text(value: object) -> str:
    if not isinstance(value, str):
        raise _Unlike
    return value


def _contains(value: object, given: Literal) -> bool:
    if isinstance(value, list):
        return any(among(element, (given,)) for element in value)
    if isinstance(value, str) and isinstance(given, str):
        return given in value
    raise _Unlike


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
        except _Unlike:
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
    if not is_number(now) or not is_number(earlier):
        raise _Unlike
    return bool(now > earlier if name == "increased" else now < earlier)  # type: ignore[operator]
