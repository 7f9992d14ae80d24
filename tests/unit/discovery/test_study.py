"""What is concluded of a topic holds for each rule: its amount, its currency, its user, its id."""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random
from typing import Any

from greenflash_kafka.cli.discover_messages import MessageReader
from greenflash_kafka.discovery.proposal import propose
from greenflash_kafka.discovery.study import TopicStudy, study
from greenflash_kafka.discovery.topic_documents import TopicDocuments
from greenflash_kafka.discovery.topic_report import report_text, topic_report
from greenflash_kafka.model.message import Message
from tests.unit.discovery.varied_messages import BEGAN


def studied(payloads: Sequence[Any], topic: str = "a.topic") -> TopicStudy:
    """The study of messages with these payloads; bytes are taken as they are."""
    values = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in payloads]
    messages = [Message(topic, 0, at, BEGAN + at * 1000, None, each) for at, each in enumerate(values)]
    return study(TopicDocuments(topic, messages, MessageReader(None).read))


def proposed(payloads: Sequence[Any], topic: str = "a.topic") -> str:
    """The text that is proposed for them."""
    return propose(studied(payloads, topic), "proposed", "a sample").text


def _billing(kind: str, number: int) -> dict[str, Any]:
    """A message as Chargebee's: whole numbers, currencies of the account beside those of the amounts, objects that some
    kinds of events lack."""
    chance = Random(number)
    total, code, customer = chance.randrange(10, 900) * 100, chance.choice(["EUR", "USD", "GBP"]), f"c-{number % 40}"
    money = {"currency_code": code, "base_currency_code": "USD", "customer_id": customer}
    content: dict[str, Any] = {"customer": {"id": customer}}
    if kind != "subscription_cancelled":
        content["invoice"] = {"amount_adjusted": 0, "amount_paid": total, "total": total, **money}
    if kind == "payment_succeeded":
        content["transaction"] = {"amount": total, "amount_unused": 0, **money}
    return {"id": f"ev-{number}", "event_type": kind, "occurred_at": BEGAN // 1000 + number, "content": content}


KINDS = ("payment_succeeded", "subscription_renewed", "subscription_cancelled")
BILLING = [_billing(KINDS[number % 3], number) for number in range(240)]


def test_the_amount_of_a_rule_is_never_one_that_is_always_0_and_its_currency_stands_beside_it() -> None:
    text = proposed(BILLING)
    paid = text.partition("proposed_payment_succeeded")[2].partition("- name:")[0]
    assert "money_minor(payload.content.transaction.amount, payload.content.transaction.currency_code)" in paid
    assert "# ? or payload.content.transaction.base_currency_code: the codes differ" in paid
    renewed = text.partition("proposed_subscription_renewed")[2].partition("- name:")[0]
    assert "money_minor(payload.content.invoice.amount_paid, payload.content.invoice.currency_code)" in renewed
    assert "the same in every message: payload.content.invoice.total" in renewed
    assert "amount_adjusted" not in text
    assert "()" not in text
    assert not [line for line in text.splitlines() if line.rstrip().endswith("# ?") and "influence" not in line]
    report = topic_report(studied(BILLING), None, "a sample", "", values=False)
    amounts = [each.evidence for each in report.guesses if each.what == "amount"]
    assert any("currency ?: payload.content.transaction.currency_code or " in each for each in amounts)


def test_the_user_is_a_path_that_the_messages_of_every_rule_have() -> None:
    text = proposed(BILLING)
    assert "\n  external_user_id: = payload.content.customer.id " in text
    assert "in 100% of the messages of these rules" in text


def test_a_rule_whose_messages_lack_the_user_has_another_path_or_says_it() -> None:
    paid = [{"id": f"e{n}", "type": "order.paid", "user_id": f"u{n % 30}"} for n in range(300)]
    left = [{"id": f"f{n}", "type": "plan.cancelled", "member_id": f"u{n % 30}", "x": 1} for n in range(60)]
    lost = [{"id": f"g{n}", "type": "basket.abandoned", "y": 1} for n in range(60)]
    text = proposed([*paid, *left, *lost])
    cancelled = text.partition("proposed_plan_cancelled")[2].partition("- name:")[0]
    assert "external_user_id: = payload.member_id" in cancelled
    assert "# ? in 100% of these messages; payload.user_id is in 0% of these messages" in cancelled
    abandoned = text.partition("proposed_basket_abandoned")[2]
    assert "# ? external_user_id: payload.user_id is in 0% of these messages, and no other path is in more" in abandoned


def test_the_user_is_the_one_of_most_messages_and_a_rare_kind_keeps_its_own() -> None:
    counts = {"invoice.paid": 70, "refund.created": 20, "chargeback.opened": 6, "chargeback.closed": 4}
    kinds = [kind for kind, count in counts.items() for _ in range(count)]
    names = [kind.partition(".")[0] for kind in kinds]
    text = proposed(
        [
            {"id": f"e{n}", "type": kind, "data": {name: {"customer": f"u{n % 30}", "n": n}}}
            for n, (kind, name) in enumerate(zip(kinds, names, strict=True))
        ]
    )
    assert "\n  external_user_id: = payload.data.invoice.customer " in text
    assert "# ? in 70% of the messages of these rules" in text
    for each in ("refund", "chargeback"):
        assert f"\n      external_user_id: = payload.data.{each}.customer " in text
    assert "no other path" not in text


def test_an_account_that_is_the_same_in_every_message_is_no_organization() -> None:
    orders = [{"id": f"e{n}", "type": "order.paid", "user_id": f"u{n % 9}", "account_id": "acct_1"} for n in range(60)]
    assert "external_organization_id" not in proposed(orders)


def _change(number: int, attempt: int) -> list[dict[str, Any]]:
    return [{"eventId": number, "subscriptionType": "deal.won", "objectId": number % 7, "attemptNumber": attempt}]


def test_an_id_of_what_came_again_is_kept_and_the_field_that_differs_is_named() -> None:
    messages = [_change(1000 + number, 0) for number in range(150)] + [_change(1000 + number, 1) for number in range(9)]
    text = proposed(messages)
    assert "\n  insert_id: = item.eventId" in text
    assert "# ? 150 different; 9 came again and differ in item.attemptNumber alone" in text
    status = [{"id": n % 140, "type": "order.paid", "status": "new" if n < 140 else "sent"} for n in range(150)]
    text = proposed(status)
    assert "\n  insert_id" not in text
    assert "# insert_id: = payload.id" in text
    assert "differ in payload.status: is it a fact's own id?" in text


def test_repeated_messages_and_missing_ids_are_said_and_only_messages_that_were_read_count() -> None:
    orders = [{"id": f"e{n}", "type": "order.paid"} for n in range(200)]
    of_all = studied([*orders, *orders[:5], {"type": "order.paid"}, b"{cut", b"[1"])
    assert [each.said for each in of_all.ids] == [
        "every one of 200 different; 5 more are repeated messages, byte for byte; 1 have none"
    ]
    lines = list(report_text(topic_report(of_all, None, "a sample", "", values=False)))
    assert lines[1] == "  read as: 206 JSON"
    assert "1 have none: these become invalid" in propose(of_all, "proposed", "a sample").text


def test_a_chats_topic_is_described_as_conversations_and_gets_no_rule() -> None:
    said = [
        {"messageId": f"m{n}", "conversationId": f"c{n // 3}", "userId": f"u{n % 20}", "sentAt": BEGAN + n * 1000}
        for n in range(120)
    ]
    text = proposed(said, "assist.chatMessages")
    assert "\nconversations:" in text
    assert "\n    id: = payload.conversationId" in text
    assert "\n      external_user_id: = payload.userId" in text
    assert "usage_logged" not in text
    assert "rules:" not in text


def test_an_amount_beside_another_event_is_offered_with_its_currency() -> None:
    runs = [
        {"id": f"r{n}", "type": "runCompleted", "billedAmount": 100 + n, "billedCurrency": "EUR", "costUsd": 0.5 + n}
        for n in range(60)
    ]
    text = proposed(runs)
    assert "# value: = money_minor(payload.billedAmount, payload.billedCurrency)" in text


def test_an_amount_without_a_currency_has_one_reading_if_its_unit_is_known() -> None:
    text = proposed(
        [{"id": f"o{n}", "type": "order.paid", "total": n + 0.5, "session_id": BEGAN + n} for n in range(60)]
    )
    assert (
        "value: 1                                              # ? its currency isn't sure: take the line below" in text
    )
    assert '# value: = money_major(payload.total, "EUR")' in text
    assert "money_minor" not in text
    assert "# properties: {currency: EUR}" in text
    assert "event_at" not in text, "an id that is made of a time"


def test_a_currency_that_the_amounts_name_says_is_taken_with_a_mark() -> None:
    orders = [{"id": f"o{n}", "type": "order.paid", "total_usd": f"{n}.50"} for n in range(1, 60)]
    text = proposed(orders)
    assert 'value: = money_major(payload.total_usd, "USD")' in text
    assert "# ? the amount's name says it" in text
    assert "# ? 1.50 USD" in text


def test_a_time_of_the_sending_is_second_and_an_account_that_is_no_sure_user_is_an_organization() -> None:
    hooks = []
    for number in range(60):
        at = BEGAN + number * 1000
        event = {"type": "order.paid", "occurredAt": at - 900, "data": {"accountId": f"a{number % 9}"}}
        hooks.append({"id": f"h{number}", "sentAt": at, "event": event})
    text = proposed(hooks)
    assert '\n  event_at: = time(payload.event.occurredAt, "ms")' in text
    assert '# event_at: = time(payload.sentAt, "ms")' in text
    assert "\n  external_organization_id: = payload.event.data.accountId" in text


def test_a_session_is_offered_as_a_conversation_and_not_taken_for_one() -> None:
    orders = [{"id": f"o{n}", "type": "order.paid", "session_id": f"s{n % 20}"} for n in range(60)]
    text = proposed(orders)
    assert "  # external_conversation_id: = payload.session_id" in text
    assert "\n  external_conversation_id" not in text
    assert "\n  external_conversation_id" in proposed([{**each, "thread_id": each["session_id"]} for each in orders])
