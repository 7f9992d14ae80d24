"""YAML's core schema: what is typed, what stays text, and which numbers aren't written in their shortest way."""

from __future__ import annotations

from decimal import Decimal

import pytest

from greenflash_kafka.documents.yaml_scalars import resolve, shortest


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("null", None),
        ("~", None),
        ("true", True),
        ("false", False),
        ("5", 5),
        ("-12", -12),
        ("9007199254740993", 9007199254740993),
        ("149.5", Decimal("149.5")),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("2026-11-18", "2026-11-18"),
        ("12:30:00", "12:30:00"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("0x1f", "0x1f"),
        ("=", "="),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1e5", "1e5"),
        ("<<", "<<"),
        ("1" * 5000, "1" * 5000),
    ],
)
def test_only_json_s_values_are_typed(text: str, value: object) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("7", None),
        ("0", None),
        ("-3", None),
        ("1.5", None),
        ("0.1", None),
        ("100", None),
        ("007", "7"),
        ("1.10", "1.1"),
        ("149.00", "149"),
        ("5.0", "5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("+5", "5"),
        ("-0", "0"),
        ("1e3", "1000"),
        ("1e999999999", None),
        ("v1.10", None),
    ],
)
def test_a_number_that_is_not_in_its_shortest_text_is_noticed(text: str, short: str | None) -> None:
    assert shortest(text) == short
