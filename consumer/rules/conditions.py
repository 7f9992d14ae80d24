"""Conditions, compiled: each line of `when` becomes a function that is true or false on a scope, and never fails
but by the error of a `let` that it reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from consumer.model.outcome import Count
from consumer.rules import transitions
from consumer.rules.expressions.functions.text import compile_pattern, found
from consumer.rules.expressions.names import ROOTS, Names
from consumer.rules.expressions.numbers import is_number
from consumer.rules.expressions.paths import Path, path_getter
from consumer.rules.expressions.scope import Scope
from consumer.rules.transitions import Declared, Earlier
from consumer.rules.when import TRANSITIONS, Condition, Literal, Nest, Operator, Test

Check = Callable[[Scope, list[Count]], bool]
"""Whether a condition holds; what can't be compared is counted into the list."""

Holds = Callable[[object], bool]
"""Whether an operator holds on a value that isn't missing; raises `_Unlike` for a value of another type."""


class _Unlike(Exception):
    """The operator can't compare this type of value."""


@dataclass(frozen=True, slots=True)
class Line:
    """A compiled condition. `written` is how `because` and `try` name it; `let` is the (first) let that it reads;
    `equals` are the literals one of which the value at `path` must equal (None when it isn't such a test), for the
    index."""

    written: str
    check: Check
    let: str | None
    uses_item: bool
    path: Path | None = None
    equals: tuple[Literal, ...] | None = None


def compile_line(condition: Condition, names: Names, declared: Declared | None, rule: str) -> Line:
    """Compile one condition of a rule."""
    if isinstance(condition, Nest):
        groups = [[compile_line(inner, names, declared, rule) for inner in group] for group in condition.groups]
        lines = [line for group in groups for line in group]
        check = _nest(condition.kind, [[line.check for line in group] for group in groups])
        let_name = next((line.let for line in lines if line.let is not None), None)
        return Line(condition.kind, check, let_name, any(line.uses_item for line in lines))
    path = condition.path
    let = names.lets.get(path.root) if path.root not in ROOTS else None
    uses_item = path.root in ("item", "index") or (let is not None and let.per_item)
    return Line(
        condition.written,
        _test(condition, names, declared, rule),
        let.name if let is not None else None,
        uses_item,
        path,
        _equals(condition),
    )


def _equals(test: Test) -> tuple[Literal, ...] | None:
    for operator in test.operators:
        if operator.name == "is" and isinstance(operator.given, tuple) and None not in operator.given:
            return operator.given
    return None


def _nest(kind: str, groups: list[list[Check]]) -> Check:
    wanted = kind == "any"

    def check(scope: Scope, counts: list[Count]) -> bool:
        for group in groups:
            for line in group:
                if not line(scope, counts):
                    break
            else:
                return wanted
        return not wanted

    return check


def _test(test: Test, names: Names, declared: Declared | None, rule: str) -> Check:
    get = path_getter(test.path, names)
    now = [operator for operator in test.operators if operator.name not in TRANSITIONS]
    moved = [operator for operator in test.operators if operator.name in TRANSITIONS]
    checks = [_now(get, operator, Count("type-mismatch", rule, test.written)) for operator in now]
    if moved:
        checks.append(_moved(get, tuple(moved), transitions.getter(test.path, declared), rule, test.written))
    if len(checks) == 1:
        return checks[0]
    return lambda scope, counts: all(check(scope, counts) for check in checks)


def _now(get: Callable[[Scope], object], operator: Operator, unlike: Count) -> Check:
    """An operator on the present value."""
    given = operator.given
    if operator.name == "exists":
        return lambda scope, _counts: (get(scope) is not None) is given
    if isinstance(given, tuple):
        return _not(get, given) if operator.name == "not" else _is(get, given)
    holds = _holds(operator.name, given)

    def check(scope: Scope, counts: list[Count]) -> bool:
        value = get(scope)
        if value is None:
            return False
        try:
            return holds(value)
        except _Unlike:
            counts.append(unlike)
            return False

    return check


def _is(get: Callable[[Scope], object], given: tuple[Literal, ...]) -> Check:
    # The usual cases first: texts are equal to nothing but texts, true and false are themselves.
    if all(isinstance(one, str) for one in given):
        if len(given) == 1:
            text = given[0]
            return lambda scope, _counts: get(scope) == text
        return lambda scope, _counts: get(scope) in given
    if len(given) == 1 and isinstance(given[0], bool):
        flag = given[0]
        return lambda scope, _counts: get(scope) is flag
    return lambda scope, _counts: among(get(scope), given)


def _not(get: Callable[[Scope], object], given: tuple[Literal, ...]) -> Check:
    def check(scope: Scope, _counts: list[Count]) -> bool:
        value = get(scope)
        return value is not None and not among(value, given)

    return check


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


def _moved(
    get: Callable[[Scope], object],
    operators: tuple[Operator, ...],
    before: transitions.Getter | None,
    rule: str,
    written: str,
) -> Check:
    """All transitions of one line."""
    unknown = Count("no-earlier-value", rule, written)
    unlike = Count("type-mismatch", rule, written)
    # A missing path fails every test but those that say null; here one of them speaks for the line.
    takes_missing = any(o.name in ("to", "becomes") and _takes_missing(o.given) for o in operators)
    alone = operators[0].name if len(operators) == 1 else ""
    rises, falls = alone == "increased", alone == "decreased"

    def check(scope: Scope, counts: list[Count]) -> bool:
        now = get(scope)
        if now is None and not takes_missing:
            return False
        earlier = before(scope) if before is not None else Earlier.UNKNOWN
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

    return check


class _Unknown(Exception):
    """The earlier value isn't known, and the operator needs it."""


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
