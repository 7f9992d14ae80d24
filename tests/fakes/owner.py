"""An owner of events on their way that remembers what became of them."""

from __future__ import annotations

import json
from typing import Literal

from greenflash_kafka.delivery.queue import Send
from greenflash_kafka.delivery.response_table import Verdict
from greenflash_kafka.model.conversations import Link
from greenflash_kafka.model.event import Event
from greenflash_kafka.ports import TopicPartition


def event(insert_id: str, rule: str = "rule") -> Event:
    """An event of this id."""
    return Event(rule, None, insert_id, json.dumps({"insertId": insert_id}).encode())


def linked(insert_id: str, conversation: str = "c-7", result: Literal["linked", "own"] = "linked") -> Event:
    """An event of this id with a conversation: one that was found, or one that the rule gave itself."""
    body = json.dumps({"externalConversationId": conversation, "insertId": insert_id}).encode()
    return Event("rule", None, insert_id, body, link=Link(result, None, conversation, "chat"))


class MemoryOwner:
    """`delivery.queue.Owner`; `may_send` is the test's to change."""

    def __init__(self, partition: int = 0, key: bytes | None = None) -> None:
        self.partition: TopicPartition = ("orders", partition)
        self.key = key
        self.may_send = True
        self.record_ms = 1_795_000_000_000
        """The timestamp of the message that the events come from."""
        self.told: list[tuple[str, str]] = []
        """What became of which event: its id with `accepted`, a code, `failed CODE` or `abandoned`."""

    def settled(self, send: Send, verdict: Verdict) -> None:
        """See `delivery.queue.Owner`."""
        self.told.append((send.event.insert_id, verdict.code))

    def failed(self, send: Send, verdict: Verdict) -> None:
        """See `delivery.queue.Owner`."""
        self.told.append((send.event.insert_id, f"failed {verdict.code}"))

    def abandoned(self, send: Send) -> None:
        """See `delivery.queue.Owner`."""
        self.told.append((send.event.insert_id, "abandoned"))
