"""Reasons of rules in words."""

from __future__ import annotations

from greenflash_kafka.cases.reasons import reasons
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules.results import Explanation


def test_each_rule_and_item_has_its_line() -> None:
    problem = Problem("missing", "is required, and there is nothing", "c", 1, "value")
    said = reasons(
        [
            Explanation("a", None, "matched"),
            Explanation("b", None, "failed", "data.status"),
            Explanation("c", 1, "invalid", None, (problem,)),
            Explanation("d", None, "invalid", "where", (Problem("bad-time", "no time", "d"),)),
        ]
    )
    assert said[0] == "a: matched"
    assert said[1] == "b: no, `data.status` is the first condition that doesn't hold"
    assert said[2].startswith("c, item 1: value: missing: is required")
    assert said[3].startswith("d: ")
    assert "no time" in said[3]
