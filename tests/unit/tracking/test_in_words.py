"""Conditions in words, from what is written in `when`."""

from __future__ import annotations

import pytest

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.mappings.when import read_when
from greenflash_kafka.rules.when_operators.all_operators import OPERATORS
from greenflash_kafka.tracking.in_words import all_words


def words(text: str) -> str:
    report = FileReport("f.yaml")
    node = parse(text.encode(), report)
    assert node is not None
    conditions = read_when(node, Names(), report)
    assert report.findings == ()
    return all_words(conditions)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{type: order.paid, amount: {above: 100}}", "`type` is `order.paid`, and `amount` is above 100"),
        ("{type: [a, b, c]}", "`type` is `a`, `b` or `c`"),
        ("{test: false}", "`test` is false"),
        ("{x: null}", "`x` is missing"),
        ("{x: [null, a, b]}", "`x` is missing, or is `a` or `b`"),
        ("{x: ''}", "`x` is an empty text"),
        ("{x: {exists: true}}", "`x` has a value"),
        ("{x: {exists: false}}", "`x` is missing"),
        ("{x: {not: null}}", "`x` has a value"),
        ("{x: {not: [a, b]}}", "`x` has a value other than `a` or `b`"),
        ("{x: {at_least: 1.5, below: 10}}", "`x` is at least 1.5 and is below 10"),
        ("{x: {starts_with: a`b}}", "`x` begins with `` a`b ``"),
        ("{x: {matches: '^a|b$'}}", "`x` matches the pattern `^a|b$`"),
        ("{x: {contains: b}}", "`x` contains `b`"),
        ("{x: {changed: true}}", "`x` has changed"),
        ("{x: {increased: true}}", "`x` is larger than before"),
        ("{x: {from: a, to: [b, c]}}", "`x` has changed from `a` to `b` or `c`"),
        ("{x: {to: b}}", "`x` has changed to `b`"),
        ("{x: {becomes: b}}", "`x` is `b` now and was not before"),
        ("{any: [{a: 1}, {b: 2, c: 3}]}", "at least one of these holds: `a` is 1; or (`b` is 2 and `c` is 3)"),
        ("{none: [{a: 1}, {b: 2}]}", "none of these holds: `a` is 1; or `b` is 2"),
        ("{none: [{a: 1}]}", "this doesn't hold: `a` is 1"),
        ("{all: [{a: 1}, {b: 2}]}", "`a` is 1, and `b` is 2"),
    ],
)
def test_a_condition_reads_as_a_sentence(written: str, said: str) -> None:
    assert words(written) == said


def test_every_operator_has_words() -> None:
    assert [name for name, of in OPERATORS.items() if not of.words and name not in ("exists", "not")] == []
