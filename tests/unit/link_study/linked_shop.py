"""Orders that are linked to chats, for tests of links' studies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from greenflash_kafka.loading import load
from greenflash_kafka.model.message import Message
from greenflash_kafka.snapshot import Snapshot

T0 = 1_796_083_200_000
"""2026-12-01, in milliseconds since 1970."""

CHATS = """\
version: 1
source: {topics: [chats]}
conversations:
  - name: support_chat
    id: = payload.c
    at: = time(payload.at, "ms")
    keys:
      external_user_id: = payload.u
      email: = payload.mail
"""
ORDERS = """\
version: 1
source: {topics: [orders]}
link: {lookback: 24h}
defaults:
  product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
  external_user_id: = payload.user
  influence: positive
  insert_id: = concat(payload.id, payload.type)
  value: "1"
rules:
  - name: paid
    when: {type: paid}
    event: {event_type: upgrade_purchased}
  - name: left
    when: {type: left}
    link:
      - {by: {email: = payload.mail}, lookback: 1h}
      - {lookback: 7d}
    event: {event_type: trial_cancelled}
"""

PAID_BY_CUSTOMER = """\
version: 1
source: {topics: [orders]}
tables:
  customers: {topic: crm, key: id, fields: [user_id], max_delay: 1m}
rules:
  - name: paid
    when: {type: paid}
    event:
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: "1"
      insert_id: = payload.id
      external_user_id: = tables.customers[payload.customer].user_id
      properties: {same: '= tables.customers[payload.customer].user_id'}
"""


def snapshot_of(folder: Path, orders: str = ORDERS, chats: str = CHATS) -> Snapshot:
    """These rules, without conversations."""
    (folder / "chats.yaml").write_text(chats)
    (folder / "orders.yaml").write_text(orders)
    loaded = load([folder / "chats.yaml", folder / "orders.yaml"], {})
    assert loaded.ruleset is not None, loaded.findings
    return Snapshot(loaded.ruleset)


def records(topic: str, payloads: Iterable[Mapping[str, object]], since: int = T0) -> list[Message]:
    """One record each, a second apart."""
    return [
        Message(topic, 0, number, since + number * 1000, value=json.dumps(each).encode())
        for number, each in enumerate(payloads)
    ]
