"""A deployment whose orders are linked to the chats of another topic."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.brokers.kafka import Record

CHATS = """\
version: 1
source: {{topics: [{topic}]}}
conversations:
  - name: support_chat
    id: = payload.conversation
    at: = time(payload.at)
    keys: {{external_user_id: = payload.user}}
    max_delay: {max_delay}
"""
ORDERS = """\
version: 1
source: {{topics: [{topic}]}}
link: {{lookback: 24h}}
rules:
  - name: paid
    when: {{type: paid}}
    event:
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: = money_minor(payload.cents, payload.currency)
      external_user_id: = payload.user
      insert_id: = payload.id
"""


class Linked:
    """Orders and chats on a deployment; times are milliseconds since 1970."""

    def __init__(self, deployment: Any, partitions: int = 2, max_delay: str = "1s", chats: str | None = None) -> None:
        self.deployment = deployment
        self.kafka = deployment.kafka
        (self.orders,) = deployment.topics(partitions)
        self.chats = self.kafka.topic(partitions, "chats") if chats is None else chats
        self.directory = deployment.folder / "conversations"
        (deployment.folder / "chats.yaml").write_text(CHATS.format(topic=self.chats, max_delay=max_delay))
        (deployment.folder / "orders.yaml").write_text(ORDERS.format(topic=self.orders))
        self.environ = {
            "GREENFLASH_KAFKA_MAPPINGS": f"{deployment.folder}/orders.yaml:{deployment.folder}/chats.yaml",
            "GREENFLASH_KAFKA_LINKING__DIRECTORY": str(self.directory),
        }

    def chat(
        self, conversation: str, user: str, at: int | None = None, told: int | None = None, partition: int = 0
    ) -> None:
        """A message of a chat: what happened `at`, in a record stamped `told`; both are now if not given."""
        at = now() if at is None else at
        text = {"conversation": conversation, "user": user, "at": moment(at)}
        told = at if told is None else told
        self.kafka.produce(self.chats, [Record(json.dumps(text).encode(), partition=partition, timestamp_ms=told)])

    def order(self, number: int, user: str, at: int | None = None, partition: int = 0) -> None:
        """An order that was paid, in a record stamped `at`."""
        text = {"type": "paid", "id": f"o{number}", "cents": 100, "currency": "EUR", "user": user}
        stamp = now() if at is None else at
        self.kafka.produce(self.orders, [Record(json.dumps(text).encode(), partition=partition, timestamp_ms=stamp)])

    def run(self, *arguments: str, **environ: str) -> Any:
        """Start `run`."""
        return self.deployment.run(*arguments, **{**self.environ, **environ})

    def run_until_idle(self, **environ: str) -> dict[str, Any]:
        """Run until everything is done, and give the summary."""
        summary: dict[str, Any] = self.deployment.run_until_idle(**{**self.environ, **environ})
        return summary

    def links(self) -> dict[str, str | None]:
        """The conversation of each stored event, by the order's id."""
        stored: Mapping[str, Mapping[str, Any]] = self.deployment.stored()
        return {key.rpartition(":")[2]: each.get("externalConversationId") for key, each in stored.items()}

    def bodies(self) -> dict[str, dict[str, Any]]:
        """What is stored, by insert id, without what the service adds."""
        added = ("id", "eventId", "createdAt", "receivedAt", "tenantId")
        stored: Mapping[str, Mapping[str, Any]] = self.deployment.stored()
        return {key: {name: value for name, value in each.items() if name not in added} for key, each in stored.items()}


def now() -> int:
    """Milliseconds since 1970."""
    return int(time.time() * 1000)


def moment(ms: int) -> str:
    """That time as ISO 8601."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat()
