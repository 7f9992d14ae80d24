"""Words of event names suggest the event types that Greenflash knows."""

from __future__ import annotations

import pytest

from greenflash_kafka.discovery.known_events import suggested


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("order.paid", "upgrade_purchased"),
        ("invoice.payment_succeeded", "upgrade_purchased"),
        ("invoice.payment_failed", "error_encountered"),
        ("charge.refunded", "refund_requested"),
        ("OrderRefunded", "refund_requested"),
        ("customer.subscription.deleted", "cancellation_requested"),
        ("trial_started", "trial_started"),
        ("customer.subscription.trial_will_end", None),
        ("User Signed Up", "signup_completed"),
        ("invitee.created", "meeting_booked"),
        ("lead.converted", "lead_converted"),
        ("run.succeeded", "task_success"),
        ("step.completed", "step_completed"),
        ("basket.abandoned", "workflow_abandoned"),
        ("page.viewed", "feature_viewed"),
        ("transaction.completed", "upgrade_purchased"),
        ("successful_payment_notification", "upgrade_purchased"),
        ("subscription_went_active", "upgrade_purchased"),
        ("PAYMENT.CAPTURE.DENIED", "error_encountered"),
        ("PAYMENT.CAPTURE.PENDING", None),
        ("payout.paid", None),
        ("subscription_charged_unsuccessfully", "error_encountered"),
        ("AUTHORISATION", "upgrade_purchased"),
        ("order.placed", None),
        ("", None),
    ],
)
def test_names_and_their_types(name: str, expected: str | None) -> None:
    found = suggested(name)
    assert (found.event_type if found else None) == expected
