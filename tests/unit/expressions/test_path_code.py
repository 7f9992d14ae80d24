"""Paths in expressions: what they find, and what is refused of them."""

from __future__ import annotations

from typing import Any

import pytest

from greenflash_kafka.expressions.expression import compile_expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.refusals import ExpressionRefused
from greenflash_kafka.expressions.scope import Scope

PAYLOAD = {"a": {"b c": [10, {"d": 1}], "n": 1, "k": "n"}, "none": None, "text": "x", "0": "key"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('payload.a["b c"][0]', 10),
        ('payload.a["b c"][-1].d', 1),
        ('payload.a["b c"][2]', None),
        ("payload.a[payload.a.k]", 1),
        ('payload.a["b c"][payload.a.n].d', 1),
        ("payload.none.x.y", None),
        ("payload.text.x", None),
        ("payload[0]", "key"),
        ("payload.nope", None),
        ("payload" + ".a" * 30, None),
    ],
)
def test_a_path_gives_what_is_there_or_nothing(text: str, value: Any) -> None:
    assert compile_expression(text, Names()).evaluate(Scope(PAYLOAD)) == value


def test_a_path_of_many_steps_is_followed_to_its_end() -> None:
    payload: Any = "end"
    for _ in range(45):
        payload = {"x": payload}
    assert compile_expression("payload" + ".x" * 45, Names()).evaluate(Scope(payload)) == "end"


@pytest.mark.parametrize(
    ("text", "marked", "hint"),
    [
        ("1 + amount", "amount", "payload.amount, if it is a field of the message"),
        ("payloat.a", "payloat", "payload"),
        ("kafka.topik", "kafka.topik", "kafka.topic"),
        ("item.a", "item", "payload.item, if it is a field"),
        ("now", "now", None),
        ("NULL", "NULL", "null"),
        ("payload.order-id", "id", 'payload["order-id"], if id is the end of a field\'s name'),
    ],
)
def test_an_unknown_word_is_refused_at_its_place(text: str, marked: str, hint: str | None) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        compile_expression(text, Names())
    (refusal,) = refused.value.refusals
    assert (refusal.code, text[refusal.start : refusal.end]) == ("unknown-name", marked)
    assert hint is None or refusal.hint == hint
