"""The scope of compiled expressions on one message: payload, record, item, lets, and the budget."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.values import Value
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.conversations import Link

MAX_ITERATIONS: Final = 100_000
"""Rounds of all list expressions together, a message."""

MAX_TEXT: Final = 64 * 1024
"""Bytes (UTF-8) of text that functions make, a message."""

MAX_STEPS: Final = 1_000_000
"""List elements, and each 32 characters of long texts, that functions walk over, a message; a round of a list
expression costs a step for every four parts of what it works out."""

MAX_VALUE_DEPTH: Final = 250
"""Levels of lists and objects in a value that is compared or put into an event: a payload's 200, and what rules add."""

_UNSET: Final = object()


class _Failed:
    __slots__ = ("error",)

    def __init__(self, error: EvaluationError) -> None:
        self.error = error


class Let:
    """A named value of a file or rule: compiled once, worked out at most once a message (once an item).

    `evaluate` is the compiled expression's; `per_item` is true when it reads `item` or `index`, itself or through
    another let (`Expression.uses_item`). A Let is its own identity: two rules' lets of one name are two Lets.
    """

    __slots__ = ("evaluate", "expression", "name", "per_item")

    def __init__(self, name: str, expression: Any) -> None:
        self.name = name
        self.expression = expression
        self.evaluate: Callable[[Scope], Value] = expression.evaluate
        self.per_item: bool = expression.uses_item


class Scope(msgspec.Struct, gc=False, eq=False):
    """One a message; `for_item` makes one an item, which shares the message's lets and budget.

    `kafka` has attributes `topic` (text), `partition`, `offset` (int), `key` (Value), `timestamp` (aware datetime or
    None) and `headers` (dict of text): the rule language's `kafka.*`, read only when an expression reads them.
    `record_ms` is the record's timestamp in milliseconds, None when it has none (then no time is too late).
    `hash_key` keys `hash()`; `context` names the cluster and its topics, for the ids of events. `lets`, `item_lets` and
    `spent` are made by whoever first needs them: most messages are done before anybody does. `conversation` is set just
    before the properties of an event whose rule links are worked out.
    """

    payload: object
    kafka: Any = None
    record_ms: int | None = None
    hash_key: bytes | None = None
    context: EvaluationContext = EvaluationContext()
    item: object = None
    index: int | None = None
    lets: dict[Let, object] | None = None
    item_lets: dict[Let, object] | None = None
    spent: list[int] | None = None
    conversation: Link | None = None

    @property
    def budget(self) -> list[int]:
        """What is left of rounds, bytes of text and steps; to be taken from in place."""
        if self.spent is None:
            self.spent = [MAX_ITERATIONS, MAX_TEXT, MAX_STEPS]
        return self.spent

    def for_item(self, item: object, index: int) -> Scope:
        """A scope for one item of `each`: own item, index and per-item lets, everything else shared."""
        if self.lets is None:
            self.lets = {}
        return Scope(
            self.payload,
            self.kafka,
            self.record_ms,
            self.hash_key,
            self.context,
            item,
            index,
            self.lets,
            {},
            self.spent or self.budget,
        )


def read_let(scope: Scope, let: Let) -> Value:
    """A let's value, worked out now if this is the first time; an error is remembered and raised each time."""
    cells = scope.lets if not let.per_item or scope.item_lets is None else scope.item_lets
    if cells is None:
        cells = scope.lets = {}
    value: Any = cells.get(let, _UNSET)
    if value is _UNSET:
        try:
            value = let.evaluate(scope)
        except EvaluationError as error:
            cells[let] = _Failed(error)
            raise
        cells[let] = value
    elif value.__class__ is _Failed:
        raise EvaluationError(value.error.code, value.error.message, value.error.reason)
    return value  # type: ignore[no-any-return]


def spend_iterations(scope: Scope, rounds: int) -> None:
    """Take rounds of a list expression from the message's budget. Raises EvaluationError `limit`."""
    budget = scope.spent or scope.budget
    left = budget[0] - rounds
    budget[0] = left
    if left < 0:
        raise EvaluationError("limit", f"more than {MAX_ITERATIONS:,} rounds of list expressions in one message")


def spend_text(scope: Scope, text: str) -> str:
    """Take a text that was made from the message's budget, and hand it back. Raises EvaluationError `limit`."""
    budget = scope.spent or scope.budget
    left = budget[1] = budget[1] - (len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass")))
    if left < 0:
        raise EvaluationError("limit", f"functions made more than {MAX_TEXT:,} bytes of text in one message")
    return text


def spend_steps(scope: Scope, steps: int) -> None:
    """Take a function's walk over a list or a long text from the message's budget. Raises EvaluationError `limit`."""
    budget = scope.spent or scope.budget
    left = budget[2] - steps
    budget[2] = left
    if left < 0:
        raise EvaluationError("limit", f"expressions took more than {MAX_STEPS:,} steps in one message")


def descend(scope: Scope, parts: int, depth: int) -> None:
    """Pay for going through the parts of a list or an object, `depth` levels down. Raises EvaluationError `limit`.

    Rules can make small payloads large (a list of ten times the list above it, ten times over), and deep.
    """
    if depth > MAX_VALUE_DEPTH:
        raise EvaluationError("limit", f"a value nested more than {MAX_VALUE_DEPTH} levels deep")
    spend_steps(scope, 3 * parts + 1)
