"""Inputs of evaluation beside the message and the rules: frozen, the same for every message in hand."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from greenflash_kafka.model.conversations import Conversations
from greenflash_kafka.model.topic_tables import TopicTables


class EvaluationContext(msgspec.Struct, frozen=True):
    """Facts of the deployment that rules and insert ids need.

    `topic_ids` maps a topic's name to the id the broker gave it (`-` where a broker has none); `hash_key` keys
    the rules' `hash()`; `max_items` bounds `each` (over it the message is invalid with code `limit`).
    `conversations` is searched by rules that link; None: there is nothing to search in, and nobody waits.
    `tables` are those from topics; None: they have no rows.
    """

    cluster_id: str = "-"
    topic_ids: Mapping[str, str] = {}
    hash_key: bytes | None = None
    max_items: int = 1000
    conversations: Conversations | None = None
    tables: TopicTables | None = None
