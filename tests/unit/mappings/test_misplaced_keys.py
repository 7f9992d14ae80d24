"""Keys of a rule that were indented one level too deep, and fields of the same names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.documents.findings import Finding

OfLine = Callable[[str], tuple[Finding, ...]]


@pytest.mark.parametrize(
    "line",
    [
        "where: payload.cents > 100",
        "where: = exists(payload.cents)",
        "each: payload.items",
        "let: {a: = payload.x}",
        "event: {event_type: e, influence: positive}",
        "when: {type: x}",
        "valid: {from: 2026-01-01, until: 2027-01-01}",
        "link: {lookback: 24h}",
    ],
)
def test_a_key_among_the_conditions_is_one_mistake_that_says_where_it_belongs(of_line: OfLine, line: str) -> None:
    (found,) = of_line(line)
    key = line.partition(":")[0]
    assert (found.line, found.column, found.code) == (7, 7, "misplaced-key")
    assert f"`{key}` stands among the lines of `when`" in found.message
    assert f"indent `{key}:` as far as `when:`" in found.hint


def test_a_rule_without_a_name_that_has_one_among_its_conditions(advice: Callable[..., tuple[Finding, ...]]) -> None:
    found = advice("  - name: r\n    when: {type: x}\n", "  - when:\n      name: r\n      type: x\n")
    assert ("misplaced-key", 5, 7) in [(each.code, each.line, each.column) for each in found]


@pytest.mark.parametrize(
    "line",
    [
        "where: office",
        "each: daily",
        "event: Order Completed",
        "event: {starts_with: Order}",
        "name: bob",
        "when: morning",
        "when: [morning, evening]",
        "value: 5",
        "properties.plan: pro",
    ],
)
def test_a_field_of_such_a_name_is_a_field(of_line: OfLine, line: str) -> None:
    assert [each.describe() for each in of_line(line)] == []
