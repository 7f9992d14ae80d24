"""`conversation.*`: where it may be used, and which names it has."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from greenflash_kafka.expressions.expression import compile_expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.refusals import ExpressionRefused
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.model.conversations import Link

LINKED = Link("linked", "first_touch", "c-7", "chat", 1_795_000_000_250, 61_500)
OWN = Link("own", "own", "c-8")


@pytest.mark.parametrize(
    ("name", "kind", "linked", "own"),
    [
        ("id", "text", "c-7", "c-8"),
        ("at", "time", datetime(2026, 11, 18, 11, 6, 40, 250_000, tzinfo=UTC), None),
        ("source", "text", "chat", None),
        ("seconds_before", "number", Decimal("61.5"), None),
        ("method", "text", "first_touch", "own"),
    ],
)
def test_a_name_of_it(name: str, kind: str, linked: object, own: object) -> None:
    expression = compile_expression(f"conversation.{name}", Names(conversation=True))
    assert expression.type == kind
    assert expression.roots == {"conversation"}
    assert not expression.constant
    assert expression.evaluate(Scope(None, conversation=LINKED)) == linked
    assert expression.evaluate(Scope(None, conversation=OWN)) == own
    assert expression.evaluate(Scope(None, conversation=Link("none"))) is None
    assert expression.evaluate(Scope(None)) is None


def test_it_can_be_worked_with() -> None:
    minutes = compile_expression("round(conversation.seconds_before / 60)", Names(conversation=True))
    assert minutes.evaluate(Scope(None, conversation=LINKED)) == 1
    whole = compile_expression("[conversation.seconds_before for x in payload]", Names(conversation=True))
    assert whole.evaluate(Scope([1], conversation=Link("linked", "single", "c", "s", 0, 60_000))) == [60]


def test_a_time_after_the_last_year_is_missing() -> None:
    at = compile_expression("conversation.at", Names(conversation=True))
    assert at.evaluate(Scope(None, conversation=Link("linked", "single", "c", "s", 253_402_300_800_000))) is None


@pytest.mark.parametrize(
    ("text", "names", "said", "hint"),
    [
        ("conversation.id", Names(), "only in `properties`", "payload.conversation"),
        ("conversation", Names(), "only in `properties`", "payload.conversation"),
        ("conversation.sorce", Names(conversation=True), "conversation has no sorce", "conversation.source"),
        ("conversation.x", Names(conversation=True), "conversation has no x", "conversation.id, conversation.at"),
        ("conversation[payload.a]", Names(conversation=True), "not a value by itself", "conversation.id"),
        ("conversation", Names(conversation=True), "not a value by itself", "conversation.id"),
    ],
)
def test_what_it_is_not(text: str, names: Names, said: str, hint: str) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        compile_expression(text, names)
    (refusal,) = refused.value.refusals
    assert refusal.code == "unknown-name"
    assert said in refusal.message
    assert refusal.hint is not None
    assert hint in refusal.hint
