"""The work that all contenders do: Stripe's message of about 1 KB, and the event that it means."""

from __future__ import annotations

import json
from collections.abc import Iterator

PRODUCT_ID = "b3f0f9a4-31c8-4b2a-9a39-0f6a7c6f6a0e"

MAPPING = """version: 1
source:
  topics: [TOPIC]
when: {livemode: true}
defaults:
  product_id: b3f0f9a4-31c8-4b2a-9a39-0f6a7c6f6a0e
  external_user_id: = payload.data.object.metadata.user_id
  external_conversation_id: = payload.data.object.metadata.conversation_id
  event_at: = time(payload.created, "s")
  insert_id: = payload.id
rules:
  - name: upgrade_purchased
    description: A customer moved to a dearer plan.
    when:
      type: customer.subscription.updated
      data.object.status: [active, trialing]
      data.object.plan.amount: {increased: true}
    event:
      event_type: upgrade_purchased
      influence: positive
      value: = money_minor(payload.data.object.plan.amount, payload.data.object.currency, provider="stripe")
      properties:
        currency: = upper(payload.data.object.currency)
        plan: = payload.data.object.plan.nickname
        source: stripe
  - name: refund_requested
    description: A charge was refunded.
    when: {type: charge.refunded}
    event:
      event_type: refund_requested
      influence: negative
      value: = money_minor(payload.data.object.amount_refunded, payload.data.object.currency, provider="stripe")
      properties:
        currency: = upper(payload.data.object.currency)
"""
"""The rules that this pipeline works by; TOPIC stands for the topic."""


def messages(count: int) -> Iterator[bytes]:
    """So many different messages, each of which becomes one event."""
    for number in range(count):
        yield json.dumps(_message(number), separators=(",", ":")).encode()


def _message(number: int) -> dict[str, object]:
    return {
        "id": f"evt_1QX{number:012d}",
        "object": "event",
        "api_version": "2026-06-30.acacia",
        "created": 1_784_000_000 + number // 100,
        "livemode": True,
        "pending_webhooks": 1,
        "request": {"id": f"req_{number:014d}", "idempotency_key": f"idem-{number:020d}"},
        "type": "customer.subscription.updated",
        "data": {
            "object": {
                "id": f"sub_1PX{number % 5000:012d}",
                "object": "subscription",
                "billing_cycle_anchor": 1_783_000_000,
                "cancel_at_period_end": False,
                "collection_method": "charge_automatically",
                "currency": "eur",
                "current_period_end": 1_786_000_000,
                "current_period_start": 1_783_000_000,
                "customer": f"cus_{number % 5000:014d}",
                "status": "active",
                "quantity": 1,
                "latest_invoice": f"in_1QX{number:012d}",
                "default_payment_method": "pm_1NzF2kLkdIwHu7ix0aBcDeFg",
                "metadata": {"user_id": f"user-{number % 5000}", "conversation_id": f"chat-{number % 20000}"},
                "plan": {
                    "id": "price_1MoBy5LkdIwHu7ixZhnattbh",
                    "object": "plan",
                    "amount": 14900 + number % 100,
                    "interval": "month",
                    "nickname": "Business",
                    "product": "prod_NZKdYqrwEYx6iK",
                },
            },
            "previous_attributes": {"plan": {"amount": 4900}, "latest_invoice": f"in_1QW{number:012d}"},
        },
    }
