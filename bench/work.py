"""The work that all contenders do: Stripe's message of about 1 KB, and the event that it means."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from typing import Any

from bench.answering import STAMP
from tests.brokers.kafka import Record

PARTITIONS = 6

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
    description: A customer moved to a more expensive plan.
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

EIGHT_FIELDS = MAPPING[: MAPPING.index("      properties:")]
"""The first rule alone, without properties: eight fields."""

_OTHER_TYPES = ("invoice.paid", "invoice.created", "customer.updated", "payment_intent.succeeded", "charge.succeeded")

_MORE_RULE = """  - name: rule_{number}
    description: One of many.
    when:
      type: {type}
      data.object.status: [active, trialing]
      data.object.plan.nickname: Plan {number}
    event:
      event_type: rule_{number}
      influence: neutral
      value: = money_minor(payload.data.object.plan.amount, payload.data.object.currency, provider="stripe")
      properties:
        currency: = upper(payload.data.object.currency)
"""


def mapping_of(rules: int) -> str:
    """The mapping with more rules, `rules` in all: the next three ask for the same type as the first and for other
    plans, all others for a hundred other types, so that each message meets the same four at any number."""
    more = range(2, rules)
    types = ("customer.subscription.updated" if number < 5 else f"kind_{number % 100}.updated" for number in more)
    return MAPPING + "".join(
        _MORE_RULE.format(number=number, type=type) for number, type in zip(more, types, strict=True)
    )


def messages(count: int, size: int = 0) -> Iterator[bytes]:
    """So many different messages, each of which becomes one event; of about `size` bytes, 0 for as they are."""
    for number in range(count):
        message = _small(number) if 0 < size < 1000 else _message(number)
        yield _encoded(message, size)


def other_types(count: int, size: int = 0) -> Iterator[bytes]:
    """So many messages of types that no rule names; of about `size` bytes, 0 for as they are."""
    for number in range(count):
        yield _encoded({**_message(number), "type": _OTHER_TYPES[number % len(_OTHER_TYPES)]}, size)


def mixed(count: int, every: int) -> Iterator[bytes]:
    """So many messages, of which one in `every` becomes an event and the others are of types that no rule names."""
    for number in range(count):
        message = _message(number)
        kind = {} if number % every == 0 else {"type": _OTHER_TYPES[number % len(_OTHER_TYPES)]}
        yield _encoded({**message, **kind})


def cheaper_plans(count: int) -> Iterator[bytes]:
    """So many messages of the type that a rule names, whose last condition doesn't hold: the plan became cheaper."""
    for number in range(count):
        message = _message(number)
        message["data"] = {**message["data"], "previous_attributes": {"plan": {"amount": 99_900}}}
        yield _encoded(message)


def between_marks(values: Iterable[bytes]) -> Iterator[Record]:
    """These values over all partitions, and as each partition's first and last message one that becomes an event.

    So the API sees when a sender begins and ends with messages of which it sees nothing.
    """
    marks = list(messages(2 * PARTITIONS))
    yield from (Record(mark, partition=number) for number, mark in enumerate(marks[:PARTITIONS]))
    for number, value in enumerate(values):
        yield Record(value, partition=number % PARTITIONS)
    yield from (Record(mark, partition=number) for number, mark in enumerate(marks[PARTITIONS:]))


def stamped(number: int) -> bytes:
    """A message that says, in its id, when it was sent: now."""
    message = _message(number)
    message["id"] = f"{STAMP.decode()}{time.monotonic_ns() // 1000:016d}"
    return _encoded(message)


def _encoded(message: dict[str, Any], size: int = 0) -> bytes:
    encoded = _json(message)
    if len(encoded) < size:
        left = size - len(encoded) - len(b',"lines":[],"note":""')
        lines = [_line(number) for number in range(left // (len(_json(_line(0))) + 5))]
        left -= len(_json(lines)) - 2
        encoded = _json({**message, "lines": lines, "note": "x" * left})
    return encoded


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _line(number: int) -> dict[str, object]:
    return {
        "id": f"il_1QX{number:012d}",
        "object": "line_item",
        "amount": 1999 + number,
        "description": f"{number} x seats of the plan Business, at 19.99 a month",
        "proration": False,
        "period": {"start": 1_783_000_000, "end": 1_786_000_000},
    }


def _small(number: int) -> dict[str, Any]:
    """Only what the event is made of."""
    return {
        "id": f"evt_1QX{number:012d}",
        "created": 1_784_000_000 + number // 100,
        "livemode": True,
        "type": "customer.subscription.updated",
        "data": {
            "object": {
                "currency": "eur",
                "status": "active",
                "metadata": {"user_id": f"user-{number % 5000}", "conversation_id": f"chat-{number % 20000}"},
                "plan": {"amount": 14900 + number % 100, "nickname": "Business"},
            },
            "previous_attributes": {"plan": {"amount": 4900}},
        },
    }


def _message(number: int) -> dict[str, Any]:
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
