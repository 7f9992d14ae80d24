"""Stripe events of the demo: most match no rule, some become events, a few are invalid."""

from __future__ import annotations

from collections.abc import Callable

from greenflash_kafka.demo.made import (
    BILLING,
    DAY_MS,
    WORKFLOW,
    Fact,
    Made,
    Maker,
    Moment,
    Payload,
    customers,
    to_json,
)

_CURRENCIES = ("usd", "usd", "usd", "usd", "eur", "eur", "eur", "jpy", "kwd", "isk")
_PLANS = ("Basic", "Pro", "Team")
_FEEDBACK = ("too_expensive", "missing_features", "unused", "")
_REASONS = ("requested_by_customer", "duplicate", "fraudulent")
_METERS = ("price_tokens", "price_storage", "price_calls")


def noise(moment: Moment) -> Made:
    """What makes up most of Stripe's traffic: changed customers, charges, paid invoices."""
    kind = moment.one_of(("customer.updated", "charge.succeeded", "invoice.paid", "payment_intent.succeeded"))
    return _made(
        moment, _event(moment, kind, {"id": f"obj_{moment.n}", "amount": 50 * moment.below(900), "currency": "eur"})
    )


def renewal(moment: Moment) -> Made:
    """A subscription goes on at the same price: its period changes, nothing else."""
    return _made(moment, _changed(moment, _subscription(moment, 1950, "usd"), _period_before(moment)))


def downgrade(moment: Moment) -> Made:
    """A cheaper plan: near an upgrade, and none."""
    return _made(moment, _changed(moment, _subscription(moment, 1950, "usd"), _price_before(4950)))


def test_mode(moment: Moment) -> Made:
    """An upgrade in Stripe's test mode."""
    event = _changed(moment, _subscription(moment, 4950, "usd"), _price_before(1950))
    return _made(moment, {**event, "livemode": False})


def tombstone(moment: Moment) -> Made:
    """A delete marker."""
    return Made(BILLING, _customer(moment.customer), None)


def trial(moment: Moment) -> Made:
    """A subscription that begins with a trial; the product tells it again on its own topic."""
    days = 7 + 7 * moment.below(4)
    subscription = _subscription(moment, 1950, "usd") | {
        "status": "trialing",
        "trial_start": moment.seconds,
        "trial_end": moment.seconds + days * 86400,
    }
    fact = _fact(moment, "trial_started", subscription["id"], str(days), 7)

    def told_by_the_product() -> Made:
        body = {
            "id": f"wf-again-{moment.n}",
            "event": "trial.started",
            "env": "production",
            "ts": moment.ms,
            "user_id": moment.user,
            "data": {"days": days, "subscription_id": subscription["id"], "plan": "Pro"},
        }
        return Made(WORKFLOW, moment.user, to_json(body), (fact,))

    return _made(moment, _event(moment, "customer.subscription.created", subscription), fact, again=told_by_the_product)


def upgrade(moment: Moment) -> Made:
    """A more expensive plan, in one of five currencies, for one to three seats."""
    currency = moment.one_of(_CURRENCIES)
    amount = _amount(moment, currency)
    subscription = _subscription(moment, amount, currency, seats=1 + moment.below(3))
    event = _changed(moment, subscription, _price_before(amount - 10))
    total = amount * subscription["items"]["data"][0]["quantity"]
    return _made(moment, event, _fact(moment, "upgrade_purchased", event["id"], _sent(total, currency), 7))


def paid_after_trial(moment: Moment) -> Made:
    """The first payment after a trial, which is an upgrade too."""
    event = _changed(moment, _subscription(moment, 4950, "eur"), {"status": "trialing"})
    return _made(moment, event, _fact(moment, "upgrade_purchased", event["id"], "49.50", 7))


