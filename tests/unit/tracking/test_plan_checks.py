"""Rules held to the tracking plan: each deviation has its finding, with the place and what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.app.settings import load_rules
from greenflash_kafka.cases.linting import lint
from greenflash_kafka.errors import MappingsInvalid
from tests.unit.tracking.conftest import PLAN, RULES, Lint

TYPE = "event_type: upgrade_purchased"
FROM_TABLE = "event_type: = tables.stages[payload.stage].type"
PROPERTIES = "properties: {currency: EUR, app: shop}"


def test_a_rule_as_planned_has_no_finding(lint_changed: Lint) -> None:
    assert lint_changed() == []


@pytest.mark.parametrize(
    ("changes", "code", "line", "said"),
    [
        ([(TYPE, "event_type: upgrade_purchase")], "unplanned-event-type", 12, "did you mean upgrade_purchased?"),
        ([(TYPE, "event_type: step_completed")], "unplanned-event-type", 12, "add it there, under events"),
        ([(TYPE, "event_type: paid")], "unplanned-event-type", 12, "add it there, under events: paid:"),
        (
            [(TYPE, "event_type: paid"), ("closed: true\n", "")],
            "event-type-not-in-plan",
            12,
            "isn't an event type of the tracking plan",
        ),
        ([(TYPE, "event_type: = payload.kind")], "computed-event-type", 12, "write it out, hold its field to some"),
        ([(TYPE, "event_type: order_paid")], "deprecated-event-type", 12, "It means the same. (event_type: upgrade_"),
        (
            [("influence: positive\n      value", "influence: negative\n      value")],
            "other-influence-than-planned",
            15,
            "upgrade_purchased is positive, not negative (write influence: positive",
        ),
        (
            [("      influence: positive\n      value", "      value")],
            "other-influence-than-planned",
            11,
            "add influence: positive",
        ),
        ([('= money_major(payload.total, "EUR")', "3")], "other-value-than-planned", 16, "is currency, and this one"),
        ([('payload.total, "EUR"', 'payload.total, "USD"')], "other-value-than-planned", 16, "counted in EUR"),
        (
            [("currency: EUR, app", "currency: EUR, coupon: x, app")],
            "unplanned-property",
            18,
            "may not leave the house",
        ),
        ([("currency: EUR, app", "currency: EUR, seat: x, app")], "unplanned-property", 18, "did you mean seats?"),
        ([(PROPERTIES, "properties: = payload.more")], "unnamed-properties", 18, "name each: properties: {plan: ="),
        ([("currency: EUR, app", "app")], "missing-planned-property", 11, "add properties: {currency: ...}"),
        ([("app: shop", "seats: many")], "other-property-than-planned", 18, "`seats` of upgrade_purchased is number"),
        (
            [(TYPE, FROM_TABLE), ("type: usage_logged", "type: usage_loged")],
            "unplanned-event-type",
            12,
            "did you mean usage_logged?",
        ),
        (
            [
                (TYPE, FROM_TABLE),
                (
                    "influence: positive\n      value",
                    "influence: = tables.stages[payload.stage].influence\n      value",
                ),
                ("usage_logged, influence: neutral", "usage_logged, influence: negative"),
            ],
            "other-influence-than-planned",
            15,
            "a row of the table says that usage_logged is negative",
        ),
    ],
)
def test_what_isnt_as_planned_is_found_in_its_place(
    lint_changed: Lint, changes: list[tuple[str, str]], code: str, line: int, said: str
) -> None:
    found = [each for each in lint_changed(*changes) if each.code == code]
    assert [each.line for each in found] == [line], lint_changed(*changes)
    assert said in found[0].describe()


def test_a_value_that_measures_nothing_is_a_fixed_word(lint_changed: Lint) -> None:
    none = ("value: {type: currency, unit: EUR}", "value: none")
    money = 'value: = money_major(payload.total, "EUR")'
    assert [each.code for each in lint_changed(none, (money, "value: bought"))] == []
    assert [each.code for each in lint_changed(none, (money, "value: = payload.word"))] == ["other-value-than-planned"]


def test_a_value_whose_kind_nobody_knows_is_taken_as_planned(lint_changed: Lint) -> None:
    assert (
        lint_changed(
            ('= money_major(payload.total, "EUR")', "= payload.seats"),
            ("value: {type: currency, unit: EUR}", "value: count"),
        )
        == []
    )


def test_a_property_of_a_rule_of_several_types_must_be_named_for_each(lint_changed: Lint) -> None:
    kinds = ("when: {type: paid}", "when: {kind: [upgrade_purchased, usage_logged]}")
    found = lint_changed(kinds, (TYPE, "event_type: = payload.kind"))
    said = [each.message for each in found if each.code == "unplanned-property"]
    assert said == ["the plan doesn't name the property `currency` for usage_logged, so it may not leave the house"]


def test_a_property_of_a_default_is_held_to_the_plan_too(lint_changed: Lint) -> None:
    found = lint_changed(("rules:\n", "defaults: {properties: {ip: = payload.ip}}\nrules:\n"))
    assert [(each.code, each.line) for each in found] == [("unplanned-property", 8)]


def test_of_any_event_type_only_the_plans_own_properties_may_go_out(lint_changed: Lint) -> None:
    found = lint_changed((TYPE, "event_type: = payload.kind"))
    assert [(each.code, "`currency`" in each.message) for each in found] == [
        ("computed-event-type", False),
        ("unplanned-property", True),
    ]


def test_a_broken_plan_says_nothing_of_the_rules(lint_changed: Lint) -> None:
    found = lint_changed(("closed: true", "close: true"), (TYPE, "event_type: paid"))
    assert [each.code for each in found] == ["unknown-key"]


def test_run_doesnt_start_with_a_property_that_isnt_planned(tmp_path: Path) -> None:
    (tmp_path / "events.yaml").write_text(PLAN)
    (tmp_path / "a.yaml").write_text(RULES)
    load_rules([tmp_path], {}, "dead")
    (tmp_path / "a.yaml").write_text(RULES.replace("app: shop", "ssn: = payload.ssn"))
    with pytest.raises(MappingsInvalid, match="unplanned-property"):
        load_rules([tmp_path], {}, "dead")


def test_the_plan_leaves_the_version_of_the_rules_alone(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(RULES)
    without = lint([tmp_path], {}).ruleset
    (tmp_path / "events.yaml").write_text(PLAN)
    planned = lint([tmp_path], {}).ruleset
    assert without is not None
    assert planned is not None
    assert planned.version == without.version
