"""The tracking plan's own mistakes: each has a finding in its place that leads to the right form."""

from __future__ import annotations

import pytest

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.tracking.tracking_plan import PlannedProperty, PlannedValue, TrackingPlan
from tests.unit.tracking.conftest import PLAN


def read(text: str) -> tuple[TrackingPlan, list[str]]:
    plan, report = TrackingPlan(), FileReport("events.yaml")
    plan.add(text.encode(), report)
    return plan, [each.describe() for each in report.findings]


def test_everything_that_is_written_is_in_the_plan() -> None:
    plan, findings = read(PLAN)
    assert findings == []
    assert plan.closed
    upgrade, usage, paid = plan.events.values()
    assert (upgrade.meaning, upgrade.owner, upgrade.influence) == (
        "A customer pays for more.",
        "billing team",
        "positive",
    )
    assert upgrade.value == PlannedValue("currency", "EUR")
    assert plan.allowed(upgrade)["app"] == PlannedProperty("app", "Where it happened.")
    assert upgrade.properties["email"].personal
    assert usage.properties == {}
    assert paid.deprecated is not None
    assert f"{paid.deprecated.since:%Y-%m-%d}" == "2026-11-01"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("meaning: A customer", "meanin: A customer", "7:5: error unknown-key: `meanin` isn't a key of an event type"),
        ("meaning: A customer", "description: A customer", "write meaning"),
        ("    meaning: A customer pays for more.\n", "", "missing-key: an event type of the plan needs `meaning`"),
        ("influence: positive", "influence: good", "one of positive, negative, neutral"),
        ("value: {type: currency, unit: EUR}", "value: curency", "did you mean currency?"),
        ("value: {type: currency, unit: EUR}", "value: {unit: EUR}", "a value of the plan needs `type`"),
        ("value: {type: currency, unit: EUR}", "value: money", "write currency"),
        ("{type: currency, unit: EUR}", "{type: currency, unit: eur}", "no currency has the code eur (write EUR)"),
        ("personal: true", "pii: true", "write personal"),
        ("personal: true", "personal: yes", "write true"),
        (
            "{since: 2026-11-01, use: upgrade_purchased, because: It means the same.}",
            "true",
            "e.g. deprecated: {since:",
        ),
        ("    influence: positive\n", "    influence: good\n", "write positive"),
        ("personal: true", "personal: often", "true or false is expected here"),
        ("type: number", "type: integer", "one of text, number, boolean, list, object"),
        ("since: 2026-11-01", "since: soon", "`since` must be a time"),
        (
            "use: upgrade_purchased",
            "use: upgrade_purchase",
            "which isn't in the plan (did you mean upgrade_purchased?)",
        ),
        ("use: upgrade_purchased", "use: order_paid", "which is deprecated itself"),
        ("closed: true", "strict: true", "write closed"),
        ("events:\n", "event_types:\n", "write events"),
        ("version: 1\n", "version: 2\n", "write version: 1"),
    ],
)
def test_a_mistake_has_a_finding(old: str, new: str, said: str) -> None:
    assert old in PLAN
    assert said in "\n".join(read(PLAN.replace(old, new))[1])


def test_an_empty_plan_says_how_to_begin() -> None:
    assert "begin with version: 1 and events:" in read("")[1][0]


def test_a_type_that_two_plans_have_is_found_in_the_second() -> None:
    plan, _ = read(PLAN)
    report = FileReport("shop/events.yaml")
    plan.add(b"version: 1\nevents: {usage_logged: {meaning: x}}\n", report)
    (finding,) = report.findings
    assert (finding.code, finding.line) == ("duplicate-name", 2)
    assert "events.yaml" in finding.message
