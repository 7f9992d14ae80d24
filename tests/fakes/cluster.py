"""`source.cluster.Cluster` without a cluster: what is known of topics that librdkafka's mock cluster can't tell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future

from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.ports import TopicPartition
from greenflash_kafka.source.cluster import At
from greenflash_kafka.source.ends import PartitionEnds
from tests.simulation.kafka.questions import MemoryEnds


class KnownCluster:
    """Partitions of `count` messages from offset 0 on. Without `ids` it is a cluster older than topic ids, and the
    configuration wants some. It lists no topics, and knows of no member."""

    def __init__(self, count: int = 0, *, ids: bool = True) -> None:
        self._count = count
        self._ids = ids
        self._asked: list[str] = []

    def start_id_query(self, topics: Iterable[str]) -> None:
        """See `cluster.Cluster`."""
        self._asked = list(topics)

    def poll_ids(self, timeout: float) -> Mapping[str, str] | None:  # noqa: ARG002 - answers at once
        """See `cluster.Cluster`."""
        if not self._ids:
            raise ConfigInvalid("the broker has no id for topic")
        return dict.fromkeys(self._asked, "id")

    def ask_topics(self) -> Future[Collection[str]]:
        """See `cluster.Cluster`. Never answered."""
        return Future()

    def ask_member(self, group: str, member: str) -> Future[bool]:  # noqa: ARG002 - the port's signature
        """See `cluster.Cluster`. Never answered."""
        return Future()

    def offsets(self, partitions: Sequence[TopicPartition], at: At) -> dict[TopicPartition, int]:
        """See `cluster.Cluster`."""
        return dict.fromkeys(partitions, self._count if at in ("latest", "end") else 0)

    def ask_ends(self, partitions: Sequence[TopicPartition]) -> MemoryEnds:
        """See `cluster.Cluster`."""
        return MemoryEnds(dict.fromkeys(partitions, PartitionEnds(0, self._count, self._count)))
