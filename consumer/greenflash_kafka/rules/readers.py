"""Texts read outside of expressions, by the language's own functions, so that there is one way to read each."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

from greenflash_kafka.rules.expressions.expression import Expression, compile_expression
from greenflash_kafka.rules.expressions.names import Names
from greenflash_kafka.rules.expressions.refusals import EvaluationError
from greenflash_kafka.rules.expressions.scope import Scope
from greenflash_kafka.rules.expressions.values import Value


@cache
def _of_payload(call: str) -> Expression:
    return compile_expression(call, Names())


def read_time(value: Value, record_ms: int | None) -> datetime:
    """An ISO 8601 or RFC 2822 text as a time. Raises EvaluationError `bad-time`, as `time()` does."""
    if not isinstance(value, str):
        raise EvaluationError("bad-time", 'a number needs its unit: time(x, "s"), "ms", ...')
    moment = _of_payload("time(payload)").evaluate(Scope(value, record_ms=record_ms))
    if not isinstance(moment, datetime):
        raise EvaluationError("bad-time", "this isn't a time")
    return moment


def read_json(text: str) -> Value:
    """A text as JSON's value, None if it isn't JSON."""
    try:
        return _of_payload("parse_json(payload)").evaluate(Scope(text))
    except EvaluationError:
        return None


def read_moment(text: str, zone: str | None) -> datetime | None:
    """A literal date or time; without a zone of its own it is in `zone` (UTC if None). None if it is neither.

    Raises ZoneInfoNotFoundError or ValueError for a zone that doesn't exist.
    """
    own = ZoneInfo(zone) if zone is not None else UTC
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=own)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
