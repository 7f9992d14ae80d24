"""librdkafka's mock cluster in place of brokers, for questions that it doesn't understand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Literal, NamedTuple

from greenflash_kafka.ports import TopicPartition as Partition
from greenflash_kafka.source.log_questions import LogCluster, Offsets
from greenflash_kafka.source.topics import NO_ID, Topics


class _Partition(NamedTuple):
    id: int


class _Described(NamedTuple):
    """The part of a `TopicDescription` that is read."""

    topic_id: str
    partitions: list[_Partition]


class MockCluster:
    """`log_questions.LogCluster` on a mock cluster, which describes no topic and finds no offset by time.

    It keeps only some megabytes of a partition, so all of it is read in place of a part of it.
    """

    def __init__(self, topics: Topics) -> None:
        self._topics = topics

    def ask_topics(self) -> Future[Collection[str]]:
        """See `LogCluster`."""
        return self._topics.ask_topics()

    def ask_descriptions(self, names: Iterable[str]) -> Mapping[str, Future[Any]]:
        """From the list of topics, which the mock cluster has at once."""
        counts = self._topics.partitions()
        asked: dict[str, Future[Any]] = {name: Future() for name in names}
        for name, future in asked.items():
            future.set_result(_Described(NO_ID, [_Partition(number) for number in range(counts.get(name, 0))]))
        return asked

    def ask_written(self, partitions: Sequence[Partition], at: Literal["earliest", "end"] | int) -> Offsets:
        """Its first offset stands for that of any time."""
        return self._topics.ask_written(partitions, "earliest" if isinstance(at, int) else at)


def log_cluster(topics: Topics) -> LogCluster:
    """The cluster that answers questions about conversation topics. Raises BrokerUnreachable."""
    return MockCluster(topics) if topics.is_mock() else topics
