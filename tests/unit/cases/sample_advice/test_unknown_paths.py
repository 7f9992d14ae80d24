"""Paths that no sample has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from greenflash_kafka.cases.linting import lint
from tests.unit.cases.sample_advice.conftest import HEAD, ORDER, Advice

RULE = "  - {{name: r, when: {{{when}}}, event: {{properties: {{p: {field}}}}}}}\n"


@pytest.mark.parametrize(
    ("field", "said", "hint"),
    [
        ("= payload.user.emial", "payload.user.emial: not in the sample", "did you mean payload.user.email?"),
        (
            "= payload.user.first_name",
            "payload.user.first_name: not in the sample",
            "did you mean payload.user.firstName?",
        ),
        ("= payload.usr.id", "payload.usr.id: not in the sample", "did you mean payload.user.id?"),
        ("= lower(payload.curency)", "payload.curency: not in the sample", "did you mean payload.currency?"),
        (
            "= payload.customer.user.id",
            "payload.customer.user.id: not in the sample",
            "the message has payload.user.id",
        ),
    ],
)
def test_a_misspelled_path(field: str, said: str, hint: str, advice: Advice) -> None:
    (found,) = advice(RULE.format(when="type: order.paid", field=field))
    assert (found.code, found.severity, found.message, found.hint) == ("misspelled-path", "warning", said, hint)


def test_a_misspelled_path_of_a_condition(advice: Advice) -> None:
    (found,) = advice(RULE.format(when="typ: order.paid", field="x"), ORDER, ORDER)
    assert (found.code, found.message, found.hint) == (
        "misspelled-path",
        "typ: in none of 2 samples",
        "did you mean type?",
    )
    assert (found.line, found.column) == (11, 22)


def test_a_path_of_an_item_and_of_a_let(advice: Advice) -> None:
    rules = """
  - name: r
    each: payload.lines
    when: {item.pric: {above: 0}, payload.type: order.paid}
    let: {buyer: = payload.user}
    event: {insert_id: '= join([payload.id, index], "-")', properties: {p: = buyer.emial}}
"""
    assert [(each.message, each.hint) for each in advice(rules)] == [
        ("item.pric: not in the sample", "did you mean item.price?"),
        ("buyer.emial: not in the sample", "did you mean buyer.email?"),
    ]


def test_a_path_into_text_that_holds_json(advice: Advice) -> None:
    (found,) = advice(RULE.format(when="type: order.paid", field="= payload.meta.plan"))
    assert found.code == "json-in-text"
    assert "let: {meta: = parse_json(payload.meta)}, then meta.plan" in found.hint


def test_a_field_of_a_list(advice: Advice) -> None:
    found = advice(RULE.format(when="type: order.paid, lines.sku: a", field="x"))
    assert [each.code for each in found] == ["misspelled-path"]
    assert "payload.lines is a list" not in found[0].message
    assert found[0].message == "lines.sku: not in the sample: lines is a list"


def test_a_path_that_nothing_is_near_to_is_advice_from_three_samples_on(advice: Advice) -> None:
    rules = RULE.format(when="type: order.paid", field="= payload.coupon")
    assert advice(rules, ORDER, ORDER) == []
    (found,) = advice(rules, ORDER, ORDER, ORDER)
    assert (found.code, found.severity) == ("not-in-samples", "advice")


@pytest.mark.parametrize(
    "rules",
    [
        RULE.format(when="type: order.paid", field="'= coalesce(payload.usr.id, payload.user.id)'"),
        RULE.format(when="type: order.paid, seat: null", field="x"),
        RULE.format(when="type: order.paid, seat: {exists: false}", field="x"),
        RULE.format(when="type: order.paid, none: [{seat: 5}]", field="x"),
        RULE.format(when="type: order.paid", field="= payload.seats if exists(payload.seat) else 1"),
        # A rule about other messages than the samples.
        RULE.format(when="type: order.refunded", field="= payload.user.emial"),
        RULE.format(when="type: order.paid", field="= kafka.headers.usr"),
        RULE.format(when="type: order.paid", field="= payload.line1"),
    ],
)
def test_what_may_be_missing_is_passed_over(rules: str, advice: Advice) -> None:
    assert advice(rules, {**ORDER, "line2": "x"}) == []


def test_one_sample_that_has_the_path_is_enough(advice: Advice) -> None:
    rules = RULE.format(when="type: order.paid", field="= payload.usr.id")
    assert advice(rules, ORDER, {**ORDER, "usr": {"id": None}}) == []


def test_what_is_null_in_the_sample_is_spelled_right(advice: Advice) -> None:
    assert not advice(RULE.format(when="type: order.paid", field="= payload.after.amount"), {**ORDER, "after": None})


def test_a_name_that_stands_elsewhere_in_the_message(advice: Advice) -> None:
    (found,) = advice(RULE.format(when="type: order.paid", field="= payload.firstName"))
    assert (found.code, found.hint) == ("not-in-samples", "the message has payload.user.firstName")
    assert advice(RULE.format(when="type: order.paid", field="= payload.sku_id")) == []


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("payload.usr.id", ["payload.usr.id: in none of 8 samples"]),
        ("payload.coupon", ["payload.coupon: in none of 8 samples"]),
    ],
)
def test_a_default_of_two_rules_with_other_samples_is_said_once(path: str, said: list[str], tmp_path: Path) -> None:
    rules = "  - {name: %s, when: {type: [%s]}, event: {event_type: order_%s}}\n"
    head = HEAD.replace("payload.user.id", path)
    (tmp_path / "orders.yaml").write_text(
        head + rules % ("a", "order.paid, order.sent", "a") + rules % ("b", "order.sent", "b")
    )
    (tmp_path / "samples").mkdir()
    for number, kind in enumerate(("order.paid", "order.sent") * 4):
        (tmp_path / "samples" / f"orders_{number}.json").write_text(json.dumps({**ORDER, "type": kind}))
    assert [each.message for each in lint([tmp_path], {}).findings if "sample" in each.message] == said
