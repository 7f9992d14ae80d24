"""Functions of text. Positions count characters from 1, as SQL and spreadsheets do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import re2

from greenflash_kafka.rules.expressions.functions.definition import (
    BadLiteral,
    Function,
    Parameter,
    mismatch,
    text_of,
    whole_of,
)
from greenflash_kafka.rules.expressions.operators import equal
from greenflash_kafka.rules.expressions.refusals import EvaluationError
from greenflash_kafka.rules.expressions.scope import Scope, spend_steps, spend_text
from greenflash_kafka.rules.expressions.values import plain_text

_FREE: Final = 64
"""Texts up to here are looked through for free; longer ones cost a step for every 32 characters."""


def _look_through(scope: Scope, text: str) -> None:
    if len(text) > _FREE:
        spend_steps(scope, len(text) >> 5)


def _search_through(scope: Scope, text: str, pattern: Any) -> None:
    """Pay for a pattern: RE2 takes time by the text's length times the pattern's size, at worst."""
    size = pattern.programsize
    if len(text) > _FREE or size > _FREE:
        spend_steps(scope, (len(text) * (32 + size)) >> 10)


def compile_pattern(pattern: str) -> Any:
    """An RE2 regular expression, which takes time linear in the text whatever it says. Raises BadLiteral."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0]
        why = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        hint = "RE2 has no look-around and no back references" if "(?" in pattern or "\\" in pattern else None
        raise BadLiteral(f"not a regular expression of RE2: {why}", hint) from None


def found(pattern: Any, text: str) -> bool:
    """Whether a compiled pattern is found anywhere in the text; also what `when: {matches: ...}` asks."""
    return pattern.search(text.encode("utf-8", "surrogatepass")) is not None


def lower(scope: Scope, x: Any) -> str:
    """Small letters."""
    return spend_text(scope, x.lower() if x.__class__ is str else text_of("lower", x).lower())


def upper(scope: Scope, x: Any) -> str:
    """Capital letters."""
    return spend_text(scope, x.upper() if x.__class__ is str else text_of("upper", x).upper())


def trim(scope: Scope, x: object) -> str:
    """Without blanks around it."""
    return spend_text(scope, text_of("trim", x).strip())


def replace(scope: Scope, x: object, old: object, new: object) -> str:
    """Every `old` replaced; an empty `old` replaces nothing, as in SQL."""
    text, old, new = text_of("replace", x), text_of("replace", old), text_of("replace", new)
    if not old or old not in text:
        return text
    _look_through(scope, text)
    # Counted before it is made: many times a long text is more than the budget and the memory.
    growth = max(0, len(new) - len(old)) * text.count(old)
    if len(text) + growth > scope.budget[1]:
        spend_text(scope, " " * (scope.budget[1] + 1))
    return spend_text(scope, text.replace(old, new))


def split(scope: Scope, x: object, separator: object) -> list[str]:
    """The parts between separators; an empty separator leaves the text whole."""
    text, separator = text_of("split", x), text_of("split", separator)
    _look_through(scope, text)
    if not separator:
        return [text]
    parts = text.split(separator)
    spend_steps(scope, len(parts))
    spend_text(scope, text)
    return parts


def _plain(function: str, value: object) -> str:
    text = plain_text(value)
    if text is None:
        raise mismatch(function, "texts, numbers, booleans and times", value)
    return text


def _joined(scope: Scope, function: str, values: Sequence[Any], separator: str) -> str:
    parts: list[str] = []
    size = len(separator) * (len(values) - 1)
    for value in values:
        part = value if value.__class__ is str else str(value) if value.__class__ is int else _plain(function, value)
        size += len(part)
        parts.append(part)
    budget = scope.spent or scope.budget
    # The size is known before the text is made.
    if size > budget[1]:
        raise EvaluationError("limit", f"{function} would make more text than one message may")
    text = separator.join(parts)
    if not text.isascii():
        return spend_text(scope, text)
    budget[1] -= len(text)
    return text


def join(scope: Scope, values: object, separator: object) -> str | None:
    """The texts of a list's elements with a separator between them; missing when an element is."""
    if values.__class__ is not list:
        raise mismatch("join", "a list", values, "concat joins single values")
    spend_steps(scope, len(values))
    if None in values:
        return None
    return _joined(scope, "join", values, text_of("join", separator))


def concat(scope: Scope, *values: object) -> str:
    """The texts of all arguments, one after the other."""
    return _joined(scope, "concat", values, "")


def text(scope: Scope, x: object) -> str:
    """Numbers exact and shortest, true or false, times in ISO 8601."""
    if x.__class__ is str:
        return x
    return spend_text(scope, _plain("text", x))


def substring(scope: Scope, x: object, start: object, length: object = None) -> str:
    """From a position, counted from 1; so many characters, or the rest."""
    whole = text_of("substring", x)
    first = whole_of("substring", "start (it counts from 1)", start, 1) - 1
    if length is None:
        return spend_text(scope, whole[first:])
    return spend_text(scope, whole[first : first + whole_of("substring", "length", length, 0)])


def left(scope: Scope, x: object, n: object) -> str:
    """The first n characters."""
    return spend_text(scope, text_of("left", x)[: whole_of("left", "n", n, 0)])


def right(scope: Scope, x: object, n: object) -> str:
    """The last n characters."""
    whole, n = text_of("right", x), whole_of("right", "n", n, 0)
    return spend_text(scope, whole[max(0, len(whole) - n) :])


def length(x: object) -> int:
    """How many characters."""
    if x.__class__ is list:
        raise mismatch("length", "text", x, "count(list) counts elements")
    return len(text_of("length", x))


