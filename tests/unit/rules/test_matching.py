"""Conditions as compiled code."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.rules import matching
from greenflash_kafka.rules.conditions import ConditionLine, make_line
from greenflash_kafka.rules.expressions.names import Names
from greenflash_kafka.rules.expressions.scope import Scope
from greenflash_kafka.rules.kafka_facts import KafkaFacts
from greenflash_kafka.rules.when import read_when

RECORD = Message("t", 0, 0, headers=(("kind", b"x"),))


def lines(text: str, item: bool = False) -> Sequence[ConditionLine]:
    report = FileReport("f.yaml")
    node = parse(text.encode(), report)
    assert node is not None
    names = Names(item=item)
    found = [make_line(condition, names, None, "r") for condition in read_when(node, names, report)]
    assert report.findings == ()
    return found


@pytest.mark.parametrize(
    ("text", "payload", "holds"),
    [
        ("{a.b: 1, a.c: x}", {"a": {"b": 1, "c": "x"}}, True),
        ("{a.b: 1, a.c: x}", {"a": {"b": 1}}, False),
        ("{a.b: 1}", {"a": [{"b": 1}]}, False),
        ("{a: true}", {"a": 1}, False),
        ("{a: null}", {}, True),
        ("{a: {not: [1, 2]}}", {"a": 3}, True),
        ("{a: {not: [1, 2]}}", {}, False),
        ("{'a[-1]': 2}", {"a": [1, 2]}, True),
        ("{kafka.headers.kind: x, a: 1}", {"a": 1}, True),
        ("{any: [{a: 1}, {b: 1}]}", {"b": 1}, True),
        ("{any: [{a: 1}, {b: 1}]}", {}, False),
        ("{none: [{a: 1}, {b: 1}]}", {"a": 2}, True),
        ("{a: [p, q, r, s, t, u, v, w, x]}", {"a": "w"}, True),
        ("{a: [p, q, r, s, t, u, v, w, x]}", {"a": ["w"]}, False),
    ],
)
def test_a_rule_s_conditions_on_the_payload(text: str, payload: object, holds: bool) -> None:
    assert matching.holds(lines(text), null=False)(payload, RECORD, []) is holds
    scope = Scope(payload, KafkaFacts(RECORD))
    assert all(matching.check(line)(scope, []) for line in lines(text)) is holds, "and each by itself"


def test_a_missing_payload_matches_only_where_that_is_asked_for() -> None:
    asked = lines("{payload: null}")
    assert matching.holds(asked, null=True)(None, RECORD, []) is True
    assert matching.holds(lines("{a: null}"), null=False)(None, RECORD, []) is False


def test_nothing_is_counted_of_a_message_that_equality_rules_out() -> None:
    holds = matching.holds(lines("{n: {above: 1}, type: x}"), null=False)
    counts: list[Count] = []
    assert not holds({"n": "text", "type": "y"}, RECORD, counts)
    assert counts == []
    assert not holds({"n": "text", "type": "x"}, RECORD, counts)
    assert [(each.code, each.field) for each in counts] == [("type-mismatch", "n")]


def test_of_an_item_equality_and_the_rest_are_asked_apart() -> None:
    of_item = lines("{item.kind: x, item.n: {above: 1}}", item=True)
    item = {"kind": "x", "n": 0}
    assert matching.wanted(of_item)(item, RECORD) is True
    assert matching.rest(of_item)(item, RECORD, []) is False
    assert matching.rest(of_item)({"kind": "other", "n": 2}, RECORD, []) is True
