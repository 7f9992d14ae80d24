"""Functions that choose."""

from __future__ import annotations

from decimal import Decimal

from greenflash_kafka.expressions.functions.choice import coalesce, exists, nullif
from greenflash_kafka.expressions.scope import Scope


def test_the_first_that_is_there_false_and_empty_ones_too() -> None:
    assert coalesce.call(None, False, 1) is False
    assert coalesce.call(None, "", 1) == ""
    assert coalesce.call(None, None) is None


def test_only_null_is_missing() -> None:
    values: list[object] = [None, False, "", 0, []]
    assert [exists.call(value) for value in values] == [False, True, True, True, True]


def test_nullif_compares_as_the_language_does() -> None:
    assert nullif.call(Scope(None), "n/a", "n/a") is None
    assert nullif.call(Scope(None), 5, Decimal("5.0")) is None
    assert nullif.call(Scope(None), True, 1) is True, "true isn't 1"
    assert nullif.call(Scope(None), "x", None) == "x"
