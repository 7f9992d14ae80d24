"""Functions that compiled events call for what isn't a text in a text field: times, ids, and values that are wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from msgspec import UNSET, UnsetType

from greenflash_kafka.expressions.functions.time import number_needs_unit
from greenflash_kafka.expressions.functions.time import time as time_function
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.expressions.values import Value, ValueType, number_text, plain_text, value_type
from greenflash_kafka.model import insert_id
from greenflash_kafka.model.body import written
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules.fields import canonical

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_64_BITS: Final = 1 << 63


def problem(error: EvaluationError, rule: str, item: int | None, field: str) -> Problem:
    """The problem of a required field that can't be worked out."""
    return Problem(error.code, error.message, rule, item, field)


def nothing() -> EvaluationError:
    """The error of a required field that is missing."""
    return EvaluationError("missing", "is required, but missing or empty")


def value_and_type(value: object) -> tuple[str, ValueType]:
    """The text of an event's value that isn't text already, and the `value_type` that follows from it.

    Raises EvaluationError for a list, an object, and for what is missing or empty.
    """
    if value.__class__ is int:
        return str(value), "numeric"
    if value.__class__ is Decimal:
        return number_text(value), "numeric"
    text = plain_text(value)
    if text:
        return text, value_type(value)
    if text is None and value is not None:
        raise EvaluationError("type-mismatch", "a list or an object can't be a value; pick a part of it, or join()")
    raise nothing()


def property_value(scope: Scope, value: object) -> object:
    """A property that is neither a text nor missing, as it is written. Raises EvaluationError, and UNWRITABLE."""
    kind = value.__class__
    if kind is bool or (kind is int and -_64_BITS < value < _64_BITS):  # type: ignore[operator]
        return value
    return written(value if kind is Decimal else canonical(scope, value))


def whole_properties(scope: Scope, whole: object) -> dict[str, object]:
    """Properties that are given as a whole, without those that are missing. Raises EvaluationError."""
    if whole.__class__ is not dict:
        raise EvaluationError("type-mismatch", "properties must be an object")
    given = canonical(scope, whole)
    assert isinstance(given, dict)
    return {name: part for name, part in given.items() if part is not None}


def moment(scope: Scope, value: Value) -> datetime:
    """The rule's own `event_at`, from the text of a time if it isn't one. Raises EvaluationError."""
    time = value if isinstance(value, datetime) else read_time(value, scope.record_ms)
    return time.astimezone(UTC)


def record_moment(scope: Scope) -> datetime | UnsetType | None:
    """The record's time. UNSET if it has none; None for one outside the years 1970 to 9999: producers may write any
    64-bit number."""
    ms = scope.record_ms
    if ms is None:
        return UNSET
    try:
        return _EPOCH + ms * _MILLISECOND if ms >= 0 else None
    except OverflowError:
        return None


def key_text(value: object) -> str:
    """The text of an `insert_id` that isn't text already. Raises EvaluationError `no-insert-id`."""
    text = None if value.__class__ is bool else plain_text(value)
    if text:
        return text
    if value is None or value == "":
        said = "the insert_id is missing or empty, so the event couldn't be told apart from others"
    else:
        said = "the insert_id must be a text, a number or a time"
    raise EvaluationError("no-insert-id", said)


def no_identity(error: EvaluationError, rule: str, item: int | None) -> Problem:
    """The problem of an event whose `insert_id` can't be worked out."""
    said = error.message
    if error.code != "no-insert-id":
        said = f"the insert_id can't be worked out: {error.code}: {said}"
    return Problem("no-insert-id", said, rule, item, "insert_id")


def record_id(scope: Scope, rule: str) -> str:
    """The id of an event whose rule has no `insert_id`."""
    return insert_id.of_message(rule, scope.kafka.message, scope.context, scope.index)


def read_time(value: object, record_ms: int | None) -> datetime:
    """An ISO 8601 or RFC 2822 text as a time. Raises EvaluationError `bad-time`, as `time()` does."""
    if not isinstance(value, str):
        said = 'a number needs its unit: time(x, "s"), "ms", ...'
        raise EvaluationError("bad-time", said, number_needs_unit(value, record_ms))
    read: datetime = time_function.run(Scope(None, record_ms=record_ms), value)
    return read
