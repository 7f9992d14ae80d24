"""Values of compiled events that aren't plain texts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from greenflash_kafka.model.body import encode
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.rules.event_values import (
    LeftToPlain,
    key_text,
    layer,
    moment,
    property_value,
    record_moment,
    undo,
    value_and_type,
)
from greenflash_kafka.rules.expressions.refusals import EvaluationError
from greenflash_kafka.rules.expressions.scope import Scope
from greenflash_kafka.rules.expressions.values import Money


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


@pytest.mark.parametrize("value", [[1], {}, None])
def test_what_has_no_text_is_left_to_the_other_builder(value: object) -> None:
    with pytest.raises(LeftToPlain):
        value_and_type(value)
    with pytest.raises(LeftToPlain):
        key_text(value)


def test_a_yes_or_no_is_no_id() -> None:
    assert key_text(5) == "5"
    with pytest.raises(LeftToPlain):
        key_text(True)


def test_numbers_beyond_64_bits_keep_their_digits() -> None:
    assert property_value(Scope(None), 5) == 5
    assert encode(property_value(Scope(None), 1 << 70)) == str(1 << 70).encode()
    assert encode(property_value(Scope(None), Decimal("0.10"))) == b"0.10"


def test_properties_given_as_a_whole_lie_over_those_before() -> None:
    properties: dict[str, object] = {"a": 1, "b": 2}
    layer(Scope(None), {"b": "x", "c": None}, properties)
    assert properties == {"a": 1, "b": "x"}
    with pytest.raises(EvaluationError, match="type-mismatch"):
        layer(Scope(None), [1], properties)


def test_times_are_utc() -> None:
    east = datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    assert moment(Scope(None), east) == datetime(2026, 1, 1, tzinfo=UTC)
    assert moment(Scope(None), "2026-01-01T01:00:00+01:00") == datetime(2026, 1, 1, tzinfo=UTC)
    assert record_moment(1_500) == datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)
    with pytest.raises(LeftToPlain):
        record_moment(-1)
    with pytest.raises(OverflowError):
        record_moment(10**18)


def test_what_was_spent_and_counted_is_taken_back() -> None:
    scope, counts = Scope(None), [Count("a"), Count("b")]
    budget = scope.budget
    before = budget[:]
    budget[0] -= 7
    undo(scope, counts, 1, before)
    assert (counts, scope.budget) == ([Count("a")], before)
    assert scope.budget is budget, "items of the message share it"
