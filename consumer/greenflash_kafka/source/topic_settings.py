"""Configuration of a topic, as far as it matters here: a query in progress."""

from __future__ import annotations

from concurrent.futures import Future

import msgspec
from confluent_kafka import KafkaException
from confluent_kafka.admin import ConfigEntry

from greenflash_kafka.errors import ConfigInvalid


class TopicSettings(msgspec.Struct):
    """`asked` is None for a cluster that has no such settings. `seconds` is the time limit of the query."""

    topic: str
    asked: Future[dict[str, ConfigEntry]] | None
    seconds: float
    known: dict[str, str] | None = None

    def value(self, name: str) -> str | None:
        """A setting by its name in Kafka; None when the cluster doesn't say."""
        if self.known is None:
            self.known = self._answer()
        return self.known.get(name)

    def _answer(self) -> dict[str, str]:
        # Empty too when this user may not read it (DescribeConfigs).
        if self.asked is None:
            return {}
        try:
            entries = self.asked.result(self.seconds)
        except (KafkaException, TimeoutError):
            return {}
        return {entry.name: str(entry.value) for entry in entries.values()}

    @property
    def max_message_bytes(self) -> int | None:
        """The largest record batch that the topic accepts, in bytes; None when the cluster doesn't say."""
        limit = self.value("max.message.bytes") or ""
        return int(limit) if limit.isdecimal() else None

    def require_for_dead_letters(self, least_bytes: int = 0) -> None:
        """Raise ConfigInvalid for a compacted topic, which would drop the older of two dead letters with one key, and
        for one that may reject even the smallest form of a dead letter: commits would wait for it without end."""
        if "compact" in (self.value("cleanup.policy") or "delete"):
            raise ConfigInvalid(
                f"the dead-letter topic {self.topic!r} is compacted: of two dead letters with one key only the last "
                "stays. Set its cleanup.policy to delete, or name another topic in dead_letter.topic"
            )
        limit = self.max_message_bytes
        if limit is not None and limit < least_bytes:
            raise ConfigInvalid(
                f"the dead-letter topic {self.topic!r} takes {limit} bytes at most (max.message.bytes), and a dead "
                f"letter without its message's key, value and headers may take {least_bytes}. One that doesn't fit can "
                "never be written, and commits would wait for it. Set max.message.bytes to that of the source topics "
                "plus 32 KB"
            )
