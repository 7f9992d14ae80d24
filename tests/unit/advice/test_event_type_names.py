"""Event types that are nearly known ones, and types of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.advice.event_type_names import nearest
from greenflash_kafka.documents.findings import Finding
from greenflash_kafka.mappings.files import Loaded
from tests.unit.rules.one_rule import RULE


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("upgrade_purchase", "upgrade_purchased"),
        ("cancelation_requested", "cancellation_requested"),
        ("upgrade purchased", "upgrade_purchased"),
        ("Upgrade_Purchased", "upgrade_purchased"),
        ("upgradePurchased", "upgrade_purchased"),
        ("purchased_upgrade", "upgrade_purchased"),
        ("trial-started", "trial_started"),
        ("meetings_booked", "meeting_booked"),
        ("refund_reqeusted", "refund_requested"),
        ("sign_up_completed", "signup_completed"),
    ],
)
def test_another_spelling_of_a_known_type_is_noticed_at_its_place(
    advice: Callable[[str, str], tuple[Finding, ...]], written: str, meant: str
) -> None:
    (found,) = advice("event_type: e", f"event_type: {written}")
    assert (found.line, found.column, found.code, found.hint) == (7, 19, "near-event-type", f"event_type: {meant}")


@pytest.mark.parametrize(
    "written",
    [
        "upgrade_purchased",
        "upgrade_requested",
        "trial_ended",
        "trial_extended",
        "meeting_held",
        "meeting_cancelled",
        "task_failed",
        "order_paid",
        "step_started",
        "lead_lost",
        "usage_reset",
    ],
)
def test_a_type_of_its_own_is_not_spoken_of(advice: Callable[[str, str], tuple[Finding, ...]], written: str) -> None:
    assert [each.describe() for each in advice("event_type: e", f"event_type: {written}")] == []


def test_branches_are_looked_at(advice: Callable[[str, str], tuple[Finding, ...]]) -> None:
    (found,) = advice("event_type: e", 'event_type: = "upgrade_purchase" if payload.up else "plan_kept"')
    assert found.code == "near-event-type"


def test_rules_of_one_load_that_spell_a_type_in_two_ways_are_noticed(load_text: Callable[..., Loaded]) -> None:
    one = RULE.replace("event_type: e", "event_type: parcel_delivered")
    other = one.replace("name: r", "name: s").replace("type: x", "type: y").replace("delivered", "delivred")
    (found,) = load_text(one, other).findings
    assert (found.file[-6:], found.code, found.hint) == ("b.yaml", "near-event-type", "event_type: parcel_delivered")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ticket_opened", "ticket_reopened"),
        ("user_subscribed", "user_unsubscribed"),
        ("step_1_done", "step_2_done"),
        ("deal_won", "deal_lost"),
        ("plan_upgraded", "plan_downgraded"),
        ("item_added", "items_removed"),
    ],
)
def test_opposites_are_two_types(one: str, other: str) -> None:
    assert nearest(one, [other]) is None
