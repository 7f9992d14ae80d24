"""Unusable expressions are refused at their place, with the right hint: the usual first mistakes of analysts."""

from __future__ import annotations

import pytest

from greenflash_kafka.expressions.expression import compile_expression
from greenflash_kafka.expressions.names import Names, Table
from greenflash_kafka.expressions.refusals import ExpressionRefused, Refusal

_NAMES = Names(tables={"outcome": Table("outcome", ("event_type", "note"), {"paid": {"event_type": "x"}})})


def _refusals(text: str, names: Names = _NAMES) -> tuple[Refusal, ...]:
    with pytest.raises(ExpressionRefused) as refused:
        compile_expression(text, names)
    return refused.value.refusals


@pytest.mark.parametrize(
    ("text", "code", "at", "hint"),
    [
        ("payload.a = 1", "syntax", "=", "=="),
        ("payload.a <> 1", "syntax", ">", "!="),
        ("payload.a === 1", "syntax", "=", "=="),
        ("payload.a AND payload.b", "syntax", "AND", "and"),
        ("payload.a OR payload.b", "syntax", "OR", "or"),
        ("NOT payload.a", "syntax", "payload", "not"),
        ("payload.a IS NULL", "syntax", "IS", "not exists(payload.a)"),
        ("payload.a is not null", "syntax", "is", "exists(payload.a)"),
        ("CASE WHEN payload.a THEN 1 END", "syntax", "WHEN", "a if condition else b"),
        ('payload.a || "x"', "syntax", "|", "concat"),
        ('payload.a LIKE "x%"', "syntax", "LIKE", "starts_with"),
        ("payload.a NOT IN (1, 2)", "syntax", "NOT", "not in"),
        ("payload.a in (1, 2)", "syntax", ",", 'x in ["a", "b"]'),
        ("payload.a BETWEEN 1 AND 5", "syntax", "BETWEEN", "x >= low and x <= high"),
        ("IF(payload.a, 1, 2)", "unknown-function", "IF", "a if condition else b"),
        ("if(payload.a, 1, 2)", "syntax", "if", "a if condition else b"),
        ("payload.a ? 1 : 2", "syntax", "?", "a if condition else b"),
        ("1 if payload.a", "syntax", "", "a if condition else b"),
        ("payload.a ?? 1", "syntax", "?", "coalesce"),
        ("payload.a && payload.b", "syntax", "&", "and"),
        ("!payload.a", "syntax", "!", "not a"),
        ("2 ** 9", "syntax", "*", "x * x"),
        ("7 // 2", "syntax", "/", "floor(a / b)"),
        ("1 < payload.a < 5", "syntax", "<", "a < b and b < c"),
        ("payload.a == payload.b == 1", "syntax", "==", "a < b and b < c"),
        ("payload.name.upper()", "syntax", "(", "upper(payload.name)"),
        ("payload.items.filter(1)", "syntax", "(", "[x.price for x in list if x.quantity > 0]"),
        ("payload.items[*].p", "syntax", "*", "[x.price for x in payload.items]"),
        ("payload.items[0:2]", "syntax", ":", "first(list)"),
        ("payload.items.0", "syntax", "0", "[0]"),
        ('payload.["a"]', "syntax", "[", 'a["user id"]'),
        ("payload.$set", "syntax", "$", 'payload["$set"]'),
        ("lambda x: x", "syntax", "x", "let"),
        ('{"a": 1}', "syntax", "{", "properties"),
        ("“x”", "syntax", "“", '"text"'),
        ('concat("a, "b")', "syntax", "b", None),
        ('"abc', "syntax", '"', 'close it with "'),
        ("upper(payload.a", "syntax", "", "a ) is missing"),
        ("payload.amount +", "syntax", "", None),
        (".5", "syntax", ".", "0.5"),
        ("12abc", "syntax", "1", None),
        ("exists payload.a", "syntax", "payload", "exists(...)"),
        ("payload.a exists", "syntax", "exists", "exists(x)"),
        ("payload.a::text", "syntax", ":", "text(x)"),
        ('payload.a =~ "x"', "syntax", "=", "matches"),
        ("payload.a == 'it''s'", "syntax", "'s'", "concat"),
        ('f"x{payload.a}"', "syntax", '"x{payload.a}"', "concat"),
        ("COUNT(*)", "syntax", "*", "count(list)"),
        ("SELECT payload.a", "syntax", "payload", "for x in"),
        ("CURRENT_TIMESTAMP", "unknown-name", "CURRENT_TIMESTAMP", "kafka.timestamp"),
        ("nope", "unknown-name", "nope", "payload.nope"),
        ("uuid()", "unknown-function", "uuid", "uuid5"),
        ("sqrt(payload.a)", "unknown-function", "sqrt", "x * x"),
        ("", "syntax", "", None),
        ("007", "bad-literal", "007", '"007"'),
        ("1" * 401, "bad-literal", "1" * 401, "quotes"),
        ("1." + "1" * 34, "bad-literal", "1." + "1" * 34, None),
        ("1e401", "bad-literal", "1e401", None),
        ("1e999999999999", "bad-literal", "1e999999999999", None),
        (r'"\ud800"', "bad-literal", r'"\ud800"', None),
        ('matches(payload.a, "(")', "bad-literal", '"("', None),
        ('matches(payload.a, "(?=a)")', "bad-literal", '"(?=a)"', "two conditions"),
        ("matches(payload.a, payload.b)", "arguments", "payload.b", None),
        ("payload.items[1.5]", "bad-literal", "1.5", "[0]"),
        ("payloat.a", "unknown-name", "payloat", "payload"),
        ("type", "unknown-name", "type", "payload.type"),
        ("customer.id", "unknown-name", "customer", "payload.customer.id"),
        ("payload.order-id", "unknown-name", "id", 'payload["order-id"]'),
        ("TRUE", "unknown-name", "TRUE", "true"),
        ("None", "unknown-name", "None", "null"),
        ("item.x", "unknown-name", "item", "payload.item"),
        ("conversation.id", "unknown-name", "conversation", "payload.conversation"),
        ("kafka", "unknown-name", "kafka", "kafka.topic"),
        ("kafka.topik", "unknown-name", "kafka.topik", "kafka.topic"),
        ("tables.outcom[1].note", "unknown-name", "tables.outcom[1].note", "tables.outcome"),
        ("tables.outcome", "unknown-name", "tables.outcome", "tables.outcome[key].note"),
        ('tables.outcome["paid"].event', "unknown-name", 'tables.outcome["paid"].event', "event_type"),
        ("uper(payload.a)", "unknown-function", "uper", "upper"),
        ("UPPER(payload.a)", "unknown-function", "UPPER", "upper"),
        ("ISBLANK(payload.a)", "unknown-function", "ISBLANK", 'not exists(nullif(x, ""))'),
        ('VLOOKUP(payload.a, "t", 2)', "unknown-function", "VLOOKUP", "tables.name[key].column"),
        ("DATEDIFF(payload.a, payload.b)", "unknown-function", "DATEDIFF", "days_between"),
        ("NOW()", "unknown-function", "NOW", "kafka.timestamp"),
        ("len(payload.a)", "unknown-function", "len", "length"),
        ("nvl(payload.a, 1)", "unknown-function", "nvl", "coalesce"),
        ("ifnull(payload.a, 1)", "unknown-function", "ifnull", "coalesce"),
        ("cast(payload.a)", "unknown-function", "cast", "text(x)"),
        ("cast(payload.a as int)", "syntax", "as", "number(x)"),
        ("str(payload.a)", "unknown-function", "str", "text"),
        ("gt(payload.a, 1)", "unknown-function", "gt", "a > b"),
        ('prefix(payload.a, "x")', "unknown-function", "prefix", "starts_with"),
        ("about(payload.a)", "unknown-function", "about", "x >= low"),
        ("substr(payload.a, 1)", "unknown-function", "substr", "substring"),
        ('money(payload.a, "EUR")', "unknown-function", "money", "money_minor"),
        ("eval(1)", "unknown-function", "eval", None),
        ("upper()", "arguments", "upper()", "upper(x)"),
        ('upper("a", "b")', "arguments", 'upper("a", "b")', "upper(x)"),
        ("concat()", "arguments", "concat()", "concat(x, ...)"),
        ("round(payload.a, digits=2)", "arguments", "digits", "round(x, n?)"),
        ("round(payload.a, 2, n=2)", "arguments", "n", "round(x, n?)"),
        ("round(n=2, payload.a)", "arguments", "payload.a", None),
        ("time(payload.a, unti=1)", "arguments", "unti", "unit"),
        ("[x for x in payload.a for y in x for z in y]", "syntax", "for", None),
        ("[x for x in x]", "unknown-name", "x", "payload.x"),
        ("x := 1", "syntax", ":", None),
        ("payload.a; 1", "syntax", ";", "payload.a, 1"),
        ("payload.a.__class__()", "syntax", "(", None),
        ("().__class__", "syntax", ")", None),
        ("payload.a # note", "syntax", "#", None),
    ],
)
def test_refused(text: str, code: str, at: str, hint: str | None) -> None:
    (refusal,) = _refusals(text)
    assert refusal.code == code
    assert text[refusal.start : refusal.end] == at
    if hint is not None:
        assert refusal.hint is not None
        assert hint in refusal.hint
    assert refusal.message


