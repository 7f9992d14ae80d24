"""Numbers are exact, missing is SQL's NULL, types don't mix: one line an expression."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from greenflash_kafka.expressions.expression import compile_expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.refusals import EvaluationError, ExpressionRefused
from greenflash_kafka.expressions.scope import Scope

_D = Decimal


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1 + 0.2", _D("0.3")),
        ("2 / 3", _D("0.6666666666666666666666666666666667")),
        ("6 / 2", 3),
        ("7 % -3", 1),
        ("-7 % -3", -1),
        ("-7.5 % 2", _D("-1.5")),
        ("1e400 % 0.3", _D("0.1")),
        ("9007199254740993 * 9007199254740993", 9007199254740993**2),
        ("--1", 1),
        ("1" * 60 + " + 1", int("1" * 60) + 1),
        ("1 - 2 - 3", -4),
        ("2 + 3 * 4", 14),
        ("(2 + 3) * 4", 20),
        ("-2 * 3", -6),
        ("round(2.345, 2)", _D("2.35")),
        ("round(-2.345, 2)", _D("-2.35")),
        ("round(1250, -2)", 1300),
        ("round(-1250, -2)", -1300),
        ("floor(-2.1)", -3),
        ("ceil(-2.7)", -2),
        ("text(100.0)", "100"),
        ("text(1e3)", "1000"),
        ("text(0 * -1.5)", "0"),
        ("text(0.0000001)", "0.0000001"),
        ("avg([1, 2, 4])", _D("2.333333333333333333333333333333333")),
        ("min(1, null)", None),
        ("max([1, null])", None),
        ("sum(1, 2)", 3),
        ('max("a", "b")', "b"),
        # equality
        ("1 == 1.0", True),
        ("1 == true", False),
        ("0 == false", False),
        ("1 != true", True),
        ('"1" == 1', False),
        ("[1, 2] == [1.0, 2]", True),
        ("[true] == [1]", False),
        ("1 in [1.0]", True),
        ("1 in [true]", False),
        ("true in [1]", False),
        ("null in [1]", None),
        ("1 in null", None),
        ("1 in [null]", False),
        ("1 in [null, 1]", True),
        ("1 in []", False),
        ('"a" < "b"', True),
        # three values
        ("null and false", False),
        ("null and true", None),
        ("null and null", None),
        ("null or true", True),
        ("null or false", None),
        ("not null", None),
        ("true and not false", True),
        ("1 if null else 2", 2),
        ("false and 1 / 0 > 1", False),
        ("true or 1 / 0 > 1", True),
        ("coalesce(1, 1 / 0)", 1),
        ("1 if true else 1 / 0", 1),
        ('nullif("a", null)', "a"),
        ('nullif(null, "a")', None),
        ("not 1 == 2", True),
        ("true or false and false", True),
        # lists
        ("[x * 2 for x in [1, 2, 3] if x != 2]", [2, 6]),
        ("[[x, y] for x in [1, 2] for y in [3, 4] if y > 3]", [[1, 4], [2, 4]]),
        ("[y for x in [[1], [2]] for y in x]", [1, 2]),
        ("[y for x in [[1], null] for y in x]", None),
        ("[x for x in null]", None),
        ("[x for x in [1, null] if x > 0]", [1]),
        ("[[y for y in [x, 1]] for x in [2]]", [[2, 1]]),
        ("sort([3, 1, null, 2])", [1, 2, 3, None]),
        ('distinct([1, 1.0, true, "1", null, null, [1], [1.0]])', [1, True, "1", None, [1]]),
        ("flatten([[1], [2, [3]], 4, null])", [1, 2, [3], 4, None]),
        ("last([])", None),
        ("[1, 2,][1]", 2),
        # text
        (r'"\u0041\uD83D\uDE00\d\\d"', "A😀\\d\\d"),
        (r"'it\'s'", "it's"),
        ('length("😀é")', 2),
        ('substring("abc", 2)', "bc"),
        ('substring("abc", 4)', ""),
        ('right("abc", 0)', ""),
        ('split("a", "")', ["a"]),
        ('replace("abc", "", "x")', "abc"),
        ('join([], "-")', ""),
        ('join(["a", 1, true, 1.50], "-")', "a-1-true-1.5"),
        ('concat("a", null)', None),
        ('contains(["a", 2], 2.0)', True),
        ('matches("ABC", "(?i)b")', True),
        ('extract("aéc", "é(.)")', "c"),
        ('extract("abc", "(x)?b")', None),
        # parsing
        ('parse_json("null")', None),
        ('parse_json("[1, 2.50]")', [1, _D("2.50")]),
        ('parse_query("https://shop.test/p?a=%C3%A9&b=1+2#f")', {"a": "é", "b": "1 2"}),
        ('parse_query("a=1&a=2").a', "2"),
        ('decode_base64("aGk")', "hi"),
        ('decode_base64("8J-YgA==")', "😀"),
        ('uuid5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "python.org")', "886313e1-3b8a-5372-9b90-0c9aee199e5d"),
    ],
)
def test_value(text: str, value: Any, value_of: Callable[[str], Any]) -> None:
    got = value_of(text)
    assert got == value
    assert isinstance(got, bool) == isinstance(value, bool)


@pytest.mark.parametrize(
    ("text", "payload", "code"),
    [
        ("payload + 1", "15", "type-mismatch"),
        ("payload + 1", True, "type-mismatch"),
        ("-payload", "x", "type-mismatch"),
        ("payload < 1", "a", "type-mismatch"),
        ("payload < payload", True, "type-mismatch"),
        ("payload < payload", [1], "type-mismatch"),
        ("not payload", 1, "type-mismatch"),
        ("1 if payload else 2", "yes", "type-mismatch"),
        ("payload or true", 5, "type-mismatch"),
        ("true and payload", 5, "type-mismatch"),
        ("1 in payload", "123", "type-mismatch"),
        ("[x for x in payload]", {"a": 1}, "not-a-list"),
        ("[x for x in payload]", "abc", "not-a-list"),
        ("[y for x in payload for y in x]", [1], "not-a-list"),
        ("[x for x in payload if x]", [1], "type-mismatch"),
        ("1 / payload", 0, "division-by-zero"),
        ("1 / payload", _D("0.00"), "division-by-zero"),
        ("1 % payload", 0, "division-by-zero"),
        ("upper(payload)", 5, "type-mismatch"),
        ("count(payload)", "abc", "type-mismatch"),
        ("length(payload)", [1], "type-mismatch"),
        ("concat(payload)", [1], "type-mismatch"),
        ("text(payload)", {}, "type-mismatch"),
        ("sum(payload)", [1, "2"], "type-mismatch"),
        ("min(payload)", 5, "type-mismatch"),
        ("sort(payload)", [1, "a"], "type-mismatch"),
        ("sort(payload)", [True], "type-mismatch"),
        ("number(payload)", True, "type-mismatch"),
        ("payload * payload", 10**600, "bad-number"),
        ("payload * payload * payload", _D("1e400"), "bad-number"),
        ("payload * payload * payload", _D("1e-400"), "bad-number"),
        ("parse_json(payload)", "[" * 201 + "]" * 201, "bad-json"),
        ("parse_json(payload)", "[" * 100_000, "bad-json"),
        ("parse_json(payload)", "1e999999999", "bad-json"),
        ("parse_json(payload)", "NaN", "bad-json"),
        ("parse_json(payload)", "{} {}", "bad-json"),
        ("decode_base64(payload)", "a", "bad-payload"),
        ("decode_base64(payload)", "/w==", "bad-payload"),
        ("coalesce(payload.x, 1 / payload.y)", {"y": 0}, "division-by-zero"),
        ("exists(1 / payload)", 0, "division-by-zero"),
    ],
)
def test_error(text: str, payload: Any, code: str) -> None:
    expression = compile_expression(text, Names())
    with pytest.raises(EvaluationError) as failed:
        expression.evaluate(Scope(payload))
    assert failed.value.code == code


@pytest.mark.parametrize(
    "text",
    [
        '"15" + "4"',
        "1 + true",
        'upper(payload.a) + "x" * 2',
        '"a" < 1',
        "true < false",
        "not 1",
        "5 and payload.a == 1",
    ],
)
def test_what_can_never_work_is_refused_when_all_of_it_is_literal(text: str) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        compile_expression(text, Names())
    assert {refusal.code for refusal in refused.value.refusals} == {"type-mismatch"}


def test_and_stops_at_the_side_that_decides() -> None:
    assert compile_expression("payload.a and 1 / payload.b > 0", Names()).evaluate(Scope({"a": False, "b": 0})) is False
    assert compile_expression("payload.a or 1 / payload.b > 0", Names()).evaluate(Scope({"a": True, "b": 0})) is True
    with pytest.raises(EvaluationError, match="division"):
        compile_expression("payload.a and 1 / payload.b > 0", Names()).evaluate(Scope({"b": 0}))
