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
        asked = self._ask(topic)
        return True if asked is None else _compacted(asked, 0.0) if asked.done() else None

    def settled(self, topic: str, seconds: float) -> bool:
        """As `of`; waits so many seconds for the answer, and without one the topic may be compacted."""
        asked = self._ask(topic)
        return asked is None or _compacted(asked, seconds)

    def _ask(self, topic: str) -> Future[dict[str, ConfigEntry]] | None:
        if topic not in self._asked:
            self._asked[topic] = self._cluster.ask_settings(topic)
        return self._asked[topic]


def _compacted(asked: Future[dict[str, ConfigEntry]], seconds: float) -> bool:
    try:
        policy = asked.result(seconds).get("cleanup.policy")
    except (KafkaException, TimeoutError):
        return True
    return policy is None or "compact" in str(policy.value)
