"""Reasons of rules in words."""

from __future__ import annotations

from typing import Any

from greenflash_kafka.cases.reasons import plain_reason, reasons
from greenflash_kafka.explanations.explained_rule import ExplainedField, ExplainedLine, ExplainedRule
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules.results import Explanation

PROBLEM = Problem("missing", "is required, but missing or empty", "c", 1, "value")


def failed(rule: str, *names: str, item: int | None = None) -> ExplainedRule:
    # Each rule has lines of its own.
    place: dict[str, Any] = {"file": "m.yaml", "line": 4, "column": 7 if rule in "b near" else 8 + int(rule[1:])}
    lines = [ExplainedLine("when", name, "failed", "a", '"b"', **place) for name in names]
    return ExplainedRule(Explanation(rule, item, "failed", names[0]), tuple(lines))


def test_each_rule_has_its_lines() -> None:
    left_out = ExplainedField("properties.x", "missing", True, "", ("payload.x: no such field",), ("did you mean y?",))
    said = reasons(
        [
            ExplainedRule(Explanation("a", None, "matched"), (), (left_out,)),
            failed("b", "data.status"),
            ExplainedRule(
                Explanation("c", 1, "invalid", None, (PROBLEM,)),
                (),
                (
                    ExplainedField(
                        "value",
                        "missing",
                        False,
                        PROBLEM.message,
                        ("payload.v: null",),
                        file="m.yaml",
                        line=9,
                        column=3,
                    ),
                ),
            ),
        ]
    )
    assert said == [
        "a: matched",
        "  left out, event is still sent:",
        "    properties.x: missing: payload.x: no such field",
        "      hint: did you mean y?",
        "b: failed",
        '  m.yaml:4:7: data.status: expected a, found "b"',
        "c, item 1: invalid",
        "  m.yaml:9:3: value: missing: `value` is required, and it is empty",
        "    payload.v: null",
    ]


def test_items_with_the_same_reasons_share_their_lines() -> None:
    said = reasons([failed("b", "x", item=item) for item in range(7)])
    assert said == ["b, items 0, 1, 2 and 4 more: failed", '  m.yaml:4:7: x: expected a, found "b"']


def test_of_many_rules_those_of_another_kind_of_message_have_one_line() -> None:
    said = reasons([failed(f"r{number}", "type", "cents") for number in range(5)] + [failed("near", "cents")])
    assert said[:5] == [f'r{number}: failed: type: expected a, found "b"' for number in range(5)]
    assert said[5:] == ["near: failed", '  m.yaml:4:7: cents: expected a, found "b"']


def test_a_line_of_the_file_is_said_once_for_all_its_rules() -> None:
    line = ExplainedLine("when", "livemode", "failed", "true", "false", file="m.yaml", line=2, column=8)
    own = ExplainedLine("when", "type", "holds", file="m.yaml", line=9, column=5)
    of_file = [ExplainedRule(Explanation(name, None, "failed", "livemode"), (line, own)) for name in ("x", "y")]
    once = ["x, y: failed", "  m.yaml:2:8: livemode: expected true, found false"]
    assert reasons([*of_file, failed("b", "cents")]) == [
        *once,
        "b: failed",
        '  m.yaml:4:7: cents: expected a, found "b"',
    ]
    whole = reasons(of_file, whole=True)
    assert whole[:2] == once
    assert whole[2:] == ["x: failed", "  holds: m.yaml:9:5: type", "y: failed", "  holds: m.yaml:9:5: type"]


def test_one_line_without_values() -> None:
    assert plain_reason(Explanation("a", None, "matched")) == "a: matched"
    assert plain_reason(Explanation("b", 2, "failed", "data.status")) == "b, item 2: no, `data.status` failed"
    assert plain_reason(Explanation("c", 1, "invalid", None, (PROBLEM,))).startswith("c, item 1: value: missing:")
