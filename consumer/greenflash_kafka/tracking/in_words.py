"""Conditions in words: a line of `when` as a sentence for people who don't read YAML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from greenflash_kafka.rules.when_conditions import Condition, Nest, Operator, Test
from greenflash_kafka.rules.when_operators.all_operators import OPERATORS
from greenflash_kafka.rules.when_operators.when_operator import Literal

_KINDS = {"any": "at least one of these holds", "none": "none of these holds"}


def condition_words(condition: Condition) -> str:
    """One condition: `type` is `order.paid`."""
    if isinstance(condition, Test):
        return _test(condition)
    if condition.kind == "none" and len(condition.groups) == 1:
        return f"this doesn't hold: {_group(condition.groups[0])}"
    return f"{_KINDS[condition.kind]}: {'; or '.join(_group(group) for group in condition.groups)}"


def all_words(conditions: Iterable[Condition]) -> str:
    """Conditions that must all hold, as one sentence without its end."""
    return ", and ".join(map(condition_words, conditions))


def literal_words(value: Literal) -> str:
    """A value as it is written in a condition: texts in backticks."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | Decimal):
        return str(value)
    return code(value) if value else "an empty text"


def code(text: str) -> str:
    """A text as code of Markdown."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def one_of(values: Sequence[Literal], last: str = "or") -> str:
    """Several values: `a`, `b` or `c`."""
    words = [literal_words(value) for value in values]
    if len(words) < 2:
        return "".join(words) or "one of an empty list"
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def _group(conditions: Sequence[Condition]) -> str:
    said = " and ".join(map(condition_words, conditions))
    nested = len(conditions) > 1 or any(isinstance(each, Nest) for each in conditions)
    return f"({said})" if nested else said


def _test(test: Test) -> str:
    given = {each.name: each.given for each in test.operators}
    before, after = given.get("from"), given.get("to")
    if len(given) == 2 and isinstance(before, tuple) and isinstance(after, tuple):
        return f"{code(test.written)} has changed from {one_of(before)} to {one_of(after)}"
    said = [operator_words(each) for each in test.operators]
    return f"{code(test.written)} {' and '.join(said)}"


def operator_words(operator: Operator) -> str:
    """What an operator says of a value: is above 100."""
    name, given = operator.name, operator.given
    many = given if isinstance(given, tuple) else (given,)
    if name == "is":
        return _is(many)
    if name == "exists":
        return "has a value" if given else "is missing"
    if name == "not":
        return _not(many)
    if name == "any":
        return f"has an element with {code(str(given))}"
    known = OPERATORS[name].words if name in OPERATORS else ""
    return (known or f"{name.replace('_', ' ')} {{}}").format(one_of(many))


def _is(many: tuple[Literal, ...]) -> str:
    values = [each for each in many if each is not None]
    if len(values) == len(many):
        return f"is {one_of(values)}"
    return f"is missing, or is {one_of(values)}" if values else "is missing"


def _not(many: tuple[Literal, ...]) -> str:
    values = [each for each in many if each is not None]
    if not values:
        return "has a value"
    return f"has a value other than {one_of(values)}"
