"""Exact numbers and bounded depth of payloads."""

from __future__ import annotations

import decimal
from typing import Any

import pytest

from greenflash_kafka.model.payload import MAX_DEPTH, MAX_DIGITS, exact, too_deep


def nested(levels: int) -> Any:
    value: Any = []
    for level in range(levels - 1):
        value = [value] if level % 2 else {"a": value}
    return value


def test_containers_may_nest_so_deep_and_no_deeper() -> None:
    assert not too_deep(nested(MAX_DEPTH))
    assert too_deep(nested(MAX_DEPTH + 1))
    assert too_deep(nested(100_000)), "without recursion"
    assert not too_deep("text")


@pytest.mark.parametrize("text", ["0.1", "1e2", "1." + "0" * (MAX_DIGITS - 2) + "1", "-0.0"])
def test_a_number_is_exact(text: str) -> None:
    assert exact(text) == decimal.Decimal(text)


@pytest.mark.parametrize("text", ["1e999999999", "1e-999999", "0." + "1" * (MAX_DIGITS + 1)])
def test_a_number_without_bounds_is_refused(text: str) -> None:
    with pytest.raises(decimal.DecimalException):
        exact(text)
