"""Functions of text. Positions count characters from 1, as SQL and spreadsheets do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, Final, TypeAlias

import re2

from greenflash_kafka.expressions.functions.argument_types import (
    Anything,
    ArgumentType,
    BadLiteral,
    Boolean,
    List,
    Number,
    Plain,
    Text,
    list_of,
    mismatch,
    one_of,
    text_of,
    whole_number,
)
from greenflash_kafka.expressions.functions.definition import function
from greenflash_kafka.expressions.functions.pattern_errors import pattern_error
from greenflash_kafka.expressions.functions.replacement import NewText, has_groups
from greenflash_kafka.expressions.operators import equal
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope, spend_steps, spend_text
from greenflash_kafka.expressions.values import plain_text

_FREE: Final = 64
"""Texts up to here are looked through for free; longer ones cost a step for every 32 characters."""


def _looked_through(x: str) -> int | None:
    return len(x) >> 5 if len(x) > _FREE else None


def _searched(x: str, pattern: Any) -> int | None:
    """Steps of a search: RE2 takes time by the text's length times the pattern's size, at worst."""
    size = pattern.programsize
    return (len(x) * (32 + size)) >> 10 if len(x) > _FREE or size > _FREE else None


_SINGLE_BYTE: Final = re.compile(r"(?<!\\)(?:\\\\)*\\C")


def compile_pattern(pattern: str) -> Any:
    """An RE2 regular expression, which takes time linear in the text whatever it says. Raises BadLiteral."""
    if _SINGLE_BYTE.search(pattern):
        raise BadLiteral(r"\C is a single byte, and texts are made of characters", ".")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0]
        why = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise BadLiteral(*pattern_error(pattern, why)) from None


def found(pattern: Any, text: str) -> bool:
    """Whether a compiled pattern is found anywhere in the text; also what `when: {matches: ...}` asks."""
    return pattern.search(text.encode("utf-8", "surrogatepass")) is not None


Pattern: TypeAlias = Annotated[
    Any, ArgumentType(("text",), words="a regular expression of RE2", literal=True, prepare=compile_pattern)
]
Count: TypeAlias = Annotated[int, whole_number("n", 0)]


@function(example='lower("EUR")', gives='"eur"')
def lower(x: Text) -> Text:
    """Lower case."""
    return x.lower()


@function(example='upper("eur")', gives='"EUR"')
def upper(x: Text) -> Text:
    """Upper case."""
    return x.upper()


@function(example='trim("  Ada ")', gives='"Ada"')
def trim(x: Text) -> Text:
    """Without spaces around it."""
    return x.strip()


_LIKE_PATTERN: Final = re.compile(
    r"\[\^?[^\]]*(?:[a-z]-[a-z]|[A-Z]-[A-Z]|0-9)[^\]]*\]|\\[dwsDWS](?![A-Za-z])|\.[*+]|\[\^[^\]]+\]|\(\?|\([^)|]+\|[^)]*\)"
)


def _plain_old(old: str) -> tuple[str, str, str | None] | None:
    """A finding about what `replace` looks for, if that seems to be a regular expression."""
    if _LIKE_PATTERN.search(old) is None:
        return None
    said = "replace takes this text as it stands, and it looks like a regular expression"
    return "pattern-as-text", said, f'regex_replace(x, "{old}", ...)'


Old: TypeAlias = Annotated[str, ArgumentType(("text",), text_of, str, review=_plain_old)]


@function(example='replace("a.b.c", ".", "-")', gives='"a-b-c"', charges_text=True)
def replace(scope: Scope, x: Text, old: Old, new: Text) -> Text:
    """Every `old` in the text replaced by `new`.

    An empty `old` replaces nothing. `regex_replace` takes a regular expression.
    """
    if not old or old not in x:
        return x
    if len(x) > _FREE:
        spend_steps(scope, len(x) >> 5)
    # Counted before it is made: many times a long text is more than the budget and the memory.
    growth = max(0, len(new) - len(old)) * x.count(old)
    if len(x) + growth > scope.budget[1]:
        spend_text(scope, " " * (scope.budget[1] + 1))
    return spend_text(scope, x.replace(old, new))


@function(example='split("a,b", ",")', gives='["a", "b"]', steps=_looked_through)
def split(scope: Scope, x: Text, separator: Text) -> List:
    """The parts of a text between separators, as a list.

    An empty separator leaves the text whole.
    """
    if not separator:
        return [x]
    parts = x.split(separator)
    spend_steps(scope, len(parts))
    spend_text(scope, x)
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


_Joined: TypeAlias = Annotated[
    List, ArgumentType(("list",), partial(list_of, advice="concat joins single values"), list)
]


@function(example='join(["a", 7], "-")', gives='"a-7"', steps=lambda list_: len(list_), charges_text=True)
def join(scope: Scope, list_: _Joined, separator: Annotated[Any, one_of("text")]) -> Text | None:
    """The texts of a list's elements with a separator between them; missing when an element is missing."""
    return None if None in list_ else _joined(scope, "join", list_, text_of("join", separator))


