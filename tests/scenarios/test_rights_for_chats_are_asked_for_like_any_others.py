"""Conversation topics on a secured broker: a missing right is named at start, and Read is enough."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from confluent_kafka.admin import ResourceType

from tests.brokers.secured import SecuredBroker
from tests.scenarios.linked import Linked, now
from tests.scenarios.secured import SCRAM, Way


def test_rights_for_chats_are_asked_for_like_any_others(
    secured: Any, secured_broker: SecuredBroker, tmp_path: Path
) -> None:
    linked = Linked(secured, partitions=1)
    way = Way(secured_broker, SCRAM, tmp_path)
    secured_broker.allow(way.user, read=[linked.orders], write=[secured.dead_letters], group=secured.group)
    secured_broker.describe(way.user, ResourceType.TOPIC, linked.chats)
    refused = linked.run(**way.environ())
    assert refused.wait() == 1
    assert f"--operation Read --topic {linked.chats}" in refused.said()
    secured_broker.allow(way.user, read=[linked.chats])
    paid = now() - 60_000
    linked.chat("c-1", "ann", paid - 1000)
    linked.order(1, "ann", paid)
    linked.run_until_idle(**way.environ())
    assert linked.links() == {"o1": "c-1"}
    process = secured.processes[-1]
    assert not process.lines("kafka_refused")
    assert not process.lines("kafka_error")
