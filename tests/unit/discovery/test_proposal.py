"""What is proposed for messages in the shape of real systems: the obvious, and a mark where it isn't."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from greenflash_kafka.cases.linting import lint
from greenflash_kafka.discovery.shared_values import shared_ids
from tests.unit.discovery import real_payloads
from tests.unit.discovery.test_study import proposed, studied

SYSTEMS: list[tuple[Callable[[int], dict[str, Any]], Sequence[str], Sequence[str]]] = [
    (
        real_payloads.adyen,
        (
            "each: payload.notificationItems",
            "item.NotificationRequestItem.eventCode: AUTHORISATION",
            'item.NotificationRequestItem.success: "true"',
            "insert_id: = item.NotificationRequestItem.pspReference",
            "external_user_id: = item.NotificationRequestItem.additionalData.shopperReference",
            "event_type: refund_requested",
            "# value: = money_minor(item.NotificationRequestItem.amount.value,",
        ),
        ("\n      value: = money",),
    ),
    (
        real_payloads.braintree,
        (
            "kind: subscription_charged_unsuccessfully",
            "event_type: error_encountered",
            "\n      value: = money_major(payload.subject.subscription.price, payload.subject.subscription.currency",
        ),
        (),
    ),
    (
        real_payloads.zuora,
        (
            "EventCategory: PaymentProcessed",
            "\n      value: = money_major(payload.Payment.Amount, payload.Payment.CurrencyCode)",
            "external_user_id: = payload.AccountId",
            "#   - when: {EventCategory: AmendmentProcessed}",
        ),
        ("Account.Currency",),
    ),
    (
        real_payloads.shopify,
        (
            "\n      value: = money_major(payload.total_price, payload.currency)",
            "# ? or payload.presentment_currency: the codes differ",
            "the same in every message: payload.total_price_set.shop_money.amount",
            "external_user_id: = text(payload.customer.id)",
        ),
        ("total_tax",),
    ),
    (
        real_payloads.segment,
        (
            "\n  external_user_id: = payload.userId",
            "# ? external_user_id: payload.userId is in 67% of these messages",
            "\n      value: = money_major(payload.properties.total, payload.properties.currency)",
        ),
        ("\n      external_user_id: = payload.anonymousId",),
    ),
    (
        real_payloads.ledger,
        (
            "# value: = money_minor(payload.amount, payload.currency)",
            "# ? or payload.settlementCurrency: the codes differ",
            "# ? or another amount: payload.settlementAmount",
        ),
        ("\n      value: = money",),
    ),
]


@pytest.mark.parametrize(("payload", "there", "not_there"), SYSTEMS, ids=lambda each: getattr(each, "__name__", ""))
def test_messages_of_real_systems(
    payload: Callable[[int], dict[str, Any]], there: Sequence[str], not_there: Sequence[str], tmp_path: Path
) -> None:
    text = proposed([payload(number) for number in range(120)])
    assert [each for each in there if each not in text] == [], text
    assert [each for each in not_there if each in text] == [], text
    (tmp_path / "proposed.yaml").write_text(text)
    assert [each for each in lint([tmp_path], {}).findings if each.severity == "error"] == []


def test_ids_of_two_topics_that_differ_by_a_prefix_are_joined() -> None:
    runs = studied([{"id": f"r{n}", "type": "run.completed", "userId": str(1000 + n % 50)} for n in range(120)], "runs")
    paid = [{"id": f"o{n}", "type": "order.paid", "customer_id": f"acme-{1000 + n % 50}"} for n in range(120)]
    (found,) = shared_ids([runs, studied(paid, "paid")])
    assert (found.path, found.other_path, found.share) == ("payload.userId", "payload.customer_id", 1.0)
    assert found.words == "the prefix `acme-`"
    assert (found.read_as, found.other_read_as) == ('concat("acme-", payload.userId)', "payload.customer_id")


def test_a_path_with_one_value_is_no_event_name_beside_one_that_tells_messages_apart() -> None:
    orders = [
        {"id": n, "type": ("order.paid", "order.refunded")[n % 2], "eventCode": "AUTHORISATION"} for n in range(60)
    ]
    assert "type: order.refunded" in proposed(orders)


def test_a_word_that_says_only_done_is_an_order_if_there_is_an_amount() -> None:
    orders = [
        {"id": n, "status": ("completed", "new")[n % 2], "total": f"{n}.50", "currency": "EUR"} for n in range(60)
    ]
    assert "event_type: upgrade_purchased" in proposed(orders)
    tasks = [{"id": n, "status": ("completed", "new")[n % 2], "took": n * 5} for n in range(60)]
    assert "event_type: task_success" in proposed(tasks)
