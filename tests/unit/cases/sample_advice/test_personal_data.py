"""Personal data of samples in properties."""

from __future__ import annotations

import pytest

from tests.unit.cases.sample_advice.conftest import ORDER, Advice

RULE = "  - {{name: r, when: {{type: order.paid}}, event: {{properties: {{{properties}}}}}}}\n"


@pytest.mark.parametrize(
    ("properties", "value", "said"),
    [
        ("mail: = payload.x", "ada@acme.test", "properties.mail holds an email address in a sample"),
        ("name: = payload.x", "Ada <ada@acme.test>", "properties.name holds an email address in a sample"),
        ("tel: = payload.x", "+49 171 5550000", "properties.tel holds a telephone number in a sample"),
        ("phone: = payload.x", "0171-5550000", "properties.phone holds a telephone number in a sample"),
        ("pay: = payload.x", "4242 4242 4242 4242", "properties.pay holds a card number in a sample"),
        ("card: = payload.x", "4242424242424242", "properties.card holds a card number in a sample"),
        ("who: {mail: = payload.x}", "ada@acme.test", "properties.who.mail holds an email address in a sample"),
    ],
)
def test_a_property_with_personal_data(properties: str, value: str, said: str, advice: Advice) -> None:
    (found,) = advice(RULE.format(properties=properties), {**ORDER, "x": value})
    assert (found.code, found.severity, found.message) == ("personal-data", "warning", said)
    assert "hash" in found.hint


@pytest.mark.parametrize("value", ["a-1", "@acme", "4242424242424242", "4242 4242 4242 4243", "2026-11-18", "+1", 42])
def test_a_property_without(value: object, advice: Advice) -> None:
    assert advice(RULE.format(properties="x: = payload.x"), {**ORDER, "x": value}) == []


def test_what_is_hashed_is_no_personal_data(advice: Advice) -> None:
    assert advice(RULE.format(properties="x: = hash(payload.user.email)")) == []


def test_properties_as_a_whole(advice: Advice) -> None:
    (found,) = advice("  - {name: r, when: {type: order.paid}, event: {properties: = payload.user}}\n")
    assert found.message == "properties.email holds an email address in a sample"
