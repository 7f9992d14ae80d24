"""What to write instead of what other languages have."""

from __future__ import annotations

import pytest

from greenflash_kafka.documents.vocabulary import words
from greenflash_kafka.expressions.functions.registry import FUNCTIONS
from greenflash_kafka.expressions.parser import parse
from greenflash_kafka.expressions.refusals import ExpressionRefused
from greenflash_kafka.expressions.suggestions import function_hint


@pytest.mark.parametrize(
    ("word", "hint"), [("UPPER", "upper"), ("uper", "upper"), ("vlookup", "tables.name[key].column"), ("zzzzzz", None)]
)
def test_another_function(word: str, hint: str | None) -> None:
    assert function_hint(word, FUNCTIONS) == hint


def test_no_function_of_the_language_is_taken_for_another_language_s() -> None:
    assert not words("functions").keys() & FUNCTIONS.keys()


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("payload.a === 1", "=="),
        ("payload.a ? 1 : 2", "a if condition else b"),
        ("payload.a IS NULL", "not exists(payload.a)"),
        ("payload.a IS NOT NULL", "exists(payload.a)"),
        ("payload.name.upper()", "upper(payload.name)"),
        ("payload.items[*]", "[x.price for x in payload.items]"),
        ("1 < payload.a < 5", "a < b and b < c"),
        ('upper("a"', "a ) is missing"),
        ("upper payload.a", "upper(...)"),
        ("payload.a AND payload.b", "and"),
        ('"abc', 'close it with "'),
        ("1 if payload.a", "a if condition else b"),
    ],
)
def test_syntax_of_other_languages_has_a_hint(text: str, hint: str) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        parse(text)
    assert refused.value.refusals[0].hint == hint
