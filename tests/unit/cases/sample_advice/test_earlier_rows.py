"""Transitions beside samples that Debezium wrote."""

from __future__ import annotations

from tests.unit.cases.sample_advice.conftest import ORDER, Advice

RULE = "  - {name: r, when: {seats: {increased: true}}, event: {}}\n"
CHANGE = {"op": "u", "source": {}, "before": ORDER, "after": {**ORDER, "seats": 6}}


def test_samples_of_debezium_say_which_envelope_has_the_earlier_values(advice: Advice) -> None:
    (found,) = [each for each in advice(RULE, CHANGE) if each.code == "no-earlier-value"]
    assert "source: {envelope: debezium}" in found.hint
    assert "payload.old" not in found.hint


def test_other_samples_do_not(advice: Advice) -> None:
    (found,) = [each for each in advice(RULE, ORDER) if each.code == "no-earlier-value"]
    assert "payload.old" in found.hint
