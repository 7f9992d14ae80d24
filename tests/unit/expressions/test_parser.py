"""Texts as trees: what can be read, and where reading ends."""

from __future__ import annotations

import pytest

from greenflash_kafka.expressions.expression import compile_expression
from greenflash_kafka.expressions.names import Names, Table
from greenflash_kafka.expressions.refusals import ExpressionRefused, Refusal

_NAMES = Names(tables={"outcome": Table("outcome", ("event_type", "note"), {"paid": {"event_type": "x"}})})


def _refusals(text: str, names: Names = _NAMES) -> tuple[Refusal, ...]:
    with pytest.raises(ExpressionRefused) as refused:
        compile_expression(text, names)
    return refused.value.refusals


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" 1" + " " * 1_997 + "+1", None),
        ("1" + " " * 1_998 + "+1", "too-long"),
        ("(" * 50 + "1" + ")" * 50, None),
        ("(" * 51 + "1" + ")" * 51, "too-deep"),
        ("(" * 900 + "1" + ")" * 900, "too-deep"),
        ("[" * 50 + "]" * 50, None),
        ("[" * 51 + "]" * 51, "too-deep"),
        ("not " * 51 + "true", "too-deep"),
        ("-" * 1_900 + "1", "too-deep"),
        ("upper(" * 51 + "payload" + ")" * 51, "too-deep"),
        ("1 if payload.a else " * 51 + "2", "too-deep"),
        # Long is not deep.
        ("+".join(["1"] * 1_000), None),
        ("payload" + "[0]" * 600, None),
        ("payload" + ".a" * 900, None),
        (" and ".join(["payload.a"] * 140), None),
        ("coalesce(" + ", ".join(["payload.a"] * 170) + ")", None),
        ("[x for x in " * 50 + "payload" + "]" * 50, None),
        ("1 if payload.a else " * 50 + "2", None),
    ],
)
def test_length_and_depth_are_limited(text: str, code: str | None) -> None:
    if code is None:
        compile_expression(text, _NAMES)
    else:
        assert [refusal.code for refusal in _refusals(text)] == [code]
