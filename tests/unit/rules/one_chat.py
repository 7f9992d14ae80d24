"""A mapping file of one conversation and one of a rule that links to it, without findings; and their changes."""

from __future__ import annotations

CHAT = """\
version: 1
source: {topics: [chat]}
conversations:
  - name: support_chat
    when: {role: user}
    id: = payload.conversation_id
    at: = time(payload.created_at)
    keys: {external_user_id: = payload.user_id}
    max_delay: 1m
"""
LINKED = """\
version: 1
source: {topics: [t]}
rules:
  - name: paid
    when: {type: x}
    link: {lookback: 24h}
    event:
      event_type: e
      product_id: ${PRODUCT_ID}
      influence: neutral
      value: "1"
      insert_id: = payload.id
      external_user_id: = payload.user
"""
LINK = "link: {lookback: 24h}"


def chat(old: str, new: str) -> str:
    assert old in CHAT
    return CHAT.replace(old, new)


def linked(old: str, new: str) -> str:
    assert old in LINKED
    return LINKED.replace(old, new)
