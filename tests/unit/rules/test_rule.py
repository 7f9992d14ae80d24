"""One compiled rule: what it asks for, in which order, and when it holds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.documents.yaml_nodes import BEGINNING
from greenflash_kafka.expressions.expression import Expression, compile_expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.mappings.value_compiler import literal
from greenflash_kafka.mappings.when import read_when
from greenflash_kafka.model.message import Message
from greenflash_kafka.rules.conditions import make_line
from greenflash_kafka.rules.event_builder import EventBuilder
from greenflash_kafka.rules.fields import Fields
from greenflash_kafka.rules.kafka_facts import KafkaFacts
from greenflash_kafka.rules.results import EvaluationResult
from greenflash_kafka.rules.rule import FileFacts, Rule, Valid
from greenflash_kafka.rules.rule_code import Broken, compile_rule
from greenflash_kafka.rules.rule_conditions import RuleParts
from greenflash_kafka.rules.rule_info import PartOrigin, RuleInfo

INFO = RuleInfo("r", PartOrigin("f.yaml", BEGINNING, "", "rule"), (), (), (), None)


def rule(when: str, wheres: tuple[Expression, ...] = (), valid: Valid | None = None) -> Rule:
    report = FileReport("f.yaml")
    node = parse(when.encode(), report)
    assert node is not None
    lines = [make_line(condition, Names()) for condition in read_when(node, Names(), report)]
    at = compile_expression('time(payload.at, "s")', Names())
    fields = Fields({"event_type": literal("e"), "value": literal("1"), "event_at": at}, {})
    facts = FileFacts("f.yaml", False, False)
    code = compile_rule(RuleParts("r", lines, wheres, Names()))
    builder = EventBuilder("r", fields)
    return Rule("r", facts, code, builder, INFO, valid=valid, event_at=builder.event_at())


def scope(payload: object) -> Scope:
    message = Message("t", 0, 0, 1_795_000_000_000)
    return Scope(payload, KafkaFacts(message), message.record_ms)


def test_a_where_must_come_out_true_and_an_error_in_it_is_a_problem() -> None:
    asked = rule("{a: 1}", (compile_expression("payload.n > 1", Names()),))
    assert asked.match_rest(scope({"n": 2}), []) is None
    assert asked.match_rest(scope({"n": 1}), []) == "where"
    assert asked.match_rest(scope({}), []) == "where"
    with pytest.raises(Broken) as broken:
        asked.match_rest(scope({"n": "x"}), [])
    assert (broken.value.problem.code, broken.value.problem.field) == ("type-mismatch", "where")


@pytest.mark.parametrize(
    ("at", "failed"), [(1_795_000_000, None), (1_794_999_999, "valid"), (1_795_000_060, "valid"), (None, None)]
)
def test_it_holds_from_its_first_moment_until_before_its_last(at: int | None, failed: str | None) -> None:
    since = datetime.fromtimestamp(1_795_000_000, UTC)
    asked = rule("{a: 1}", valid=Valid(since, datetime.fromtimestamp(1_795_000_060, UTC)))
    assert asked.match_rest(scope({"at": at}), []) == failed, "by the event's time, else the record's"


def test_finishing_tells_whether_it_matched_or_nobody_can_tell() -> None:
    asked = rule("{a: 1}", (compile_expression("payload.n > 1", Names()),))
    result = EvaluationResult()
    assert not asked.finish(scope({"n": 0}), result)
    assert asked.finish(scope({"n": "x"}), result)
    assert [problem.code for problem in result.problems] == ["type-mismatch"]


def test_what_is_collected_of_one_message_isn_t_shared_with_the_next() -> None:
    first = EvaluationResult()
    rule("{a: 1}", (compile_expression("payload.n > 1", Names()),)).finish(scope({"n": "x"}), first)
    assert EvaluationResult().problems == []
