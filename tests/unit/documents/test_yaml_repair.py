"""Slips that YAML trips over are found where they are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.rules.files import Loaded
from tests.unit.rules.one_rule import changed

Load = Callable[..., Loaded]


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "said"),
    [
        ("event_type: e", "event_type:e", 7, 7, "no blank after its colon"),
        ("event_type: e", "event_type e", 7, 7, "no colon"),
        ('value: "1"', 'value:"1"', 10, 7, "no blank after its colon"),
        ('value: "1"', "value:= payload.a", 10, 7, "value: = payload.a"),
        ("    event:", "    event", 6, 5, "no colon"),
        ("rules:", "rules", 3, 1, "no colon"),
        ("version: 1", "version:1", 1, 1, "no blank after its colon"),
        ("      event_type: e", "     event_type: e", 7, 6, "after 5 blanks"),
        ("      product_id", "       product_id", 8, 8, "after 7 blanks"),
    ],
)
def test_a_slip_in_yaml_is_found_where_it_is_and_hides_nothing(
    load_text: Load, old: str, new: str, line: int, column: int, said: str
) -> None:
    loaded = load_text(changed(old, new).replace("insert_id: = payload.id", "insert_id: = payloat.id"))
    slip, other = loaded.findings
    assert (slip.line, slip.column, slip.code) == (line, column, "bad-yaml")
    assert said in slip.message
    assert (other.line, other.column, other.code) == (11, 20, "unknown-name")
