"""Helpers of compiled events for times, ids and other special values; each result is ready to be written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from sys import maxsize
from typing import Final

from greenflash_kafka.model import insert_id
from greenflash_kafka.model.body import NotRenderable, written
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.rules.expressions.refusals import EvaluationError
from greenflash_kafka.rules.expressions.scope import Scope
from greenflash_kafka.rules.expressions.values import ValueType, number_text, plain_text, value_type
from greenflash_kafka.rules.fields import canonical
from greenflash_kafka.rules.readers import read_time


class LeftToPlain(Exception):
    """The compiled event doesn't know what to make of this; the plain one does, and says what is wrong with it."""


GIVE_UP: Final = (LeftToPlain, EvaluationError, NotRenderable, UnicodeEncodeError, RecursionError, OverflowError)
"""What ends a compiled event: the plain one begins anew."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_64_BITS: Final = 1 << 63


def undo(
    scope: Scope,
    counts: list[Count],
    counted: int,
    spent: list[int] | None,
    lets: int = maxsize,
    item_lets: int = maxsize,
) -> None:
    """Take back what a compiled event that gave up has counted, spent and remembered."""
    del counts[counted:]
    if spent is None:
        scope.spent = None
    else:
        # In place: the message's other items spend from the same list.
        scope.budget[:] = spent
    for cells, before in ((scope.lets, lets), (scope.item_lets, item_lets)):
        while cells and len(cells) > before:
            cells.popitem()


def value_and_type(value: object) -> tuple[str, ValueType]:
    """The text of an event's value that isn't text already, and the `value_type` that follows from it."""
    if value.__class__ is int:
        return str(value), "numeric"
    if value.__class__ is Decimal:
        return number_text(value), "numeric"
    text = plain_text(value)
    if not text:
        raise LeftToPlain
    return text, value_type(value)


def property_value(scope: Scope, value: object) -> object:
    """A property that is neither a text nor missing."""
    kind = value.__class__
    if kind is bool or (kind is int and -_64_BITS < value < _64_BITS):  # type: ignore[operator]
        return value
    return written(value if kind is Decimal else canonical(scope, value))


def layer(scope: Scope, whole: object, properties: dict[str, object]) -> None:
    """Properties that are given as a whole, over those before them."""
    if whole.__class__ is not dict:
        raise EvaluationError("type-mismatch", "properties must be an object")
    given = canonical(scope, whole)
    assert isinstance(given, dict)
    properties.update((name, written(part)) for name, part in given.items() if part is not None)


def moment(scope: Scope, value: object) -> datetime:
    """The rule's own `event_at`, from the text of a time if it isn't one."""
    time = value if isinstance(value, datetime) else read_time(value, scope.record_ms)  # type: ignore[arg-type]
    if time.tzinfo is None:
        raise LeftToPlain
    return time.astimezone(UTC)


def record_moment(ms: int) -> datetime:
    """The record's time; raises OverflowError for what no calendar has, LeftToPlain for one before 1970."""
    if ms < 0:
        raise LeftToPlain
    return _EPOCH + ms * _MILLISECOND


def key_text(value: object) -> str:
    """The text of an `insert_id` that isn't text already."""
    text = None if value.__class__ is bool else plain_text(value)
    if not text:
        raise LeftToPlain
    return text


def record_id(scope: Scope, rule: str) -> str:
    """The id of an event whose rule has no `insert_id`."""
    return insert_id.of_message(rule, scope.kafka.message, scope.context, scope.index)
