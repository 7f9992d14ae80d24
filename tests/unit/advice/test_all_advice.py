"""Advice about rules that would run: money, influence, time, collisions, transitions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.mappings.files import Loaded
from tests.unit.rules.one_rule import RULE, changed, places

Load = Callable[..., Loaded]


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "code"),
    [
        ("      influence: neutral\n", "", 6, 5, "missing-influence"),
        ('value: "1"\n      insert_id: = payload.id', "value: '= money_minor(payload.a, \"EUR\")'", 10, 14,
         "money-without-insert-id"),
        ('value: "1"', "value: '= money_minor(payload.a, \"EUR\")'", 10, 14, "money-without-currency"),
        ('value: "1"', "value_type: currency\n      value: = payload.v", 11, 14, "money-without-currency"),
        ("{type: x}", "{type: x, n: 5.0}", 5, 24, "long-number"),
        ("{type: x}", "{type: {increased: true}}", 5, 12, "no-earlier-value"),
        ("    when:", "    valid: {until: 2026-01-01}\n    when:", 5, 5, "expired"),
    ],
)  # fmt: skip
def test_advice_lets_the_file_through(load_text: Load, old: str, new: str, line: int, column: int, code: str) -> None:
    loaded = load_text(changed(old, new))
    assert (line, column, code) in places(loaded.findings), [finding.describe() for finding in loaded.findings]
    assert loaded.ruleset is not None


def test_rules_that_may_give_one_id_are_noticed_unless_they_exclude_each_other(load_text: Load) -> None:
    second = RULE[RULE.index("  - name") :].replace("name: r", "name: s")
    assert [f.code for f in load_text(RULE + second).findings] == ["may-collide"]
    assert load_text(RULE + second.replace("type: x", "type: y")).findings == ()
    assert load_text(RULE + second.replace("event_type: e", "event_type: f")).findings == ()


def test_an_amount_in_one_currency_that_is_said_to_be_in_another_is_noticed(load_text: Load) -> None:
    money = changed('value: "1"', "value: '= money_minor(payload.a, \"EUR\")'")
    assert places(load_text(money + "      properties: {currency: USD}\n").findings) == [(13, 20, "mixed-currencies")]
    assert load_text(money + "      properties: {currency: eur}\n").findings == ()
