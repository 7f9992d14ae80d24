"""The values that rules compare with, wherever they stand."""

from __future__ import annotations

from pathlib import Path

from greenflash_kafka.loading import load
from greenflash_kafka.peek.rule_literals import literals

RULES = """\
version: 1
source: {topics: [t]}
when: {type: [order.paid, order.sent]}
rules:
  - name: paid
    when:
      lines: {any: {sku: x-1}}
      none: [{channel: test}]
    where: payload.total > 100 and lower(payload.tier) == "gold"
    let: {big: '= payload.size == "xl"'}
    event:
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      value: = payload.total
      influence: '= "positive" if payload.rating == "good" else "negative"'
"""


def test_conditions_and_expressions(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(RULES)
    ruleset = load([tmp_path], {}).ruleset
    assert ruleset is not None
    rules = ruleset.rules_for("t")
    assert rules is not None
    found = literals(rules.rules)
    assert {"order.paid", "order.sent", "x-1", "test", "100", "gold", "xl", "good"} <= found
