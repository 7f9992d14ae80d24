"""The tree of an expression."""

from __future__ import annotations

from decimal import Decimal

import pytest

from greenflash_kafka.expressions import tree
from greenflash_kafka.expressions.parser import parse
from greenflash_kafka.expressions.tree import weight


def test_parts_know_where_they_stand_in_the_text() -> None:
    text = 'concat(payload.a, "é") if payload.b > 1.50 else null'
    read = parse(text)
    assert isinstance(read, tree.Conditional)
    assert text[read.then.start : read.then.end] == 'concat(payload.a, "é")'
    assert isinstance(read.condition, tree.Compared)
    assert text[read.condition.right.start : read.condition.right.end] == "1.50"
    assert isinstance(read.condition.right, tree.Literal)
    assert read.condition.right.value == Decimal("1.50")


@pytest.mark.parametrize(
    ("light", "heavy"),
    [("payload.a", "upper(payload.a)"), ("1", "1 + 2"), ("payload.a", "payload[payload.a]"), ("[1]", "[1, 2]")],
)
def test_work_has_a_weight(light: str, heavy: str) -> None:
    assert weight(parse(light)) < weight(parse(heavy))
