"""Functions of lists that are given a path through a list."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.documents.findings import Finding

Advice = Callable[[str, str], tuple[Finding, ...]]


@pytest.mark.parametrize("word", ["sum", "avg", "min", "max"])
def test_a_field_of_a_list_is_taken_from_each_element(advice: Advice, word: str) -> None:
    (found,) = advice('value: "1"', f"value: = {word}(payload.lines.price)")
    assert (found.line, found.column, found.code) == (10, 14, "field-of-a-list")
    assert found.hint == f"{word}([l.price for l in payload.lines])"


@pytest.mark.parametrize("let", ["[c.id for c in payload.content]", "payload.content[0].id"])
def test_a_list_is_known_by_how_else_it_is_used(advice: Advice, let: str) -> None:
    (found,) = advice("    when:", f"    let: {{a: '= {let}', n: = count(payload.content.price)}}\n    when:")
    assert (found.code, found.hint) == ("field-of-a-list", "count([c.price for c in payload.content])")


@pytest.mark.parametrize(
    "value",
    [
        "= sum([l.price for l in payload.lines])",
        "= sum(payload.totals)",
        "= sum(payload.order.prices)",
        "= max(payload.address.floors)",
        "= count(payload.items.data)",
        "= max(payload.lines.price, 5)",
    ],
)
def test_a_list_itself_is_not_spoken_of(advice: Advice, value: str) -> None:
    assert [each.describe() for each in advice('value: "1"', f"value: '{value}'")] == []
