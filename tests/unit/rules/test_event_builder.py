"""The builder of a rule's events: what is known of all of them, and the time of one."""

from __future__ import annotations

from datetime import UTC, datetime

from greenflash_kafka.expressions.expression import Expression, compile_expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.mappings.value_compiler import literal
from greenflash_kafka.rules.event_builder import EventBuilder
from greenflash_kafka.rules.fields import Fields


def builder(**single: Expression) -> EventBuilder:
    return EventBuilder("r", Fields(single, {}))


def of(text: str) -> Expression:
    return compile_expression(text, Names())


def test_the_type_of_all_its_events_is_known_if_it_is_written() -> None:
    assert builder(event_type=literal("paid")).constant("event_type") == "paid"
    assert builder(event_type=of("payload.type")).constant("event_type") is None


def test_the_time_is_the_rule_s_own() -> None:
    own = builder(event_at=of("payload.at"))
    assert own.event_at()(Scope({"at": "2026-01-01T01:00:00+01:00"})) == datetime(2026, 1, 1, tzinfo=UTC)
    assert own.event_at()(Scope({"at": "soon"})) is None
    assert own.event_at()(Scope({})) is None
    assert builder().event_at()(Scope({"at": "2026-01-01T00:00:00Z"})) is None
