"""Fields without a usable value on every sample."""

from __future__ import annotations

import pytest

from tests.unit.cases.sample_advice.conftest import ORDER, Advice

RULE = "  - {{name: r, when: {{type: order.paid}}, event: {{{event}}}}}\n"


@pytest.mark.parametrize(
    ("event", "said", "hint"),
    [
        ("event_at: '= time(payload.ts_ms, \"s\")'", "event_at is bad-time in the sample", "milliseconds?"),
        ("event_at: '= time(payload.created, \"ms\")'", "event_at is bad-time", 'time(payload.created, "s")'),
        ("event_at: = payload.created", "event_at is bad-time", 'time(payload.created, "s")'),
        ("value: = payload.total * 2", "value is type-mismatch", "number(payload.total)"),
        ("external_user_id: = payload.seats", "external_user_id is not-allowed", ""),
        ("value: '= money_minor(payload.total, payload.currency)'", "value is bad-money", ""),
    ],
)
def test_a_field_that_fails_on_all_samples(event: str, said: str, hint: str, advice: Advice) -> None:
    (found,) = [each for each in advice(RULE.format(event=event)) if each.code == "fails-on-samples"]
    assert found.message.startswith(said)
    assert hint in found.hint


def test_a_field_that_fails_on_some_samples_is_passed_over(advice: Advice) -> None:
    rules = RULE.format(event="event_at: '= time(payload.ts_ms, \"ms\")'")
    assert advice(rules, ORDER, {**ORDER, "ts_ms": 1795000000}) == []


def test_what_samples_cannot_have_is_passed_over(advice: Advice) -> None:
    assert advice(RULE.format(event="insert_id: = kafka.key, value: = lower(kafka.headers.v)")) == []


def test_bytes_of_a_decimal(advice: Advice) -> None:
    event = "value: '= money_major(payload.exact, \"EUR\")', properties: {currency: EUR}"
    (found,) = advice(RULE.format(event=event), ORDER, {**ORDER, "exact": "1234"})
    assert found.code == "base64-decimal"
    assert "decode_decimal(payload.exact, 2)" in found.hint


def test_a_word_is_no_decimal(advice: Advice) -> None:
    event = "value: '= money_major(payload.exact, \"EUR\")', properties: {currency: EUR}"
    (found,) = advice(RULE.format(event=event), {**ORDER, "exact": "free"})
    assert found.code == "fails-on-samples"


def test_what_samples_cannot_have_is_passed_over_behind_lets(advice: Advice) -> None:
    rules = """
  - name: r
    when: {type: order.paid}
    let: {key: = kafka.key, customer: = key}
    event: {insert_id: = customer.id}
"""
    assert advice(rules) == []


def test_a_path_that_no_sample_has_is_said_once(advice: Advice) -> None:
    assert [each.code for each in advice(RULE.format(event="insert_id: = payload.idd"))] == ["misspelled-path"]
