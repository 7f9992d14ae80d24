"""Rules of one file with the same `each` are tried together."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.expressions.expression import compile_expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.rules.results import EvaluationResult
from greenflash_kafka.rules.rule import Each
from greenflash_kafka.rules.rule_group import TooManyItems, read_items

EACH = Each("payload", compile_expression("payload", Names()))

FILE = """\
version: 1
source: {topics: [t]}
each: = [x for x in payload.lines if x.n > 0]
defaults: {product_id: "${PRODUCT_ID}", influence: neutral, value: = item.n, insert_id: "= concat(payload.id, index)"}
rules:
  - {name: a, when: {item.kind: a}, event: {event_type: a}}
  - {name: b, when: {item.kind: b, payload.live: true}, event: {event_type: b}}
"""


@pytest.mark.parametrize(("payload", "items"), [([1, 2], [1, 2]), ({"a": 1}, [{"a": 1}]), (None, []), ([], [])])
def test_items(payload: object, items: list[object]) -> None:
    assert read_items(EACH, Scope(payload), "r", 2) == items


def test_what_is_no_list_is_an_error_and_too_many_items_are_a_problem() -> None:
    with pytest.raises(EvaluationError, match="not-a-list"):
        read_items(EACH, Scope("text"), "r", 2)
    with pytest.raises(TooManyItems) as many:
        read_items(EACH, Scope([1, 2, 3]), "r", 2)
    assert (many.value.problem.code, many.value.problem.rule, many.value.problem.field) == ("limit", "r", "each")


def test_each_rule_takes_its_items(apply: Callable[..., EvaluationResult]) -> None:
    lines = [{"kind": "b", "n": 1}, {"kind": "a", "n": 2}, {"kind": "a", "n": 0}]
    live = apply(FILE, {"id": "i", "live": True, "lines": lines})
    assert [(draft.rule, draft.item) for draft in live.drafts] == [("a", 1), ("b", 0)]
    assert [draft.rule for draft in apply(FILE, {"id": "i", "lines": lines}).drafts] == ["a"]


def test_an_error_in_each_is_a_problem_of_every_rule_that_may_match(apply: Callable[..., EvaluationResult]) -> None:
    broken = {"id": "i", "lines": [{"kind": "a", "n": "x"}]}
    assert [problem.rule for problem in apply(FILE, broken).problems] == ["a"]
    assert [problem.rule for problem in apply(FILE, {**broken, "live": True}).problems] == ["a", "b"]
