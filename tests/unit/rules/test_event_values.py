"""Values of compiled events that aren't plain texts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from msgspec import UNSET

from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.expressions.values import Money
from greenflash_kafka.model.body import encode
from greenflash_kafka.rules.event_values import (
    key_text,
    moment,
    property_value,
    read_time,
    record_moment,
    value_and_type,
    whole_properties,
)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (5, ("5", "numeric")),
        (Decimal("1.50"), ("1.5", "numeric")),
        (True, ("true", "boolean")),
        (Money("1.50", "EUR"), ("1.50", "currency")),
        (datetime(2026, 1, 1, tzinfo=UTC), ("2026-01-01T00:00:00Z", "text")),
    ],
)
def test_a_value_s_type_follows_from_it(value: object, told: tuple[str, str]) -> None:
    assert value_and_type(value) == told


@pytest.mark.parametrize(("value", "code"), [([1], "type-mismatch"), ({}, "type-mismatch"), (None, "missing")])
def test_what_has_no_text_is_no_value_and_no_id(value: object, code: str) -> None:
    with pytest.raises(EvaluationError, match=code):
        value_and_type(value)
    with pytest.raises(EvaluationError, match="no-insert-id"):
        key_text(value)


def test_a_yes_or_no_is_no_id() -> None:
    assert key_text(5) == "5"
    with pytest.raises(EvaluationError, match="no-insert-id"):
        key_text(True)


def test_numbers_beyond_64_bits_keep_their_digits() -> None:
    assert property_value(Scope(None), 5) == 5
    assert encode(property_value(Scope(None), 1 << 70)) == str(1 << 70).encode()
    assert encode(property_value(Scope(None), Decimal("0.10"))) == b"0.10"


def test_properties_given_as_a_whole_are_an_object() -> None:
    assert whole_properties(Scope(None), {"b": "x", "c": None}) == {"b": "x"}
    with pytest.raises(EvaluationError, match="type-mismatch"):
        whole_properties(Scope(None), [1])


def test_times_are_utc() -> None:
    east = datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    assert moment(Scope(None), east) == datetime(2026, 1, 1, tzinfo=UTC)
    assert moment(Scope(None), "2026-01-01T01:00:00+01:00") == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ms", "at"),
    [(1_500, datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)), (None, UNSET), (-1, None), (10**18, None)],
)
def test_a_record_s_time_is_in_the_calendar(ms: int | None, at: object) -> None:
    assert record_moment(Scope(None, record_ms=ms)) == at


def test_a_time_is_read_as_the_language_reads_it() -> None:
    assert read_time("2026-11-18T12:06:41+01:00", None) == datetime(2026, 11, 18, 11, 6, 41, tzinfo=UTC)
    for wrong in ("tomorrow", 5, None):
        with pytest.raises(EvaluationError, match="bad-time"):
            read_time(wrong, None)


def test_a_time_more_than_a_day_after_its_record_is_wrong() -> None:
    with pytest.raises(EvaluationError, match="bad-time"):
        read_time("2026-11-18T12:00:00Z", 1_700_000_000_000)
