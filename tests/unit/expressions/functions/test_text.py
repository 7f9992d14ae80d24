"""Functions of text."""

from __future__ import annotations

from typing import Any

import pytest

from greenflash_kafka.expressions.expression import compile_expression
from greenflash_kafka.expressions.functions.argument_types import BadLiteral
from greenflash_kafka.expressions.functions.text import compile_pattern, found
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.refusals import EvaluationError, ExpressionRefused
from greenflash_kafka.expressions.scope import Scope


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('replace(payload.t, "l", "L")', "heLLo"),
        ('replace(payload.t, "", "x")', "hello"),
        ('split("a,b,", ",")', ["a", "b", ""]),
        ('split(payload.t, "")', ["hello"]),
        ('join(["a", 1, true], "-")', "a-1-true"),
        ('join(["a", payload.nope], "-")', None),
        ("substring(payload.t, 2, 3)", "ell"),
        ("substring(payload.t, 99)", ""),
        ("left(payload.t, 2)", "he"),
        ("right(payload.t, 2)", "lo"),
        ("right(payload.t, 0)", ""),
        ('extract(payload.t, "h(.)l")', "e"),
        ('extract(payload.t, "l+")', "ll"),
        ('extract(payload.t, "z")', None),
        ('contains(payload.list, "a")', True),
        ('starts_with(payload.t, "He")', False),
        ("length(payload.emoji)", 2),
        ("concat(payload.t, 1.50, true)", "hello1.5true"),
    ],
)
def test_a_function(text: str, value: Any) -> None:
    payload = {"t": "hello", "list": ["a"], "emoji": "é😀"}
    assert compile_expression(text, Names()).evaluate(Scope(payload)) == value


@pytest.mark.parametrize("text", ["upper(payload)", "length(payload)", 'split(payload, ",")', "trim(payload)"])
def test_a_number_is_no_text(text: str) -> None:
    with pytest.raises(EvaluationError, match="type-mismatch"):
        compile_expression(text, Names()).evaluate(Scope(5))


def test_patterns_are_re2_s() -> None:
    assert found(compile_pattern("^a+$"), "aaa")
    assert not found(compile_pattern("^a+$"), "aab")
    for wrong in ("(", r"(a)\1", "(?=a)"):
        with pytest.raises(BadLiteral):
            compile_pattern(wrong)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('regex_replace(payload.tel, "[^0-9+]", "")', "+491715550"),
        (r'regex_replace(payload.name, "^([^,]+), (.+)$", "\2 \1")', "Ada Lovelace"),
        (r'regex_replace("a-b", "[a-z]", "<\0>")', "<a>-<b>"),
        (r'regex_replace("äö", "", "-")', "-ä-ö-"),
        (r'regex_replace("abxd", "x*", "-")', "-a-b-d-"),
        (r'regex_replace("b", "(a)|b", "[\1]")', "[]"),
        (r'regex_replace("a.b", "[.]", "\\\\")', "a\\b"),
        (r'regex_replace("5 €", "€", "$5")', "5 $5"),
        ('regex_replace(payload.nope, "a", "b")', None),
    ],
)
def test_what_a_pattern_finds_is_replaced(text: str, value: Any) -> None:
    payload = {"tel": "+49 171 / 55-50", "name": "Lovelace, Ada"}
    assert compile_expression(text, Names()).evaluate(Scope(payload)) == value


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('regex_replace(payload, "([0-9]+)-", "$1")', r"\1"),
        (r'regex_replace(payload, "[0-9]", "\1")', r"a group is what stands in parentheses; \0 is all that was found"),
        (r'regex_replace(payload, "a", "\d")', r"\1, or \\ for a backslash"),
        (r'regex_replace(payload, "\C", "")', "."),
        ('regex_replace(payload, "(", "")', r"close it, or write \( for the character"),
        ('regexp_replace(payload, "a", "b")', 'regex_replace(x, "[^0-9]", "")'),
        ("re_replace(payload)", 'regex_replace(x, "[^0-9]", "")'),
        ("reverse(payload)", "sort(x, desc=true)"),
    ],
)
def test_a_replacement_that_cannot_be_meant_is_refused(text: str, hint: str) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        compile_expression(text, Names())
    assert [each.hint for each in refused.value.refusals] == [hint]


def test_replacing_costs_no_more_than_a_message_may() -> None:
    # Each search of this pattern looks at all the rest of the text.
    slow = compile_expression('regex_replace(payload, "a.*b|a", "")', Names())
    with pytest.raises(EvaluationError, match="limit"):
        slow.evaluate(Scope("a" * 60_000))
    long = compile_expression(f'regex_replace(payload, "a", "{"b" * 1_000}")', Names())
    with pytest.raises(EvaluationError, match="limit"):
        long.evaluate(Scope("a" * 1_000))


@pytest.mark.parametrize(
    ("old", "remarked"),
    [
        *((old, True) for old in ("[a-z]", "[^0-9]", r"\d+", ".*", "(a|b)", r"\s", "[A-Za-z0-9]")),
        *((old, False) for old in (".", "$", "US$", "(EUR)", "[EUR]", "a|b", "-", "+", "C:\\\\data", "^", "*", "a.b")),
    ],
)
def test_replace_says_so_of_a_pattern(old: str, remarked: bool) -> None:
    remarks = compile_expression(f'replace(payload, "{old}", "x")', Names()).remarks
    assert [each.code for each in remarks] == ["pattern-as-text"] * remarked
