"""Paths by themselves: what is one, what it reads."""

from __future__ import annotations

import pytest

from greenflash_kafka.expressions.expression import Expression, compile_expression
from greenflash_kafka.expressions.names import Names, Path
from greenflash_kafka.expressions.path_parser import parse_path
from greenflash_kafka.expressions.refusals import ExpressionRefused
from greenflash_kafka.expressions.scope import Let


def _compiled(text: str, names: Names | None = None) -> Expression:
    return compile_expression(text, names or Names())


@pytest.mark.parametrize(
    ("text", "path", "shown"),
    [
        ("type", Path("payload", ("type",), True), "type"),
        ("data.items[0].price", Path("payload", ("data", "items", 0, "price"), True), "data.items[0].price"),
        ("items[-1]", Path("payload", ("items", -1), True), "items[-1]"),
        ('data["user id"]', Path("payload", ("data", "user id"), True), 'data["user id"]'),
        ("in.class", Path("payload", ("in", "class"), True), "in.class"),
        ("if", Path("payload", ("if",), True), "if"),
        ("payload.kafka", Path("payload", ("kafka",)), "payload.kafka"),
        ('payload["user.id"]', Path("payload", ("user.id",)), 'payload["user.id"]'),
        ("payload", Path("payload"), "payload"),
        ("kafka.topic", Path("kafka", ("topic",)), "kafka.topic"),
        ("order.total", Path("order", ("total",)), "order.total"),
        ("conversation.id", Path("payload", ("conversation", "id"), True), "conversation.id"),
        ("upper", Path("payload", ("upper",), True), "upper"),
    ],
)
def test_a_path_by_itself(text: str, path: Path, shown: str) -> None:
    names = Names(lets={"order": Let("order", _compiled("payload.o"))})
    assert parse_path(text, names) == path
    assert str(path) == shown


@pytest.mark.parametrize(
    ("text", "code", "item"),
    [
        ("order-id", "syntax", False),
        ("user id", "syntax", False),
        ("upper(a)", "syntax", False),
        ("a[b]", "syntax", False),
        ("a[1.5]", "syntax", False),
        ("1", "syntax", False),
        ("", "syntax", False),
        ("a..b", "syntax", False),
        ("kafka.topik", "unknown-name", False),
        ("conversation.id", "unknown-name", True),
        ("item.x", "unknown-name", False),
        ("type", "unknown-name", True),
        ("tables.x", "unknown-name", False),
    ],
)
def test_no_path(text: str, code: str, item: bool) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        parse_path(text, Names(item=item))
    (refusal,) = refused.value.refusals
    assert refusal.code == code
    assert 0 <= refusal.start <= refusal.end <= len(text)
    if text == "order-id":
        assert refusal.hint is not None
        assert 'payload["order-id"]' in refusal.hint
