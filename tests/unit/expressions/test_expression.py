"""Facts about an expression before any message; lets, items and tables; generated code is only our own."""

from __future__ import annotations

import pytest

from greenflash_kafka.expressions.expression import Expression, compile_expression
from greenflash_kafka.expressions.names import Names, Path, Table
from greenflash_kafka.expressions.scope import Let


def _compiled(text: str, names: Names | None = None) -> Expression:
    return compile_expression(text, names or Names())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("payload.a", "any"),
        ("1 + payload.a", "number"),
        ("upper(payload.a)", "text"),
        ('money_minor(payload.a, "EUR")', "money"),
        ('time(payload.a, "s")', "time"),
        ("payload.a == 1", "boolean"),
        ("payload.a and payload.b", "boolean"),
        ("not payload.a", "boolean"),
        ("[payload.a]", "list"),
        ("[x for x in payload.a]", "list"),
        ("null", "missing"),
        ('"a" if payload.a else "b"', "text"),
        ('"a" if payload.a else 1', "any"),
        ('"a" if payload.a else null', "text"),
        ('coalesce(text(payload.a), "x")', "text"),
        ("coalesce(payload.a, 1)", "any"),
        ("min(1, payload.a + 1)", "number"),
        ("kafka.offset", "number"),
        ("kafka.timestamp", "time"),
        ('money_minor(payload.a, "EUR") if payload.a else "x"', "any"),
    ],
)
def test_type(text: str, kind: str) -> None:
    assert _compiled(text).type == kind


def test_what_it_reads() -> None:
    table = Table("plans", ("plan_id", "name"), {"pro": {"plan_id": "pro", "name": "Pro"}})
    price = Let("price", _compiled("payload.items[0].price"))
    size = Let("size", _compiled("item.size", Names(item=True)))
    names = Names(lets={"price": price, "size": size}, tables={"plans": table}, item=True)
    expression = _compiled(
        'concat(tables.plans[payload.plan].name, price.x, kafka.headers["ce_type"], payload.a[payload.b].c)', names
    )
    assert expression.roots == {"payload", "tables", "kafka"}
    assert expression.lets == {"price"}
    assert expression.tables == {"plans"}
    assert expression.functions == {"concat"}
    assert set(expression.paths) == {
        Path("tables", ("plans",)),
        Path("payload", ("plan",)),
        Path("price", ("x",)),
        Path("kafka", ("headers", "ce_type")),
        Path("payload", ("b",)),
        Path("payload", ("a",)),
    }
    assert not expression.uses_item
    assert not expression.constant
    assert _compiled("size + 1", names).uses_item
    assert _compiled("index", names).uses_item
    assert _compiled("[item for item in [1]]", names).uses_item is False
    assert _compiled("1 + 1").constant
