"""From an expression's text to its tree; what can't be read is refused at the place where reading ended."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from greenflash_kafka.expressions import tree
from greenflash_kafka.expressions.functions.registry import FUNCTIONS
from greenflash_kafka.expressions.refusals import ExpressionRefused, Refusal
from greenflash_kafka.expressions.suggestions import syntax_hint

MAX_CHARACTERS: Final = 2_000
MAX_LEVELS: Final = 50

MAX_DIGITS: Final = 34
"""Digits of a literal with a fraction or an exponent; whole numbers are exact to any length that a message may have."""

MAX_POWER: Final = 400
"""Largest power of ten of a literal, as in the messages that are decoded."""


@lru_cache(maxsize=256)
def parse(text: str) -> tree.Expr:
    """Read an expression; a file's default is compiled for each of its rules, and read once.

    Raises ExpressionRefused with `too-long`, `too-deep`, `syntax` or `bad-literal`.
    """
    if len(text.strip()) > MAX_CHARACTERS:
        message = f"{len(text.strip()):,} characters; an expression has at most {MAX_CHARACTERS:,}"
        raise _refused("too-long", message, "give parts of it names with let", 0, len(text))
    if not text.strip():
        raise _refused("syntax", "there is nothing after the =", None, 0, len(text))
    read = _read(text)
    levels = _levels(read)
    if levels > MAX_LEVELS:
        message = f"nested {levels} levels deep; an expression has at most {MAX_LEVELS}"
        raise _refused("too-deep", message, "give parts of it names with let", 0, len(text))
    builder = _TreeBuilder()
    expression: tree.Expr = builder.build(read.children[0])
    if builder.refusals:
        raise ExpressionRefused(tuple(builder.refusals))
    return expression


def _refused(code: str, message: str, hint: str | None, start: int, end: int) -> ExpressionRefused:
    return ExpressionRefused((Refusal(code, message, hint, start, end),))


@cache
def _lark() -> Lark:
    grammar = files("greenflash_kafka.expressions").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", propagate_positions=True, maybe_placeholders=False)


def _read(text: str) -> Any:
    try:
        return _lark().parse(text)
    except UnexpectedToken as unexpected:
        token = unexpected.token
        start, word = (len(text), "") if token.type == "$END" else (token.start_pos, str(token))
    except UnexpectedCharacters as unexpected:
        start = unexpected.pos_in_stream or 0
        word = text[start]
    message, hint = syntax_hint(text, start, word, FUNCTIONS)
    raise _refused("syntax", message, hint, start, start + len(word))


_FLAT: Final = frozenset(
    {"start", "path", "member", "arguments", "keyword", "loop", "name", "number", "text", "true", "false", "null"}
)
"""Nodes that don't count as a level of nesting."""


def _levels(read: Any) -> int:
    """How deep the tree nests; without recursion, it may be a thousand levels."""
    deepest = 0
    waiting = [(read, 0)]
    while waiting:
        node, above = waiting.pop()
        level = above if node.data in _FLAT else above + 1
        deepest = max(deepest, level)
        waiting.extend((child, level) for child in node.children if hasattr(child, "data"))
    return deepest


_ESCAPE: Final = re.compile(r"((?:\\u[0-9a-fA-F]{4})+)|\\([\\\"'nt])")
_PLAIN: Final = {"\\": "\\", '"': '"', "'": "'", "n": "\n", "t": "\t"}


def _unescape(match: re.Match[str]) -> str:
    if match[2]:
        return _PLAIN[match[2]]
    # Several at once, so that a UTF-16 pair becomes its one character.
    units = bytes.fromhex(match[1].replace("\\u", ""))
    return units.decode("utf-16-be")


