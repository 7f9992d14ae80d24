"""What is known of parts of an expression."""

from __future__ import annotations

import pytest

from greenflash_kafka.expressions.operand import Operand, common_type, same_family
from greenflash_kafka.expressions.values import Type


def test_a_literal_is_constant_unless_what_is_right_depends_on_the_message() -> None:
    assert Operand("K0", "number", known=True, value=1).constant
    assert not Operand("v1", "time", known=True, value=1, live=True).constant
    assert not Operand("v1").constant


def test_only_what_may_be_missing_is_checked() -> None:
    assert Operand("v1").may_miss
    assert Operand("None", "missing", known=True).may_miss
    assert not Operand("K0", "number", known=True, value=0).may_miss


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [("text", "text", "text"), ("text", "missing", "text"), ("missing", "time", "time"), ("text", "number", "any")],
)
def test_the_type_of_either(one: Type, other: Type, both: Type) -> None:
    assert common_type(one, other) == both


def test_types_that_can_be_compared() -> None:
    assert same_family("text", "money")
    assert same_family("any", "list")
    assert same_family("missing", "number")
    assert not same_family("text", "number")