@function(example='concat("order-", 4711)', gives='"order-4711"', charges_text=True)
def concat(scope: Scope, *x: Plain) -> Text:
    """The texts of all arguments, one after the other."""
    return _joined(scope, "concat", x, "")


@function(example="text(149.50)", gives='"149.5"', fails={"text([1])": "type-mismatch"}, charges_text=True)
def text(scope: Scope, x: Plain) -> Text:
    """The text of a number (exact and shortest), a boolean or a time.

    A boolean is true or false, a time is ISO 8601 in UTC, and a text stays as it is.
    """
    if x.__class__ is str:
        return str(x)
    return spend_text(scope, _plain("text", x))


@function(example='substring("order.paid", 1, 5)', gives='"order"', fails={'substring("a", 0)': "bad-number"})
def substring(
    x: Text,
    start: Annotated[int, whole_number("start (it counts from 1)", 1)],
    length: Annotated[int, whole_number("length", 0)] | None = None,
) -> Text:
    """From a position, counted from 1, so many characters, or the rest."""
    return x[start - 1 :] if length is None else x[start - 1 : start - 1 + length]


@function(example='left("order.paid", 5)', gives='"order"')
def left(x: Text, n: Count) -> Text:
    """The first n characters."""
    return x[:n]


@function(example='right("order.paid", 4)', gives='"paid"')
def right(x: Text, n: Count) -> Text:
    """The last n characters."""
    return x[max(0, len(x) - n) :]


@function(example='length("paid")', gives="4")
def length(
    x: Annotated[str, ArgumentType(("text",), partial(text_of, list_advice="count(list) counts elements"), str)],
) -> Number:
    """How many characters a text has."""
    return len(x)


@function(example='starts_with("order.paid", "order.")', gives="true")
def starts_with(x: Text, part: Text) -> Boolean:
    """Whether a text starts with another; capitals count."""
    return x.startswith(part)


@function(example='ends_with("ada@acme.test", "@acme.test")', gives="true")
def ends_with(x: Text, part: Text) -> Boolean:
    """Whether a text ends with another; capitals count."""
    return x.endswith(part)


def _contained(x: Any) -> int | None:
    if x.__class__ is list:
        return len(x)
    return len(x) >> 5 if isinstance(x, str) and len(x) > _FREE else None


@function(example='contains("order.paid", "paid")', gives="true", steps=_contained)
def contains(scope: Scope, x: Annotated[Any, one_of("text", "list")], part: Anything) -> Boolean:
    """Whether a text holds another text, or a list an element."""
    if x.__class__ is list:
        return any(equal(scope, element, part) for element in x)
    whole = text_of("contains", x)
    return text_of("contains", part) in whole


@function(example='matches("order.paid", "^order[.]")', gives="true", steps=_searched)
def matches(x: Text, pattern: Pattern) -> Boolean:
    """Whether a regular expression (RE2) is found anywhere in the text."""
    return found(pattern, x)


@function(example='extract("/orders/4711/items", "/orders/([0-9]+)")', gives='"4711"', steps=_searched)
def extract(x: Text, pattern: Pattern) -> Text | None:
    """What a regular expression's first group found, or all it found; missing when nothing."""
    # As bytes, and one group only: positions in characters are most of the work, and nobody asks for them.
    match = pattern.search(x.encode("utf-8", "surrogatepass"))
    if match is None:
        return None
    part: bytes | None = match.group(1 if pattern.groups else 0)
    return None if part is None else part.decode("utf-8", "surrogatepass")


@function(
    example=r'regex_replace("tel. 0171-555", "[^0-9]", "")',
    gives='"0171555"',
    charges_text=True,
    agree=has_groups,
    usage=r'regex_replace(x, "([0-9]+)-([0-9]+)", "\2-\1")',
)
def regex_replace(scope: Scope, x: Text, pattern: Pattern, replacement: NewText) -> Text:
    r"""Everything that a regular expression (RE2) finds in the text, replaced.

    In the replacement `\1` is what the first group found, `\0` all that was found, `\\` a backslash. Pattern and
    replacement are written out.
    """
    whole = x.encode("utf-8", "surrogatepass")
    size = 32 + pattern.programsize
    made: list[bytes] = []
    left = scope.budget[1]
    copied = place = 0
    while place <= len(whole):
        # Each search may look at all the rest: so each of them is charged for it.
        spend_steps(scope, 1 + ((len(whole) - place) * size >> 10))
        match = pattern.search(whole, place)
        if match is None:
            break
        start, end = match.span()
        if end > start or start > copied or not made:
            made += [whole[copied:start], replacement.of(match)]
            left -= len(made[-1]) + len(made[-2])
            copied = end
            if left < 0:
                spend_text(scope, " " * (scope.budget[1] + 1))
        place = end if end > start else _next_character(whole, end)
    made.append(whole[copied:])
    return spend_text(scope, b"".join(made).decode("utf-8", "surrogatepass"))


def _next_character(text: bytes, place: int) -> int:
    """The place behind the character at a place; behind the end at the end."""
    place += 1
    while place < len(text) and text[place] & 0xC0 == 0x80:
        place += 1
    return place
