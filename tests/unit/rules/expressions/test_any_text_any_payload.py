"""No text crashes the compiler, no message an expression: a value or an error, and the same one each time."""

from __future__ import annotations

import string
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from consumer.model.problem import CODES
from consumer.rules.expressions.expression import Expression, compile_expression
from consumer.rules.expressions.functions.registry import FUNCTIONS
from consumer.rules.expressions.names import Names, Table
from consumer.rules.expressions.refusals import REFUSAL_CODES, EvaluationError, ExpressionRefused
from consumer.rules.expressions.scope import Let, Scope
from consumer.rules.expressions.values import json_value, plain_text, type_of, value_type

_NUMBERS = st.one_of(
    st.integers(-3, 3),
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
    st.sampled_from([Decimal("1e400"), Decimal("-1e-400"), Decimal("0.0"), 10**4000, Decimal("-0"), 1795000000]),
)
_TEXTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["EUR", "usd", "2026-11-18T11:06:40Z", "149.50", "12", "aGk=", '{"a": [1]}', "a=1&b=2", "\ud800"]),
)
_JSON = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)

_LITERALS = [
    "1",
    "0",
    "2.5",
    "-1",
    '"EUR"',
    '"a"',
    '""',
    "true",
    "false",
    "null",
    "[]",
    '["a", 1, null]',
    '"s"',
    "1e400",
]
_PATHS = ["payload", "payload.a", "payload.a.b", "payload.a[0]", "payload.b[-1].c", 'payload["c"]', "x", "kafka.key"]
_PATHS += [
    "kafka.headers.h",
    "kafka.timestamp",
    "tables.t[payload.a].n",
    "item",
    "index",
    "total",
    "payload[payload.a]",
]
_BINARY = ["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "and", "or", "in", "not in"]


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    calls = st.builds(
        lambda name, arguments: f"{name}({', '.join(arguments)})",
        st.sampled_from(sorted(FUNCTIONS)),
        st.lists(inner, min_size=1, max_size=3),
    )
    literal = st.sampled_from(
        [
            'matches(payload.a, "^a+$")',
            'extract(payload.b, "(a)|b")',
            'time(payload.a, "ms")',
            'time(payload.b, zone="Europe/Paris")',
            'money_minor(payload.a, "ISK", provider="stripe")',
            'money_major(payload.b, payload.a, round="half_up")',
            'format_time(time(payload.a), "%F %H:%M %Z", zone=payload.b)',
        ]
    )
    return st.one_of(
        calls,
        literal,
        st.builds(lambda a, op, b: f"({a} {op} {b})", inner, st.sampled_from(_BINARY), inner),
        st.builds(lambda a, c, b: f"({a} if {c} else {b})", inner, inner, inner),
        st.builds(lambda a: f"(not {a})", inner),
        st.builds(lambda a: f"(-{a})", inner),
        st.builds(lambda a, b: f"[{a}, {b}]", inner, inner),
        st.builds(lambda a, b, c: f"[{a} for x in {b} if {c}]", inner, inner, inner),
        st.builds(lambda a, b, c: f"[{a} for x in {b} for y in {c}]", inner, inner, inner),
        st.builds(lambda a, b: f"({a})[{b}]", inner, inner),
    )


_EXPRESSIONS = st.recursive(st.sampled_from(_LITERALS + _PATHS), _grown, max_leaves=10)

_TABLE = Table("t", ("n", "m"), {"a": {"n": "1", "m": ""}, "1": {"n": None, "m": "x"}})
_NAMES = Names(
    lets={"total": Let("total", compile_expression("payload.a + 1", Names()))}, tables={"t": _TABLE}, item=True
)
_KAFKA = SimpleNamespace(topic="t", partition=0, offset=1, key=None, timestamp=None, headers={"h": "1"})


def _compiled(text: str) -> Expression | None:
    try:
        return compile_expression(text, _NAMES)
    except ExpressionRefused as refused:
        refusals = refused.refusals
    assert refusals
    for refusal in refusals:
        assert refusal.code in (*REFUSAL_CODES, *CODES)
        assert 0 <= refusal.start <= refusal.end <= len(text)
        assert refusal.message
    return None


def _outcome(expression: Expression, payload: Any) -> Any:
    scope = Scope(payload, _KAFKA, 1_795_000_000_000, b"key").for_item(payload, 0)
    try:
        return type_of(expression.evaluate(scope)), expression.evaluate(scope)
    except EvaluationError as error:
        failed = error
    assert failed.code in CODES
    return failed.code, failed.message


@given(st.text(max_size=60) | st.text(alphabet=string.printable, max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_compiled_or_refused(text: str) -> None:
    _compiled(text)


@given(
    st.lists(
        st.sampled_from([*_LITERALS, *_PATHS, *_BINARY, *FUNCTIONS, *"()[],.=:", "for", "if", "else"]), max_size=14
    )
)
@settings(max_examples=300, deadline=None)
def test_any_words_are_compiled_or_refused(words: list[str]) -> None:
    _compiled(" ".join(words))


@given(_EXPRESSIONS, _JSON)
@settings(max_examples=800, deadline=None)
def test_any_expression_gives_a_value_or_an_error_on_any_payload(text: str, payload: Any) -> None:
    expression = _compiled(text)
    if expression is None:
        return
    known, value = _outcome(expression, payload)
    assert (known, value) == _outcome(expression, payload)
    if known in CODES:
        return
    assert known != "any"
    if expression.type not in ("any", "missing") and known != "missing":
        assert expression.type == known or (expression.type == "text" and known == "money")
    if expression.constant and expression.evaluate(Scope(None)) is not None:
        assert expression.evaluate(Scope(None)) == value
    plain_text(value)
    json_value(value)
    value_type(value)


@given(_JSON)
@settings(max_examples=200, deadline=None)
def test_a_path_gives_what_walking_gives(payload: Any) -> None:
    for text, steps in (("payload.a.b", "ab"), ("payload.a[0].c", ("a", 0, "c")), ("payload.b[-1]", ("b", -1))):
        value = payload
        for step in steps:
            if isinstance(step, str):
                value = value.get(step) if isinstance(value, dict) else None
            elif isinstance(value, list):
                value = value[step] if -len(value) <= step < len(value) else None
            else:
                value = value.get(str(step)) if isinstance(value, dict) else None
        assert compile_expression(text, Names()).evaluate(Scope(payload)) is value
