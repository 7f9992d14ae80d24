"""A rule's conditions as compiled code."""

from __future__ import annotations

import pytest

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.expressions.expression import Expression, compile_expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.mappings.when import read_when
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.rules.conditions import make_line
from greenflash_kafka.rules.kafka_facts import KafkaFacts
from greenflash_kafka.rules.rule_code import Broken, RuleCode, compile_rule
from greenflash_kafka.rules.rule_conditions import RuleParts

RECORD = Message("t", 0, 0, headers=(("kind", b"x"),))


def compiled(text: str, *, each: bool = False, null: bool = False, wheres: tuple[Expression, ...] = ()) -> RuleCode:
    report = FileReport("f.yaml")
    node = parse(text.encode(), report)
    assert node is not None
    names = Names(item=each)
    lines = [make_line(condition, names) for condition in read_when(node, names, report)]
    assert report.findings == ()
    return compile_rule(RuleParts("r", lines, wheres, names, each=each, null=null))


def scope(payload: object) -> Scope:
    return Scope(payload, KafkaFacts(RECORD))


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
    code = compiled(text)
    assert code.holds(scope(payload), []) is holds
    assert all(condition.holds(scope(payload), []) for condition in code.conditions) is holds, "and each by itself"


def test_a_missing_payload_matches_only_where_that_is_asked_for() -> None:
    assert compiled("{payload: null}", null=True).holds(scope(None), []) is True
    assert compiled("{a: null}").holds(scope(None), []) is False


def test_nothing_is_counted_of_a_message_that_equality_rules_out() -> None:
    code = compiled("{n: {above: 1}, type: x}")
    counts: list[Count] = []
    assert not code.holds(scope({"n": "text", "type": "y"}), counts)
    assert counts == []
    assert not code.holds(scope({"n": "text", "type": "x"}), counts)
    assert [(each.code, each.field) for each in counts] == [("type-mismatch", "n")]


def test_of_an_item_equality_and_the_rest_are_asked_apart() -> None:
    code = compiled("{item.kind: x, item.n: {above: 1}}", each=True)
    first = scope({}).for_item({"kind": "x", "n": 0}, 0)
    assert code.item_equals(first) is True
    assert code.item_holds(first, []) is False
    assert code.item_holds(scope({}).for_item({"kind": "other", "n": 2}, 1), []) is True


def test_what_may_be_in_error_comes_last_and_names_the_condition() -> None:
    where = compile_expression("item.n > payload.least", Names(item=True))
    code = compiled("{payload.a: 1}", each=True, wheres=(where,))
    assert code.rest is not None
    assert code.rest(scope({"least": 1}).for_item({"n": 2}, 0), [], True) is None
    assert code.rest(scope({"least": 2}).for_item({"n": 2}, 0), [], True) == "where"
    assert code.rest(scope({"least": 2}), [], False) is None, "there is no item"
    with pytest.raises(Broken) as broken:
        code.rest(scope({"least": "x"}).for_item({"n": 2}, 3), [], True)
    problem = broken.value.problem
    assert (problem.code, problem.rule, problem.item, problem.field) == ("type-mismatch", "r", 3, "where")


def test_a_condition_shows_what_it_looks_at() -> None:
    code = compiled(
        "{a.b: {above: 1}, data.object.n: {increased: true}}", wheres=(compile_expression("payload.p.q", Names()),)
    )
    payload = {"a": {"b": 5}, "data": {"object": {"n": 2}, "previous_attributes": {"n": 1}}, "p": {"q": "x"}}
    above, increased, where = code.conditions
    assert [(str(each.path), each.read(scope(payload))) for each in above.operands] == [("a.b", 5)]
    assert [each.read(scope({})) for each in above.operands] == [None]
    (moved,) = increased.operands
    assert moved.earlier is not None
    assert (moved.read(scope(payload)), moved.earlier(payload)) == (2, 1)
    assert [(str(each.path), each.read(scope(payload))) for each in where.operands] == [("payload.p.q", "x")]
