"""Failures of expressions: refusal at load, with every finding and its place; or an error on one message."""

from __future__ import annotations

from typing import Literal

import msgspec

from greenflash_kafka.model.problem import Code

RefusalCode = Literal[
    "syntax",
    "unknown-name",
    "unknown-function",
    "arguments",
    "too-long",
    "too-deep",
    "bad-literal",
]
"""Codes of refusals beside the evaluation codes, which refuse an expression (or a part) in which all is literal."""


class Refusal(msgspec.Struct, frozen=True):
    """One thing that is wrong in an expression.

    `start` and `end` are character offsets in the expression's text (end exclusive). `hint` is what to write
    instead, or the nearest right name; None where there is nothing to say.
    """

    code: str
    message: str
    hint: str | None
    start: int
    end: int


class Remark(msgspec.Struct, frozen=True):
    """Something in an accepted expression that lint should speak of; the same parts as a refusal.

    Codes, and no others: `divided-by-100` (perhaps cents made euros), `unknown-currency`, `mixed-currencies`,
    `pattern-as-text` (a regular expression where a text is replaced), and `type-mismatch` where the types that are
    known can't work together, whatever the message says (`== null` too).
    """

    code: str
    message: str
    hint: str | None
    start: int
    end: int


class ExpressionRefused(Exception):
    """The expression can't be used. `refusals` is everything that was found, in the order of the text; never empty."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__("; ".join(refusal.message for refusal in refusals))
        self.refusals = refusals


class EvaluationError(Exception):
    """An expression can't be worked out on this message. `message` is one line without the message's values.

    `reason` says more to people who have the message before them (`try`, cases): it may name what follows from its
    values, and is never in a log, an error of `run` or a dead letter's headers. It is `message` where there is no more.
    """

    __slots__ = ("code", "message", "reason")

    def __init__(self, code: Code, message: str, reason: str = "") -> None:
        self.code: Code = code
        self.message = message
        self.reason = reason or message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
