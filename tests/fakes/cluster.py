"""`source.kafka.Cluster` without a cluster: what is known of topics that librdkafka's mock cluster can't tell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future

from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.ports import TopicPartition
from greenflash_kafka.source.ends import PartitionEnds
from greenflash_kafka.source.kafka_offsets import At
from tests.simulation.kafka.questions import MemoryEnds


class KnownCluster:
    """Partitions of `count` messages from offset 0 on. Without `ids` it is a cluster older than topic ids, and the
    configuration wants some. It lists no topics, and knows of no member."""

    def __init__(self, count: int = 0, *, ids: bool = True) -> None:
        self._count = count
        self._ids = ids
        self._asked: list[str] = []

    def start_id_query(self, topics: Iterable[str]) -> None:
        """See `topic_ids.IdAnswers`."""
        self._asked = list(topics)

    def poll_ids(self, timeout: float) -> Mapping[str, str] | None:  # noqa: ARG002 - answers at once
        """See `topic_ids.IdAnswers`."""
        if not self._ids:
            raise ConfigInvalid("the broker has no id for topic")
        return dict.fromkeys(self._asked, "id")

    def ask_topics(self) -> Future[Collection[str]]:
        """See `topic_watch.Listing`. Never answered."""
        return Future()

    def ask_member(self, group: str, member: str) -> Future[bool]:  # noqa: ARG002 - the port's signature
        """See `kafka.Cluster`. Never answered."""
        return Future()

    def offsets(self, partitions: Sequence[TopicPartition], at: At) -> dict[TopicPartition, int]:
        """See `kafka_offsets.OffsetAnswers`."""
        return dict.fromkeys(partitions, self._count if at in ("latest", "end") else 0)

    def ask_ends(self, partitions: Sequence[TopicPartition]) -> MemoryEnds:
        """See `waiting.EndsAnswers`."""
        return MemoryEnds(dict.fromkeys(partitions, PartitionEnds(0, self._count, self._count)))
