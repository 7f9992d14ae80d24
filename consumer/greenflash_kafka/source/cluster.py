"""Queries that the source makes beside its consumer: `admin.AdminQueries` answers them, and the simulation."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import Literal, Protocol

from greenflash_kafka.model.start_at import StartAt
from greenflash_kafka.ports import TopicPartition
from greenflash_kafka.source.ends import PartitionEnds

At = StartAt | Literal["end"]
"""A start, or the high watermark: the end of everything there is, that of open transactions included."""


class EndsQuery(Protocol):
    """A query in progress."""

    def done(self) -> bool:
        """True if every response is there, or has failed."""
        ...

    def known(self) -> Mapping[TopicPartition, PartitionEnds]:
        """The responses."""
        ...


class Cluster(Protocol):
    """Queries about topics and their ids, begin and end offsets of partitions, and members of the group. All but
    `offsets` return at once."""

    def start_id_query(self, topics: Iterable[str]) -> None:
        """Start the query of these topics' ids; one in progress is not repeated."""
        ...

    def poll_ids(self, timeout: float) -> Mapping[str, str] | None:
        """The response, waiting at most so long; None when no query was started, none is answered, or it failed."""
        ...

    def ask_topics(self) -> Future[Collection[str]]:
        """Start the query of all topics' names; fails with BrokerUnreachable."""
        ...

    def offsets(self, partitions: Sequence[TopicPartition], at: At) -> dict[TopicPartition, int]:
        """The first offset, the last stable one (`latest`), the high watermark (`end`), or the first at or after a time
        (-1 for none). Raises KafkaException."""
        ...

    def ask_ends(self, partitions: Sequence[TopicPartition]) -> EndsQuery:
        """Start the query of begin and end offsets."""
        ...

    def ask_member(self, group: str, member: str) -> Future[bool]:
        """Start a query to the group's coordinator: does it know this member, with all partitions given to others?"""
        ...
