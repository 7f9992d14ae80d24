"""Operators of `when` on values."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from greenflash_kafka.model.outcome import Count
from greenflash_kafka.rules.comparisons import compared, moved, same
from greenflash_kafka.rules.transitions import Earlier
from greenflash_kafka.rules.when_conditions import Operator
from greenflash_kafka.rules.when_operators.parts import MAX_SEARCH, among
from greenflash_kafka.rules.when_operators.when_operator import Literal

UNLIKE = Count("type-mismatch", "r", "x")
UNKNOWN = Count("no-earlier-value", "r", "x")


@pytest.mark.parametrize(
    ("name", "given", "value", "holds"),
    [
        ("above", 5, Decimal("5.1"), True),
        ("at_least", 5, 5, True),
        ("below", "b", "a", True),
        ("at_most", 5, 6, False),
        ("above", "2026-01-01", datetime(2026, 1, 2, tzinfo=UTC), True),
        ("above", "2026-01-01Z", datetime(2026, 1, 1, tzinfo=UTC), False),
        ("contains", "2026-01-02", [datetime(2026, 1, 2, tzinfo=UTC)], True),
        ("starts_with", "ab", "abc", True),
        ("ends_with", "ab", "abc", False),
        ("contains", "b", "abc", True),
        ("contains", 1, [True, 1], True),
        ("contains", 1, [True], False),
        ("matches", "^a+$", "aaa", True),
    ],
)
def test_an_operator(name: str, given: Literal, value: object, holds: bool) -> None:
    counts: list[Count] = []
    assert compared(name, given, UNLIKE)(value, counts) is holds
    assert counts == []


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("above", 5, "6"),
        ("above", 5, True),
        ("below", "a", 1),
        ("starts_with", "a", 5),
        ("contains", "a", {"a": 1}),
        # The larger the pattern, the shorter the text: 1,000 instructions at least, and half a megabyte.
        ("matches", "a{1000}", "x" * (MAX_SEARCH // 1000 + 1)),
    ],
    ids=range(6),
)
def test_what_cannot_be_compared_is_false_and_counted(name: str, given: Literal, value: object) -> None:
    counts: list[Count] = []
    assert compared(name, given, UNLIKE)(value, counts) is False
    assert counts == [UNLIKE]


def test_true_is_not_one() -> None:
    assert among(1, (1, "a"))
    assert not among(True, (1, "a"))
    assert among(None, (None,))
    assert among(datetime(2026, 1, 2, tzinfo=UTC), ("x", "2026-01-02T01:00:00+01:00"))
    assert not among(datetime(2026, 1, 2, tzinfo=UTC), ("2026-01-03", 1, None))
    assert same([1, {"a": Decimal("5.0")}], [1, {"a": 5}])
    assert not same({"a": 1}, {"a": True})


@pytest.mark.parametrize(
    ("operator", "earlier", "now", "holds", "counted"),
    [
        (Operator("changed", True), 1, 2, True, []),
        (Operator("increased", True), 1, 2, True, []),
        (Operator("increased", True), datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC), True, []),
        (Operator("from", ("2026-01-02",)), datetime(2026, 1, 2, tzinfo=UTC), None, False, []),
        (Operator("increased", True), Earlier.UNCHANGED, 2, False, []),
        (Operator("increased", True), "1", 2, False, [UNLIKE]),
        (Operator("from", (1,)), Earlier.UNKNOWN, 2, False, [UNKNOWN]),
        (Operator("from", (1,)), Earlier.CHANGED, 2, False, [UNKNOWN]),
        (Operator("to", (2,)), Earlier.CHANGED, 2, True, []),
        (Operator("becomes", (2,)), Earlier.CREATED, 2, True, []),
        (Operator("becomes", (2, 3)), 3, 2, False, []),
        (Operator("to", (None,)), 1, None, True, []),
        (Operator("changed", True), 1, None, False, []),
    ],
)
def test_a_transition(operator: Operator, earlier: object, now: object, holds: bool, counted: list[Count]) -> None:
    counts: list[Count] = []
    assert moved((operator,), UNKNOWN, UNLIKE)(now, lambda _: earlier, {}, counts) is holds
    assert counts == counted