def cancellation(moment: Moment) -> Made:
    """A customer cancels for the end of the period; the end of it tells the same fact again."""
    feedback = moment.one_of(_FEEDBACK)
    subscription = _subscription(moment, 1950, "usd") | {
        "cancel_at_period_end": True,
        "canceled_at": moment.seconds,
        "cancellation_details": {"comment": None, "feedback": feedback, "reason": "cancellation_requested"},
    }
    key = f"{subscription['id']}-{moment.seconds}"
    fact = _fact(moment, "cancellation_requested", key, feedback or "no_reason_given")

    def ended() -> Made:
        event = _event(moment, "customer.subscription.deleted", subscription | {"status": "canceled"})
        return _made(moment, event | {"id": f"evt_{moment.n}_end"}, fact)

    before: Payload = {"cancel_at_period_end": False, "canceled_at": None}
    return _made(moment, _changed(moment, subscription, before), fact, again=ended)


def refund(moment: Moment) -> Made:
    """A refund, now and then one that the customer's bank asks for. Neither tells whose it is, only which charge; one
    charge in six is too new for the table that knows it."""
    currency = moment.one_of(_CURRENCIES)
    amount = _amount(moment, currency)
    by_bank = moment.below(8) == 0
    known = moment.below(6) > 0
    thing: Payload = {
        "id": f"{'du' if by_bank else 're'}_{moment.n}",
        "object": "dispute" if by_bank else "refund",
        "amount": amount,
        "charge": charge(moment.customer) if known else f"ch_new_{moment.n}",
        "currency": currency,
        "metadata": {},
        "payment_intent": f"pi_{moment.n}",
        "reason": moment.one_of(_REASONS),
        "status": "needs_response" if by_bank else "pending",
    }
    event = _event(moment, "charge.dispute.created" if by_bank else "refund.created", thing)
    fact = _fact(moment, "refund_requested", thing["id"], _sent(amount, currency))
    return _made(moment, event, fact if known else fact._replace(user=""))


def payment_failed(moment: Moment) -> Made:
    """A payment that didn't go through."""
    attempt = 1 + moment.below(4)
    invoice = _invoice(moment, [], amount_due=4990, attempt_count=attempt)
    fact = _fact(moment, "error_encountered", f"in_{moment.n}-{attempt}", "payment_failed")
    return _made(moment, _event(moment, "invoice.payment_failed", invoice), fact)


def metered_invoice(moment: Moment) -> Made:
    """An invoice with a line of seats and one to three meters: several facts in one message."""
    meters = 1 + moment.below(3)
    lines: list[Payload] = [_line(moment, 0, 5, "price_pro")]
    facts = []
    for i in range(1, meters + 1):
        quantity = moment.below(50000)  # nought now and then: no fact
        lines.append(_line(moment, i, quantity, _METERS[i - 1]))
        if quantity > 0:
            facts.append(Fact("usage_logged", f"il_{moment.n}_{i}", str(quantity)))
    return _made(moment, _event(moment, "invoice.finalized", _invoice(moment, lines)), *facts)


def unknown_currency(moment: Moment) -> Made:
    """An upgrade in a currency that doesn't exist: a dead letter."""
    event = _changed(moment, _subscription(moment, 4950, "xxl"), _price_before(1950))
    return _made(moment, event, broken=True)


