"""Values of the language: their types and their texts."""

from __future__ import annotations

from decimal import Decimal

from greenflash_kafka.expressions.values import Money, json_value, number_text, plain_text, value_type

_D = Decimal


def test_texts_of_values() -> None:
    assert number_text(_D("149.50")) == "149.5"
    assert number_text(_D("1E+3")) == "1000"
    assert number_text(_D("-0.0")) == "0"
    assert plain_text(Money("1.50", "EUR")).__class__ is str
    assert plain_text([1]) is None
    assert [value_type(value) for value in (Money("1", "JPY"), 1, True, "x")] == [
        *("currency", "numeric", "boolean", "text")
    ]
    shown = json_value({"a": [Money("1.50", "EUR"), _D("2.500")]})
    assert shown == {"a": ["1.50", _D("2.5")]}
    assert str(shown["a"][1]) == "2.5"
