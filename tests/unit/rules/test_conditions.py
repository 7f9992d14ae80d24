"""What is known of a condition before any message."""

from __future__ import annotations

import pytest

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.expressions.expression import compile_expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.scope import Let
from greenflash_kafka.mappings.when import read_when
from greenflash_kafka.rules.conditions import ConditionLine, all_of, any_of, make_line, required

NAMES = Names({"total": Let("total", compile_expression("payload.a", Names()))}, {}, True)


def lines(text: str) -> list[ConditionLine]:
    report = FileReport("f.yaml")
    node = parse(text.encode(), report)
    assert node is not None
    conditions = read_when(node, NAMES, report)
    assert report.findings == ()
    return [make_line(condition, NAMES) for condition in conditions]


@pytest.mark.parametrize(
    ("text", "root", "uses_item", "let"),
    [
        ("payload.a: 1", "payload", False, None),
        ("item.a: 1", "item", True, None),
        ("kafka.headers.type: x", "payload", False, None),
        ("kafka.topic: x", "", False, None),
        ("total: 1", "", False, "total"),
        ("any: [{payload.a: 1}, {item.b: 2}]", "", True, None),
    ],
)
def test_what_a_condition_needs(text: str, root: str, uses_item: bool, let: str | None) -> None:
    (line,) = lines(text)
    assert (line.root, line.uses_item, line.let) == (root, uses_item, let)


def test_equality_says_all_of_a_condition_and_order_only_some() -> None:
    exact, ordered = lines("payload.a: [1, 2]\npayload.b: {above: 1}")
    assert (exact.sure, exact.equality) == (True, (("payload", ("a",)), (1, 2)))
    assert (ordered.sure, ordered.equality, ordered.requires) == (False, None, {})


def test_alternatives_require_only_what_all_of_them_ask_for() -> None:
    (line,) = lines("any: [{payload.a: 1, payload.b: x}, {payload.a: 2}]")
    assert line.requires == {("payload", ("a",)): (1, 2)}
    assert lines("none: [{payload.a: 1}]")[0].requires == {}


def test_true_is_not_one_where_requirements_are_put_together() -> None:
    field = ("payload", ("a",))
    assert all_of([{field: (True, 1)}, {field: (1,)}]) == {field: (1,)}
    assert any_of([{field: (True,)}, {field: (1,)}]) == {field: (True, 1)}
    assert [literal.__class__ for literal in any_of([{field: (True,)}, {field: (1,)}])[field]] == [bool, int]


def test_conditions_on_lets_are_no_requirement_of_the_message() -> None:
    assert required(lines("payload.a: 1\ntotal: 5\nitem.b: 2"), "payload") == {("payload", ("a",)): (1,)}
