"""Literals of `when` beside what the samples have there."""

from __future__ import annotations

import pytest

from tests.unit.cases.sample_advice.conftest import ORDER, Advice

RULE = "  - {{name: r, when: {{{when}}}, event: {{}}}}\n"


@pytest.mark.parametrize(
    ("when", "said", "hint"),
    [
        ("zip: 75001", "the number 75001 is compared, and the sample has the text", 'quote it: zip: "75001"'),
        ("zip: 10115", "the number 10115 is compared", 'quote it: zip: "10115"'),
        ("zip: {not: 10115}", "the number 10115 is compared", 'quote it: zip: {not: "10115"}'),
        ('seats: "5"', 'the text "5" is compared, and the sample has the number 5', "write seats: 5"),
        ('trial: "true"', "is compared, and the sample has true", "write trial: true, without quotes"),
        ("seats: true", "true is compared", "in the samples it is 5"),
        ("tags: vip", "the sample has a list of 1", "tags: {contains: vip}"),
        ("total: {above: 100}", "the sample has the text", "number(payload.total) > 100"),
        ('seats: {above: "3"}', "the sample has the number 5", "write seats: {above: 3}"),
        (
            'created: {above: "2026-01-01"}',
            "the sample has the number",
            'time(payload.created, "s") > time("2026-01-01")',
        ),
        ("zip: [10115, 1]", "the number 10115 is compared", 'quote them: zip: ["10115", "1"]'),
    ],
)
def test_another_kind_than_in_the_samples(when: str, said: str, hint: str, advice: Advice) -> None:
    (found,) = [each for each in advice(RULE.format(when=when)) if each.code == "other-type-than-samples"]
    assert found.severity == "warning"
    assert said in found.message
    assert hint in found.hint


@pytest.mark.parametrize(
    ("when", "hint"),
    [
        ("type: Order.Paid", "write type: [Order.Paid, order.paid]"),
        ('type: "order.paid "', "they differ in spaces only"),
        ("type: order.payed", "did you mean order.paid?"),
        ("type: [ordr.paid, x]", "did you mean order.paid?"),
    ],
)
def test_a_misspelled_text(when: str, hint: str, advice: Advice) -> None:
    (found,) = [each for each in advice(RULE.format(when=when)) if each.code == "misspelled-literal"]
    assert hint in found.hint


@pytest.mark.parametrize(
    "when",
    [
        "type: order.paid",
        "type: order.refunded",
        "type: {not: order.refunded}",
        'zip: "10115"',
        "seats: 7",
        "seats: {above: 3}",
        "seats: {not: 7}",
        "trial: false",
        "tags: {contains: vip}",
        'created: {above: 100}, zip: ["10115", 75001]',
        "seats: 500",
    ],
)
def test_other_values_of_the_same_kind_are_fine(when: str, advice: Advice) -> None:
    assert advice(RULE.format(when=when)) == []


def test_a_field_of_several_kinds_is_passed_over(advice: Advice) -> None:
    assert advice(RULE.format(when="zip: 75001"), ORDER, {**ORDER, "zip": 75001}) == []
