"""For messages of real systems the proposed file passes lint and test, and maps what is obvious."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from greenflash_kafka.cli.discover_files import ProposedFiles, proposed_files
from greenflash_kafka.cli.discover_messages import MessageReader
from greenflash_kafka.cli.discover_presets import recognised_preset
from greenflash_kafka.discovery.proposal import propose
from greenflash_kafka.discovery.study import study
from greenflash_kafka.discovery.topic_documents import TopicDocuments
from greenflash_kafka.model.message import Message
from tests.debezium.recorded import recorded
from tests.unit.discovery.varied_messages import BEGAN, samples, varied

SHOPIFY = ("X-Shopify-Topic=orders/cancelled", "X-Shopify-Topic=orders/paid", "X-Shopify-Topic=orders/updated")


def documents_of(payloads: Sequence[Any], headers: Sequence[str] = (), count: int = 8) -> TopicDocuments:
    """The messages of a topic, read as `discover` reads them."""
    return TopicDocuments("a.topic", varied("a.topic", payloads, count, headers), MessageReader(None).read)


def proposed(documents: TopicDocuments) -> ProposedFiles:
    """The files that are proposed for them."""
    return proposed_files(study(documents), "proposed", "a sample", None, {})


SYSTEMS = {
    "stripe": (
        "presets/stripe/samples/*/*.json",
        (),
        (
            "type: charge.refunded",
            "value: = money_minor(payload.data.object.amount_refunded, payload.data.object.currency, provider=",
            "external_user_id: = payload.data.object.metadata.user_id",
            'event_at: = time(payload.created, "s")',
            "insert_id: = payload.id",
            "event_type: refund_requested",
        ),
    ),
    "shopify": (
        "presets/shopify/samples/*/*.json",
        SHOPIFY,
        (
            '"kafka.headers[\\"X-Shopify-Topic\\"]": orders/paid',
            "value: = money_major(payload.total_price, payload.currency)",
            "external_user_id: = text(payload.customer.id)",
        ),
    ),
    "segment": (
        "presets/segment/samples/*/*.json",
        (),
        (
            "event: Order Completed",
            "value: = money_major(payload.properties.total, payload.properties.currency)",
            "external_user_id: = payload.userId",
            "insert_id: = payload.messageId",
            "event_type: signup_completed",
        ),
    ),
    "hubspot": (
        "presets/hubspot/samples/*/*.json",
        (),
        ("each: payload", "item.subscriptionType: deal.propertyChange", 'event_at: = time(item.occurredAt, "ms")'),
    ),
    "zendesk": ("presets/zendesk/samples/*/*.json", (), ("type: ", "insert_id: = payload.id", "= time(payload.time)")),
    "temporal": (
        "presets/temporal/samples/*/*.json",
        (),
        ("eventType: EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED", "event_type: task_success"),
    ),
    "zeebe": ("presets/zeebe/samples/*/*.json", (), ("intent: ELEMENT_COMPLETED", 'time(payload.timestamp, "ms")')),
    "intercom": ("presets/intercom/samples/*/*.json", (), ("topic: conversation.user.created",)),
    "retell": ("presets/retell/samples/*/*.json", (), ("event: call_analyzed", "= payload.call.metadata.user_id")),
    "salesforce-cdc": ("presets/salesforce-cdc/samples/*/*.json", (), ("ChangeEventHeader.entityName: Opportunity",)),
    "": (
        "mappings/workflow/samples/run_*.json",
        (),
        (
            "event: run.succeeded",
            "event_type: task_success",
            "external_user_id: = payload.user_id",
            "external_organization_id: = payload.org_id",
            "external_conversation_id: = payload.thread_id",
            'event_at: = time(payload.ts, "ms")',
        ),
    ),
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_messages_of_real_systems_get_rules_that_pass(system: str) -> None:
    pattern, headers, expected = SYSTEMS[system]
    documents = documents_of(samples(pattern), headers)
    found = proposed(documents)
    text = found.proposal.text
    assert (found.errors, found.passed, found.warnings) == ((), True, 0)
    assert found.count >= len(found.proposal.rules) >= 1
    assert [each for each in expected if each not in text] == [], text
    assert recognised_preset(each.roots.get("payload", each.roots.get("item")) for each in documents) == system
    assert propose(study(documents), "proposed", "a sample").text == text, "two runs give the same"


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("string-json", ("envelope: debezium", "envelope.op: c", "event_at: = time(envelope.")),
        ("string-json-with-schema", ("envelope: debezium", "= money_major(payload.amount, payload.currency)")),
        ("precise-json-with-schema", ("envelope: debezium", "= money_major(payload.amount, payload.currency)")),
        ("flat-json", ("__op: ",)),
        ("string-cloudevents", ("envelope: cloudevents", "envelope.iodebeziumop: c")),
        ("outbox-json", ("let:", "body: = parse_json(payload)")),
    ],
)
def test_what_debezium_writes_gets_rules_that_pass(name: str, lines: Sequence[str]) -> None:
    topics: dict[str, list[Message]] = {}
    for number, each in enumerate(recorded(name)):
        message = Message(each.topic, 0, number, BEGAN, each.key, each.value, each.headers)
        topics.setdefault(each.topic, []).append(message)
    topic = next(each for each in topics if each.endswith(("billing.subscriptions", "outbox.event.subscription")))
    documents = TopicDocuments(topic, topics[topic], MessageReader(None).read)
    found = proposed_files(study(documents), "rows", "a sample", None, {})
    assert (found.errors, found.passed) == ((), True), found.proposal.text
    assert [each for each in lines if each not in found.proposal.text] == [], found.proposal.text


def _orders(total: Any, **more: Any) -> list[dict[str, Any]]:
    order = {"id": "o-1", "type": "order.paid", "at": "2026-11-18T11:06:40Z", "customer_id": "c-1", "currency": "EUR"}
    return [{**order, "email": "ada@acme.example", "total": total, **more}]


def test_an_amount_whose_unit_is_not_sure_is_the_value_1_with_both_readings() -> None:
    text = proposed(documents_of(_orders(14950))).proposal.text
    assert "      value: 1 " in text
    assert "# value: = money_major(payload.total, payload.currency)    # ? 14950 -> 14,950.00 EUR" in text
    assert "# value: = money_minor(payload.total, payload.currency)    # ? 14950 -> 149.50 EUR" in text
    assert "      value: = money" not in text


def test_personal_data_is_no_property_and_no_part_of_a_case() -> None:
    found = proposed(documents_of(_orders("149.50", name="Ada Lovelace", phone="+49 30 1234567")))
    assert "value: = money_major(payload.total, payload.currency)" in found.proposal.text
    for told in ("email", "ada@", "Ada Lovelace", "1234567"):
        assert told not in found.proposal.text
        assert told not in found.cases
    assert "c-1" not in found.cases.replace("c-111", ""), "ids keep their form alone"


def test_a_topic_that_says_nothing_gets_a_rule_to_begin_with() -> None:
    found = proposed(documents_of([{"a": 1, "b": [True, None], "c": {}}]))
    assert (found.errors, found.passed) == ((), True), found.proposal.text
    assert len(found.proposal.rules) == 1
