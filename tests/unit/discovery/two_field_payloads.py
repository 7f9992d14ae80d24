"""Payloads whose event name is made of two fields, in the shape of real systems, with made-up values."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.unit.discovery.varied_messages import BEGAN


def _at(number: int) -> str:
    return f"2026-11-18T11:{number % 60:02}:{number * 7 % 60:02}Z"


def recurly(number: int) -> dict[str, Any]:
    """A webhook of Recurly: `object_type` and `event_type`."""
    names = ("account created", "subscription created", "subscription canceled", "subscription updated", "invoice paid")
    thing, done = names[number % 5].split()
    about = {"account_code": f"u-{number % 30}", "event_time": _at(number)}
    return {"id": f"ev{number}", "object_type": thing, "event_type": done, "site_id": "s1", **about}


def gocardless(number: int) -> dict[str, Any]:
    """A webhook of GoCardless: a list in an object, `resource_type` and `action`."""
    names = ("payments created", "payments confirmed", "mandates cancelled", "refunds created", "payments failed")
    thing, done = names[number % 5].split()
    links = {"customer": f"CU{number % 30}"}
    item = {"id": f"EV{number}", "created_at": _at(number), "action": done, "resource_type": thing, "links": links}
    return {"events": [item], "meta": {"webhook_id": f"WB{number}"}}


def close(number: int) -> dict[str, Any]:
    """A webhook of Close: both in an object `event`."""
    names = ("lead created", "lead updated", "opportunity created", "opportunity won", "activity.call deleted")
    thing, done = names[number % 5].split()
    event = {"id": f"ev{number}", "object_type": thing, "action": done, "date_created": _at(number)}
    return {"subscription_id": "whsub_1", "event": {**event, "user_id": f"user_{number % 20}", "data": {"name": "x"}}}


def xero(number: int) -> dict[str, Any]:
    """A webhook of Xero: a list with three other fields, `eventCategory` and `eventType` in capitals."""
    names = ("INVOICE CREATE", "INVOICE UPDATE", "CONTACT CREATE", "CONTACT UPDATE", "SUBSCRIPTION CREATE")
    thing, done = names[number % 5].split()
    item = {"eventCategory": thing, "eventType": done, "eventDateUtc": _at(number), "resourceId": f"r{number}"}
    around = {"firstEventSequence": number, "lastEventSequence": number, "entropy": f"S{number}"}
    return {"events": [{**item, "tenantId": f"t{number % 9}", "tenantType": "ORGANISATION"}], **around}


def maxwell(number: int) -> dict[str, Any]:
    """A row as Maxwell tells it: `table` and `type`."""
    chance = Random(number)
    table, done = ("orders", "refunds", "users")[number % 3], ("insert", "update", "delete")[number // 3 % 3]
    row: dict[str, Any] = {"id": number, "user_id": number % 30}
    row |= {} if table == "users" else {"amount": f"{chance.randrange(1, 900)}.50", "currency": "EUR"}
    return {"database": "shop", "table": table, "type": done, "ts": BEGAN // 1000 + number, "data": row}


def payments(number: int) -> dict[str, Any]:
    """A payment with its status, and minor units in a text, as Protobuf's JSON has long numbers."""
    names = ("payment succeeded", "payment failed", "payment pending", "refund succeeded", "refund failed")
    thing, done = names[number % 5].split()
    amount = {"amountMinor": str(Random(number).randrange(100, 90_000)), "currency": ("EUR", "USD")[number % 2]}
    return {"id": f"t{number}", "type": thing, "status": done, "customerId": f"u{number % 30}", **amount}


def money(number: int) -> dict[str, Any]:
    """An order with google.type.Money, as Protobuf's JSON has it: what is 0 is left out."""
    chance = Random(number)
    names = ("order paid", "order cancelled", "subscription paid", "subscription refunded", "order refunded")
    thing, done = names[number % 5].split()
    units, nanos = chance.choice((0, 0, 7, 120)), chance.choice((0, 500_000_000, 990_000_000))
    total: dict[str, Any] = {"currencyCode": ("EUR", "USD")[number % 2]}
    total |= ({"units": str(units)} if units else {}) | ({"nanos": nanos} if nanos else {})
    about = {"entity": {"type": thing}, "op": done, "buyer": {"userId": f"u{number % 30}"}}
    return {"orderId": f"o{number}", **about, "total": total, "occurredAt": _at(number)}
