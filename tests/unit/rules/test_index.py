"""The index never leaves out a rule that would match, and looks up instead of trying one by one."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.message import Message
from greenflash_kafka.rules.conditions import Tests
from greenflash_kafka.rules.index import CandidateIndex, field_readers
from greenflash_kafka.rules.ruleset import KafkaFacts, TopicRules
from greenflash_kafka.rules.when_operators.parts import among

_LITERALS = st.sampled_from(["a", "b", "", 0, 1, 2, True, False])
_FIELDS = st.sampled_from(["x", "y", "z"])
_TESTS = st.dictionaries(
    _FIELDS.map(lambda field: ("payload", (field,))), st.lists(_LITERALS, max_size=3).map(tuple), max_size=3
)
_PAYLOADS = (
    st.dictionaries(_FIELDS, _LITERALS | st.none() | st.just([1]) | st.just({"a": 1})) | st.none() | st.just("x")
)


_MESSAGE = Message("t", 0, 0)


def holds(tests: Tests, payload: object) -> bool:
    fields = payload if isinstance(payload, dict) else {}
    return all(among(fields.get(steps[0]), wanted) for (_, steps), wanted in tests.items())


@given(st.lists(_TESTS, max_size=12), _PAYLOADS)
def test_the_index_agrees_with_trying_every_rule_in_turn(entries: list[Tests], payload: object) -> None:
    readers = field_readers(field for tests in entries for field in tests)
    index = CandidateIndex([(tests, number) for number, tests in enumerate(entries)], readers)
    found = list(index.candidates(payload, _MESSAGE))
    assert found == sorted(set(found))
    assert {number for number, tests in enumerate(entries) if holds(tests, payload)} <= set(found)


FILE = """\
version: 1
source: {topics: [t]}
when: {live: true}
rules:
"""
RULE = """\
  - name: r{n}
    when: {{type: t{n}, kind: [a, b]}}
    event: {{event_type: e, value: 1, product_id: "${{PRODUCT_ID}}", influence: neutral, insert_id: = payload.id}}
"""


def test_of_many_rules_a_message_meets_only_those_that_could_match(rules_of: Callable[..., TopicRules]) -> None:
    rules = rules_of(FILE + "".join(RULE.format(n=n) for n in range(60)))
    tried = [len(rules.find({"live": live, "type": "t7", "kind": "a"}, _MESSAGE)) for live in (True, False)]
    assert tried[0] == 1
    assert sum(tried) <= 2
    assert len(rules.find({"live": True, "type": "x"}, _MESSAGE)) == 0
    facts = KafkaFacts(_MESSAGE)
    applied = rules.apply({"live": True, "type": "t7", "kind": "a", "id": 5}, facts, EvaluationContext())
    assert [draft.rule for draft in applied.drafts] == ["r7"]