def broken_json(moment: Moment) -> Made:
    """The first half of a message: a dead letter."""
    whole = renewal(moment)
    value = whole.value or b""
    return whole._replace(value=value[: len(value) // 2], broken=True)


KINDS: tuple[tuple[int, Maker], ...] = (
    (130, noise),
    (40, renewal),
    (15, test_mode),
    (10, downgrade),
    (5, tombstone),
    (18, trial),
    (26, upgrade),
    (5, paid_after_trial),
    (14, cancellation),
    (16, refund),
    (18, payment_failed),
    (20, metered_invoice),
    (2, unknown_currency),
    (1, broken_json),
)
"""The kinds of billing messages, with how many of 1,000 messages are of each."""


def _made(
    moment: Moment, event: Payload, *facts: Fact, broken: bool = False, again: Callable[[], Made] | None = None
) -> Made:
    return Made(BILLING, _customer(moment.customer), to_json(event), facts, broken, again)


def _fact(moment: Moment, event_type: str, key: str, value: str, days: int = 1) -> Fact:
    """A fact of the moment's customer, with the lookback of its rule; Stripe's times are whole seconds."""
    return Fact(event_type, key, value, moment.user, moment.seconds * 1000, days * DAY_MS)


def _event(moment: Moment, kind: str, thing: Payload) -> Payload:
    return {
        "id": f"evt_{moment.n}",
        "object": "event",
        "api_version": "2026-06-24.dahlia",
        "created": moment.seconds,
        "livemode": True,
        "type": kind,
        "pending_webhooks": 1,
        "request": {"id": f"req_{moment.n}", "idempotency_key": None},
        "data": {"object": thing},
    }


def _changed(moment: Moment, thing: Payload, before: Payload) -> Payload:
    event = _event(moment, "customer.subscription.updated", thing)
    event["data"]["previous_attributes"] = before
    return event


def _subscription(moment: Moment, amount: int, currency: str, seats: int = 1) -> Payload:
    price = {"id": "price_1", "nickname": moment.one_of(_PLANS), "unit_amount": amount, "currency": currency}
    item = {"id": f"si_{moment.n}", "quantity": seats, "price": price, "current_period_start": moment.seconds}
    return {
        "id": f"sub_{moment.n}",
        "object": "subscription",
        "customer": _customer(moment.customer),
        "currency": currency,
        "status": "active",
        "metadata": {"user_id": moment.user},
        "items": {"object": "list", "data": [item]},
    }


def _invoice(moment: Moment, lines: list[Payload], **amounts: int) -> Payload:
    """An invoice of a subscription; whose it is stands in what it copied of the subscription's metadata."""
    subscription = {"metadata": {"user_id": moment.user}, "subscription": f"sub_{moment.n}"}
    return {
        "id": f"in_{moment.n}",
        "object": "invoice",
        **amounts,
        "currency": "eur",
        "customer": _customer(moment.customer),
        "lines": {"object": "list", "data": lines},
        "metadata": {},
        "parent": {"subscription_details": subscription, "type": "subscription_details"},
    }


def _price_before(amount: int) -> Payload:
    return {"items": {"data": [{"price": {"id": "price_0", "unit_amount": amount}}]}}


def _period_before(moment: Moment) -> Payload:
    return {"items": {"data": [{"current_period_start": moment.seconds - 2592000}]}}


def _line(moment: Moment, i: int, quantity: int, price: str) -> Payload:
    return {
        "id": f"il_{moment.n}_{i}",
        "object": "line_item",
        "period": {"start": moment.seconds - 2592000, "end": moment.seconds - 600},
        "pricing": {"price_details": {"price": price, "product": "prod_1"}, "type": "price_details"},
        "quantity": quantity,
    }


def _amount(moment: Moment, currency: str) -> int:
    """A unit amount as Stripe writes it: dinars end in 0, kronur in 00."""
    step = {"kwd": 1010, "isk": 100}.get(currency, 53)
    return step * (1 + moment.below(400))


def _sent(amount: int, currency: str) -> str:
    """The text that must be sent for an amount of Stripe's, worked out here without the rules engine."""
    match currency:
        case "jpy":
            return str(amount)
        case "isk":
            return str(amount // 100)
        case "kwd":
            return f"{amount // 1000}.{amount % 1000:03d}"
        case _:
            return f"{amount // 100}.{amount % 100:02d}"


def _customer(number: int) -> str:
    return f"cus_{number}"


def charge(number: int) -> str:
    """The charge that refunds of a customer go back to."""
    return f"ch_{number}"


def charges(n: int) -> str:
    """The table that knows whose a charge is, as the payments ledger exports it; `n` is the first message's number."""
    rows = (f"{charge(number)},{_customer(number)},u-{number}" for number in customers(n))
    return "\n".join(("charge,customer,user_id", *rows, ""))