def starts_with(x: object, part: object) -> bool:
    """Whether a text starts with another, capitals counting."""
    return text_of("starts_with", x).startswith(text_of("starts_with", part))


def ends_with(x: object, part: object) -> bool:
    """Whether a text ends with another, capitals counting."""
    return text_of("ends_with", x).endswith(text_of("ends_with", part))


def contains(scope: Scope, x: object, part: object) -> bool:
    """Whether a text holds another, or a list an element."""
    if x.__class__ is list:
        elements: list[object] = x
        spend_steps(scope, len(elements))
        return any(equal(scope, element, part) for element in elements)
    whole = text_of("contains", x)
    _look_through(scope, whole)
    return text_of("contains", part) in whole


def matches(scope: Scope, x: object, pattern: Any) -> bool:
    """Whether the pattern is found anywhere in the text."""
    text = text_of("matches", x)
    _search_through(scope, text, pattern)
    return found(pattern, text)


def extract(scope: Scope, x: object, pattern: Any) -> str | None:
    """The pattern's first group, or what it found; missing when it found nothing."""
    text = text_of("extract", x)
    _search_through(scope, text, pattern)
    # As bytes, and one group only: positions in characters are most of the work, and nobody asks for them.
    match = pattern.search(text.encode("utf-8", "surrogatepass"))
    if match is None:
        return None
    part = match.group(1 if pattern.groups else 0)
    return None if part is None else spend_text(scope, part.decode("utf-8", "surrogatepass"))


_X: Final = Parameter("x", ("text",))
_PATTERN: Final = Parameter("pattern", ("text",), literal=True, prepare=compile_pattern)
_PLAIN: Final = ("text", "number", "boolean", "time")

FUNCTIONS: Final = (
    Function("lower", "text", (_X,), "text", "Small letters.", 'lower("EUR")', '"eur"', lower, scoped=True),
    Function("upper", "text", (_X,), "text", "Capital letters.", 'upper("eur")', '"EUR"', upper, scoped=True),
    Function("trim", "text", (_X,), "text", "Without blanks around it.", 'trim("  Ada ")', '"Ada"', trim, scoped=True),
    Function(
        "replace",
        "text",
        (_X, Parameter("old", ("text",)), Parameter("new", ("text",))),
        "text",
        "Every `old` in the text replaced by `new`.",
        'replace("a.b.c", ".", "-")',
        '"a-b-c"',
        replace,
        scoped=True,
    ),
    Function(
        "split",
        "text",
        (_X, Parameter("separator", ("text",))),
        "list",
        "The parts of a text between separators, as a list.",
        'split("a,b", ",")',
        '["a", "b"]',
        split,
        scoped=True,
    ),
    Function(
        "join",
        "text",
        (Parameter("list", ("list",)), Parameter("separator", ("text",))),
        "text",
        "The texts of a list's elements with a separator between them; missing when an element is missing.",
        'join(["a", 7], "-")',
        '"a-7"',
        join,
        scoped=True,
    ),
    Function(
        "concat",
        "text",
        (Parameter("x", _PLAIN, many=True),),
        "text",
        "The texts of all arguments, one after the other.",
        'concat("order-", 4711)',
        '"order-4711"',
        concat,
        scoped=True,
    ),
    Function(
        "text",
        "text",
        (Parameter("x", _PLAIN),),
        "text",
        "The text of a number (exact and shortest), a boolean or a time.",
        "text(149.50)",
        '"149.5"',
        text,
        scoped=True,
    ),
    Function(
        "substring",
        "text",
        (_X, Parameter("start", ("number",)), Parameter("length", ("number",), optional=True)),
        "text",
        "From a position, counted from 1, so many characters, or the rest.",
        'substring("order.paid", 1, 5)',
        '"order"',
        substring,
        scoped=True,
    ),
    Function(
        "left",
        "text",
        (_X, Parameter("n", ("number",))),
        "text",
        "The first n characters.",
        'left("order.paid", 5)',
        '"order"',
        left,
        scoped=True,
    ),
    Function(
        "right",
        "text",
        (_X, Parameter("n", ("number",))),
        "text",
        "The last n characters.",
        'right("order.paid", 4)',
        '"paid"',
        right,
        scoped=True,
    ),
    Function("length", "text", (_X,), "number", "How many characters a text has.", 'length("paid")', "4", length),
    Function(
        "starts_with",
        "text",
        (_X, Parameter("part", ("text",))),
        "boolean",
        "Whether a text starts with another; capitals count.",
        'starts_with("order.paid", "order.")',
        "true",
        starts_with,
    ),
    Function(
        "ends_with",
        "text",
        (_X, Parameter("part", ("text",))),
        "boolean",
        "Whether a text ends with another; capitals count.",
        'ends_with("ada@acme.test", "@acme.test")',
        "true",
        ends_with,
    ),
    Function(
        "contains",
        "text",
        (Parameter("x", ("text", "list")), Parameter("part")),
        "boolean",
        "Whether a text holds another text, or a list an element.",
        'contains("order.paid", "paid")',
        "true",
        contains,
        scoped=True,
    ),
    Function(
        "matches",
        "text",
        (_X, _PATTERN),
        "boolean",
        "Whether a regular expression (RE2) is found anywhere in the text.",
        'matches("order.paid", "^order[.]")',
        "true",
        matches,
        scoped=True,
    ),
    Function(
        "extract",
        "text",
        (_X, _PATTERN),
        "text",
        "What a regular expression's first group found, or all it found; missing when nothing.",
        'extract("/orders/4711/items", "/orders/([0-9]+)")',
        '"4711"',
        extract,
        scoped=True,
    ),
)
