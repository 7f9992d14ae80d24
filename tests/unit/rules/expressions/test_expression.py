"""What is known of an expression before any message; lets, items and tables; and that its code is only our own."""

from __future__ import annotations

from types import CodeType
from typing import Any

import pytest

from greenflash_kafka.rules.expressions.emitter import HELPERS
from greenflash_kafka.rules.expressions.expression import Expression, compile_expression
from greenflash_kafka.rules.expressions.names import KAFKA_FIELDS, Names, Path, Table
from greenflash_kafka.rules.expressions.path_parser import parse_path, path_getter, steps_getter
from greenflash_kafka.rules.expressions.refusals import EvaluationError, ExpressionRefused
from greenflash_kafka.rules.expressions.scope import Let, Scope


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


def test_a_let_is_worked_out_once_and_only_if_needed() -> None:
    first = Let("first", _compiled("[x for x in payload]"))
    broken = Let("broken", _compiled("1 / payload[0]"))
    names = Names(lets={"first": first, "broken": broken})
    scope = Scope([0, 1])
    assert _compiled("count(first) + count(first)", names).evaluate(scope) == 4
    assert scope.budget[0] == 100_000 - 2
    assert list(scope.lets or ()) == [first]
    for _ in range(2):
        with pytest.raises(EvaluationError, match="division-by-zero"):
            _compiled("broken", names).evaluate(scope)
    assert _compiled("1 if true else broken", names).evaluate(scope) == 1


def test_an_item_has_its_own_lets_and_shares_the_messages() -> None:
    whole = Let("whole", _compiled("count([x for x in payload])"))
    double = Let("double", _compiled("item * 2", Names(item=True)))
    names = Names(lets={"whole": whole, "double": double}, item=True)
    through = Let("through", _compiled("double + whole", names))
    names = Names(lets={**names.lets, "through": through}, item=True)
    scope = Scope([5, 6])
    expression = _compiled("[index, through, whole]", names)
    values = [expression.evaluate(scope.for_item(item, index)) for index, item in enumerate([5, 6])]
    assert values == [[0, 12, 2], [1, 14, 2]]
    assert through.per_item
    assert scope.budget[0] == 100_000 - 2


def test_tables_compare_as_text_and_empty_cells_are_missing() -> None:
    rows: dict[str, Any] = {"17": {"name": "x", "note": ""}, "true": {"name": "yes", "note": None}}
    names = Names(tables={"t": Table("t", ("name", "note"), rows)})
    scope = Scope({"number": 17, "flag": True, "list": [1]})
    assert _compiled("tables.t[payload.number].name", names).evaluate(scope) == "x"
    assert _compiled("tables.t[17.0].name", names).evaluate(scope) == "x"
    assert _compiled("tables.t[payload.flag].name", names).evaluate(scope) == "yes"
    assert _compiled('tables.t["17"].note', names).evaluate(scope) is None
    assert _compiled("exists(tables.t[payload.number])", names).evaluate(scope) is True
    assert _compiled("exists(tables.t[18])", names).evaluate(scope) is False
    assert _compiled("tables.t[payload.nope].name", names).evaluate(scope) is None
    with pytest.raises(EvaluationError, match="type-mismatch"):
        _compiled("tables.t[payload.list].name", names).evaluate(scope)


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
        ("upper", Path("payload", ("upper",), True), "upper"),
    ],
)
def test_a_path_by_itself(text: str, path: Path, shown: str) -> None:
    names = Names(lets={"order": Let("order", _compiled("payload.o"))})
    assert parse_path(text, names) == path
    assert str(path) == shown
    path_getter(path, names)


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
        ("conversation.id", "unknown-name", False),
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


def test_steps_tell_absent_from_null() -> None:
    absent = object()
    get = steps_getter(("a", 0, "b"), absent)
    assert get({"a": [{"b": 1}]}) == 1
    assert get({"a": [{"b": None}]}) is None
    nowhere: list[Any] = [{"a": [{}]}, {"a": []}, {"a": None}, {}, None, 5, "text", {"a": "text"}]
    assert all(get(value) is absent for value in nowhere)
    assert steps_getter(("a", -1), absent)({"a": []}) is absent
    assert steps_getter(())("x") == "x"


_EVIL = """concat(payload["__class__"], payload.__dict__, "__import__('os')", [__x for __x in payload.K0],
    'evaluate', payload["s"], time(payload.v1, zone=payload["builtins"]), kafka.headers["\\"]; import os"],
    payload[payload["\\u0022"]]) if payload.read_let == "K1" else hash(payload["eval"])"""


def _names_of(code: CodeType) -> set[str]:
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return {*code.co_names, *code.co_varnames, *(name for part in inner for name in _names_of(part))}


def test_nothing_of_the_text_becomes_a_name_in_the_code() -> None:
    evaluate: Any = _compiled(_EVIL).evaluate
    own = {*HELPERS, *KAFKA_FIELDS, "payload", "kafka", "get", "append", "__class__", "s"}
    assert {name for name in _names_of(evaluate.__code__) if not _counted(name)} <= own
    assert evaluate.__globals__["__builtins__"] == {}


def _counted(name: str) -> bool:
    return name.rstrip("0123456789") in ("K", "v", "each") or name.startswith("each")
