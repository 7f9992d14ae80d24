"""No text crashes the compiler, no message an expression: a value or an error, and the same one each time."""

from __future__ import annotations

import string
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka.expressions.expression import Expression, compile_expression
from greenflash_kafka.expressions.functions.definition import Function, Parameter
from greenflash_kafka.expressions.functions.registry import FUNCTIONS
from greenflash_kafka.expressions.names import Names, Table
from greenflash_kafka.expressions.refusals import EvaluationError, ExpressionRefused, RefusalCode
from greenflash_kafka.expressions.scope import Let, Scope
from greenflash_kafka.expressions.values import json_value, plain_text, type_of, value_type
from greenflash_kafka.model.problem import CODES

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

# Beside those, calls whose arguments have the types that the functions take, so that they get far.
_OPERATORS: dict[str, list[tuple[str, ...]]] = {
    "number": [("number", op, "number") for op in "+-*/%"] + [("-", "number"), ("index",)],
    "boolean": [(kind, op, kind) for kind in ("number", "text", "time") for op in ("==", "<", ">=", "!=")]
    + [("boolean", "and", "boolean"), ("boolean", "or", "boolean"), ("not", "boolean"), ("text", "in", "list")],
    "list": [("[", "number", ",", "number", "]"), ("[", "text", ",", "text", "]"), ("[ x for x in", "list", "]")],
    "text": [("text", "if", "boolean", "else", "text"), ("(", "list", ")[0]"), ("tables.t[", "text", "].n")],
    "time": [("time(", "number", ', "ms")'), ("time(", "text", ', zone="Europe/Paris")'), ("kafka.timestamp",)],
    "object": [],
}
_ROOTS = {"number": "n", "boolean": "b", "list": "l", "text": "t", "time": "s", "object": "o"}
_WRITTEN_OUT = {
    "pattern": '"^.(a|1)?"',
    "replacement": '"<\\1>"',
    "unit": '"s"',
    "provider": '"stripe"',
    "round": '"half_up"',
}


def _written_out(function: Function, parameter: Parameter) -> str:
    if parameter.name == "format":
        return '"%F %T %j %p"' if function.name == "format_time" else '"%Y-%m-%d"'
    return _WRITTEN_OUT[parameter.name]


@st.composite
def _typed(draw: st.DrawFn, kind: str, depth: int = 3) -> str:
    """An expression that should give a value of a type."""
    root = "time(payload.s)" if kind == "time" else f"payload.{_ROOTS[kind]}"
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        return root
    choice: Any = draw(st.sampled_from([*_OPERATORS[kind], *_returning(kind)]))
    if isinstance(choice, tuple):
        return "(" + " ".join(draw(_typed(part, depth - 1)) if part in _ROOTS else part for part in choice) + ")"
    arguments = []
    for parameter in choice.parameters:
        if parameter.optional and draw(st.booleans()):
            continue
        if parameter.type.literal:
            written = _written_out(choice, parameter)
        elif parameter.name == "currency":
            written = draw(st.sampled_from(['"EUR"', '"JPY"', '"ISK"', '"KWD"', "payload.t"]))
        else:
            known = [name for name in parameter.type.types or ("text", "number") if name in _ROOTS]
            written = draw(_typed(draw(st.sampled_from(known)), depth - 1))
        named = parameter.optional or (parameter.name == "x" and len(choice.parameters) == 1 and not parameter.many)
        arguments.append(f"{parameter.name}={written}" if named else written)
        if parameter.many:
            arguments += [draw(_typed(known[0], depth - 1)) for _ in range(draw(st.integers(0, 2)))]
    return f"{choice.name}({', '.join(arguments)})"


def _returning(kind: str) -> list[Function]:
    also = ("any", "money") if kind == "text" else ("any",) if kind == "number" else ()
    return [function for function in FUNCTIONS.values() if function.returns in (kind, *also)]


_TYPED = st.sampled_from(sorted(_ROOTS)).flatmap(_typed)
_RECORDS = st.fixed_dictionaries(
    {
        "n": _NUMBERS,
        "b": st.booleans(),
        "t": _TEXTS,
        "l": st.lists(_NUMBERS, max_size=3) | st.lists(_TEXTS, max_size=3) | _JSON,
        "s": st.datetimes().map(str) | st.sampled_from(["2026-11-18T11:06:40Z", "Wed, 18 Nov 2026 11:06:40 GMT"]),
        "o": _JSON,
    }
)

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
        assert refusal.code in (*get_args(RefusalCode), *CODES)
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


@given(_TYPED, _RECORDS | _RECORDS | _JSON)
@settings(max_examples=600, deadline=None)
def test_any_sensible_expression_gives_a_value_or_an_error_on_any_payload(text: str, payload: Any) -> None:
    _check(text, payload)


@given(_EXPRESSIONS, _JSON)
@settings(max_examples=400, deadline=None)
def test_any_expression_gives_a_value_or_an_error_on_any_payload(text: str, payload: Any) -> None:
    _check(text, payload)


def _check(text: str, payload: Any) -> None:
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