def test_everything_that_is_wrong_is_said_at_once_and_in_order() -> None:
    refusals = _refusals('concat(uper(payload.a), payloat.b, "x" + 1, matches(payload.c, "("))')
    assert [refusal.code for refusal in refusals] == [
        *("unknown-function", "unknown-name", "type-mismatch", "bad-literal")
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("upper(payload.a + 1)", "type-mismatch"),
        ("upper(payload.a) + 1", "type-mismatch"),
        ("count(payload.a) < upper(payload.b)", "type-mismatch"),
        ("payload.a in upper(payload.b)", "type-mismatch"),
        ("[x for x in upper(payload.a)]", "type-mismatch"),
        ("1 if count(payload.a) else 2", "type-mismatch"),
        ("payload.a == null", "type-mismatch"),
        ("upper(payload.a).b", "type-mismatch"),
        ('payload.a * "2"', "type-mismatch"),
        ('"a" + payload.a', "type-mismatch"),
        ("money_minor(payload.a, 5)", "type-mismatch"),
        ('bucket(payload.a, "100")', "type-mismatch"),
        ("upper(payload.a)", None),
        ("round(payload.a) == 1", None),
        ("payload.a + null", None),
        ('join([payload.a, 5], "-")', None),
    ],
)
def test_what_cannot_work_is_remarked(text: str, said: str | None) -> None:
    codes = [remark.code for remark in compile_expression(text, _NAMES).remarks]
    assert codes == ([] if said is None else [said])
