"""Transitions with nothing to compare with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.mappings.files import Loaded
from tests.unit.rules.one_rule import RULE

Load = Callable[..., Loaded]
DECLARED = "source: {topics: [t], before: payload.before, after: payload.after}"


@pytest.mark.parametrize("line", ["{changed: true}", "{to: paid}", "{becomes: paid}", "{increased: true}", "{from: a}"])
def test_a_transition_that_has_no_earlier_value_is_noticed(load_text: Load, line: str) -> None:
    (found,) = load_text(RULE.replace("{type: x}", f"{{type: x, seats: {line}}}")).findings
    assert (found.line, found.column, found.code) == (5, 21, "no-earlier-value")
    assert "source: {before: payload.old, after: payload.new}" in found.hint


def test_a_path_beside_the_declared_rows_is_told_where_it_belongs(load_text: Load) -> None:
    text = RULE.replace("source: {topics: [t]}", DECLARED)
    (found,) = load_text(text.replace("{type: x}", "{type: x, new.seats: {changed: true}}")).findings
    assert (found.code, found.hint) == ("no-earlier-value", "write after.seats: {changed: ...}")
    assert load_text(text.replace("{type: x}", "{type: x, after.seats: {changed: true}}")).findings == ()


@pytest.mark.parametrize(
    "line",
    [
        "{data.object.seats: {increased: true}}",
        "{ChangeEventHeader.entityName: Order, StageName: {to: Closed Won}}",
        "{changed_fields: {exists: true}, seats: {changed: true}}",
    ],
)
def test_what_has_an_earlier_value_is_not_spoken_of(load_text: Load, line: str) -> None:
    assert load_text(RULE.replace("{type: x}", line)).findings == ()
