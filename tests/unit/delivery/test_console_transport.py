"""The output of a dry run in place of requests."""

from __future__ import annotations

import io
import json

from greenflash_kafka.delivery.console_transport import ConsoleTransport
from greenflash_kafka.delivery.queue import PartitionQueue, Send
from greenflash_kafka.delivery.response_table import accepts
from greenflash_kafka.model.event import Event
from greenflash_kafka.ports import Request
from tests.fakes.owner import MemoryOwner


def test_each_event_is_one_line_with_its_rule_and_message_and_counts_as_accepted() -> None:
    out = io.StringIO()
    transport = ConsoleTransport(out, lambda owner: f"{owner.partition[0]}/{owner.partition[1]}/7")
    bodies = [b'{"value":"1"}', '{"value":"\u2192 \x1b[2J"}'.encode()]
    events = [Event("paid", item, "i", body) for item, body in zip((None, 3), bodies, strict=True)]
    sent = [Request(each.body, token=Send(each, MemoryOwner(), PartitionQueue())) for each in events]
    for each in sent:
        transport.submit(each)
    replies = transport.poll(0)
    assert [reply.request for reply in replies] == sent
    assert all(accepts(reply) for reply in replies)
    first, second = out.getvalue().splitlines()
    assert json.loads(first) == {"message": "orders/0/7", "rule": "paid", "event": {"value": "1"}}
    assert second == '{"message":"orders/0/7","rule":"paid","item":3,"event":{"value":"\u2192 \\u001b[2J"}}'
    assert transport.poll(0) == [], "each is answered once"
    transport.close()
