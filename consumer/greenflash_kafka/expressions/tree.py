"""The expression as a tree of our own: what lark read, with positions, text unescaped and numbers exact."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, TypeAlias

import msgspec


class Node(msgspec.Struct, kw_only=True, gc=False):
    """Any part of an expression; `start` and `end` are character offsets in its text."""

    start: int
    end: int


class Literal(Node):
    """A number, a text, true, false or null."""

    value: str | int | bool | Decimal | None


class Name(Node):
    """The first word of a path, or a path of one word: a root, a let, a loop variable."""

    word: str


class Member(Node):
    """`.word`, a step of a path."""

    word: str


class Index(Node):
    """`[expression]`, a step of a path."""

    at: Expr


class Steps(Node):
    """A path: where it starts, and its steps."""

    base: Expr
    steps: list[Member | Index]


class Keyword(Node):
    """`word=value` among a call's arguments; `end` of the word alone is `word_end`."""

    word: str
    word_end: int
    value: Expr


class Call(Node):
    """A call of a function by its name."""

    word: str
    arguments: list[Expr | Keyword]


class Minus(Node):
    """`-operand`."""

    operand: Expr


class Not(Node):
    """`not operand`."""

    operand: Expr


class Arithmetic(Node):
    """`first op operand op operand ...` of one precedence, from left to right."""

    first: Expr
    rest: list[tuple[str, Expr]]


class Compared(Node):
    """`left op right` with one of `== != < <= > >=`."""

    op: str
    left: Expr
    right: Expr


class Contained(Node):
    """`left in right`, or `left not in right`."""

    negated: bool
    left: Expr
    right: Expr


class Logic(Node):
    """`and` or `or` (`op`) of two or more operands, from left to right."""

    op: str
    operands: list[Expr]


class Conditional(Node):
    """`then if condition else otherwise`."""

    then: Expr
    condition: Expr
    otherwise: Expr


class ListOf(Node):
    """`[a, b, c]`."""

    items: list[Expr]


class Loop(Node):
    """`for word in source`."""

    word: str
    source: Expr


class Comprehension(Node):
    """`[element for word in source ... if condition]` with one or two loops."""

    element: Expr
    loops: list[Loop]
    condition: Expr | None


Expr: TypeAlias = (
    Literal
    | Name
    | Steps
    | Call
    | Minus
    | Not
    | Arithmetic
    | Compared
    | Contained
    | Logic
    | Conditional
    | ListOf
    | Comprehension
)


_CALL: Final = 8


def weight(node: object) -> int:
    """How much work a part is, roughly: one for each of its parts, more for calls and look-ups.

    What a list expression does in each round is multiplied by the length of a stranger's list.
    """
    if isinstance(node, list | tuple):
        return sum(map(weight, node))
    if not isinstance(node, Node):
        return 0
    own = _CALL if isinstance(node, Call | Index) else 1
    return own + sum(weight(getattr(node, name)) for name in node.__struct_fields__)
