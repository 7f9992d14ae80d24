"""The compaction of topics: asked about each once, when it is first wanted."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Protocol

from confluent_kafka import KafkaException
from confluent_kafka.admin import ConfigEntry


class TopicSettingsCluster(Protocol):
    """Queries of topics' configurations; `source.admin.AdminQueries` answers them."""

    def ask_settings(self, name: str) -> Future[dict[str, ConfigEntry]] | None:
        """Start the query of a topic's configuration; None for a cluster that has none."""
        ...


class Compaction:
    """The cleanup policies of topics, as they are when each is first asked for."""

    def __init__(self, cluster: TopicSettingsCluster) -> None:
        self._cluster = cluster
        self._asked: dict[str, Future[dict[str, ConfigEntry]] | None] = {}

    def of(self, topic: str) -> bool | None:
        """True if the topic is compacted, or may be: the cluster doesn't say, or this user may not ask
        (DescribeConfigs). None while there is no answer, at most as long as a query may take."""
        if topic not in self._asked:
            self._asked[topic] = self._cluster.ask_settings(topic)
        asked = self._asked[topic]
        if asked is None:
            return True
        if not asked.done():
            return None
        try:
            policy = asked.result().get("cleanup.policy")
        except KafkaException:
            return True
        return policy is None or "compact" in str(policy.value)
