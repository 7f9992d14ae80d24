"""Payloads in the shape of real systems: their keys and event names, with made-up values."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from tests.unit.discovery.varied_messages import BEGAN

_CODES: Final = ("EUR", "USD", "GBP")


def adyen(number: int) -> dict[str, Any]:
    """A notification of Adyen: a list in an object, whole numbers, and a text that says whether it succeeded."""
    chance = Random(number)
    item = {
        "eventCode": chance.choice(["AUTHORISATION", "REFUND", "REPORT_AVAILABLE"]),
        "success": chance.choice(["true", "true", "false"]),
        "eventDate": "2026-11-18T11:06:40+00:00",
        "pspReference": f"{chance.getrandbits(64):016X}",
        "amount": {"value": chance.randrange(5, 900) * 100, "currency": chance.choice(_CODES)},
        "additionalData": {"shopperReference": f"u-{number % 30}"},
    }
    return {"live": "true", "notificationItems": [{"NotificationRequestItem": item}]}


def braintree(number: int) -> dict[str, Any]:
    """A webhook of Braintree: amounts as texts with a point, other objects for other kinds."""
    chance = Random(number)
    subscription = {"id": f"s{number}", "price": f"{chance.randrange(900)}.50", "currencyIsoCode": "EUR"}
    names = ("successfully", "unsuccessfully")
    return {"kind": f"subscription_charged_{names[number % 2]}", "subject": {"subscription": subscription}}


def zuora(number: int) -> dict[str, Any]:
    """A callout of Zuora: capitals, numbers with a point, a second currency."""
    chance = Random(number)
    payment = {"Id": f"p{number}", "Amount": chance.randrange(900) + 0.5, "CurrencyCode": chance.choice(_CODES)}
    name = ("PaymentProcessed", "PaymentDeclined", "AmendmentProcessed")[number % 3]
    return {"EventCategory": name, "AccountId": f"a{number % 40}", "Payment": payment, "Account": {"Currency": "USD"}}


def shopify(number: int) -> dict[str, Any]:
    """An order of Shopify: amounts in two currencies."""
    chance = Random(number)
    total, code, shown = f"{chance.randrange(900)}.50", chance.choice(_CODES), chance.choice(_CODES)
    money = {"shop_money": {"amount": total, "currency_code": code}}
    return {
        "id": 450_000 + number,
        "financial_status": ("paid", "refunded", "pending")[number % 3],
        "currency": code,
        "presentment_currency": shown,
        "total_price": total,
        "total_tax": "1.10",
        "total_price_set": money,
        "customer": {"id": 20_000 + number % 40, "currency": shown},
    }


def segment(number: int) -> dict[str, Any]:
    """An event of Segment: a user that not every message has, and a visitor that each has."""
    user = f"u{number % 30}" if number % 3 else None
    about = {"total": number + 0.5, "currency": "EUR"} if number % 2 else {"plan": "pro"}
    return {
        "event": ("Subscription Cancelled", "Order Completed")[number % 2],
        "messageId": f"m{number}",
        "userId": user,
        "anonymousId": f"x{number}",
        "timestamp": f"2026-11-18T11:06:{number % 60:02}Z",
        "properties": about,
    }


def ledger(number: int) -> dict[str, Any]:
    """An entry in whole numbers, and the same money in the company's currency."""
    chance = Random(number)
    amount = chance.randrange(10, 900) * 100
    return {
        "kind": "payment.received",
        "entryId": f"e{number}",
        "memberId": f"m{number % 40}",
        "bookedAt": BEGAN + number * 1000,
        "amount": amount,
        "currency": chance.choice(_CODES),
        "settlementAmount": amount + 7,
        "settlementCurrency": "EUR",
    }