class _TreeBuilder:
    """Lark's tree to ours; every method is named after the rule or alias whose node it builds."""

    def __init__(self) -> None:
        self.refusals: list[Refusal] = []
        self._rules: dict[str, Callable[[Any], Any]] = {
            name: getattr(self, name) for name in vars(_TreeBuilder) if not name.startswith("_")
        }

    def build(self, read: Any) -> Any:
        return self._rules[read.data](read)

    def _at(self, read: Any) -> dict[str, int]:
        return {"start": read.meta.start_pos, "end": read.meta.end_pos}

    def number(self, read: Any) -> tree.Literal:
        text = str(read.children[0])
        whole = text.isdigit()
        if len(text) > 1 and text[0] == "0" and text[1].isdigit():
            self._bad(read, "a number doesn't start with 0", f'{text.lstrip("0") or "0"}, or "{text}" if it is a text')
        digits, _, power = text.lower().partition("e")
        most = MAX_POWER if whole else MAX_DIGITS
        if len(digits.replace(".", "").lstrip("0")) > most:
            self._bad(read, f"such a number has at most {most} digits", "if it is an id, put it in quotes")
            text = "0"
        elif len(power) > 5 or abs(int(power or 0)) > MAX_POWER:
            self._bad(read, f"a power of ten is at most {MAX_POWER}", None)
            text = digits
        return tree.Literal(value=int(text) if whole else Decimal(text), **self._at(read))

    def text(self, read: Any) -> tree.Literal:
        raw = str(read.children[0])[1:-1]
        try:
            value = _ESCAPE.sub(_unescape, raw)
            value.encode()
        except UnicodeError:
            self._bad(read, "half of a UTF-16 pair is not text", None)
            value = ""
        return tree.Literal(value=value, **self._at(read))

    def _bad(self, read: Any, message: str, hint: str | None) -> None:
        self.refusals.append(Refusal("bad-literal", message, hint, read.meta.start_pos, read.meta.end_pos))

    def true(self, read: Any) -> tree.Literal:
        return tree.Literal(value=True, **self._at(read))

    def false(self, read: Any) -> tree.Literal:
        return tree.Literal(value=False, **self._at(read))

    def null(self, read: Any) -> tree.Literal:
        return tree.Literal(value=None, **self._at(read))

    def name(self, read: Any) -> tree.Name:
        return tree.Name(word=str(read.children[0]), **self._at(read))

    def member(self, read: Any) -> tree.Member:
        return tree.Member(word=str(read.children[0]), **self._at(read))

    def index(self, read: Any) -> tree.Index:
        return tree.Index(at=self.build(read.children[0]), **self._at(read))

    def path(self, read: Any) -> tree.Steps:
        base, *steps = [self.build(child) for child in read.children]
        return tree.Steps(base=base, steps=steps, **self._at(read))

    def call(self, read: Any) -> tree.Call:
        given = read.children[1].children if len(read.children) > 1 else []
        return tree.Call(
            word=str(read.children[0]), arguments=[self.build(argument) for argument in given], **self._at(read)
        )

    def keyword(self, read: Any) -> tree.Keyword:
        word = read.children[0]
        return tree.Keyword(word=str(word), word_end=word.end_pos, value=self.build(read.children[1]), **self._at(read))

    def parens(self, read: Any) -> tree.Expr:
        inner: tree.Expr = self.build(read.children[0])
        return inner

    def minus(self, read: Any) -> tree.Minus:
        return tree.Minus(operand=self.build(read.children[1]), **self._at(read))

    def negated(self, read: Any) -> tree.Not:
        return tree.Not(operand=self.build(read.children[0]), **self._at(read))

    def sum(self, read: Any) -> tree.Arithmetic:
        first, *others = read.children
        rest = [(str(op), self.build(operand)) for op, operand in zip(others[::2], others[1::2], strict=True)]
        return tree.Arithmetic(first=self.build(first), rest=rest, **self._at(read))

    product = sum

    def compared(self, read: Any) -> tree.Compared:
        left, op, right = read.children
        return tree.Compared(op=str(op), left=self.build(left), right=self.build(right), **self._at(read))

    def contained(self, read: Any) -> tree.Contained:
        left, right = (self.build(child) for child in read.children)
        return tree.Contained(negated=read.data == "not_contained", left=left, right=right, **self._at(read))

    not_contained = contained

    def conjunction(self, read: Any) -> tree.Logic:
        op = "and" if read.data == "conjunction" else "or"
        return tree.Logic(op=op, operands=[self.build(child) for child in read.children], **self._at(read))

    disjunction = conjunction

    def conditional(self, read: Any) -> tree.Conditional:
        then, condition, otherwise = (self.build(child) for child in read.children)
        return tree.Conditional(then=then, condition=condition, otherwise=otherwise, **self._at(read))

    def list(self, read: Any) -> tree.ListOf:
        return tree.ListOf(items=[self.build(child) for child in read.children], **self._at(read))

    def loop(self, read: Any) -> tree.Loop:
        word, source = read.children
        return tree.Loop(word=str(word), source=self.build(source), **self._at(read))

    def comprehension(self, read: Any) -> tree.Comprehension:
        element, *others = [self.build(child) for child in read.children]
        loops = [other for other in others if isinstance(other, tree.Loop)]
        condition = None if isinstance(others[-1], tree.Loop) else others[-1]
        return tree.Comprehension(element=element, loops=loops, condition=condition, **self._at(read))
