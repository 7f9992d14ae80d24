"""Windows of topics' history: offset ranges, resolved once, so that everybody who is told them reads the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec
from confluent_kafka import KafkaException

from greenflash_kafka.errors import BrokerUnreachable
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.ports import TopicPartition
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.client_errors import error_text
from greenflash_kafka.source.ends import PartitionEnds

WHOLE: Final = 100_000
"""Up to so many offsets the last N of *each* partition are read, so that the last N of the topic are among them."""


class Window(msgspec.Struct, frozen=True):
    """What part of a topic is meant: records at or after `since_ms` and before `until_ms` (milliseconds since 1970; by
    offsets: the first record so late, and what follows it), and at most the `last` of them. None: no such limit."""

    since_ms: int | None = None
    until_ms: int | None = None
    last: int | None = None


def offset_ranges(
    window: Window,
    ends: Mapping[TopicPartition, PartitionEnds],
    since: Mapping[TopicPartition, int],
    until: Mapping[TopicPartition, int],
) -> tuple[OffsetRange, ...]:
    """The ranges of a window, by topic and partition; those without an offset are left out. They end with the last
    stable offset at the latest: what an open transaction has written may never be there.

    `since` and `until` are the first offsets at or after these times, -1 where no record is so late. Of each topic
    `last` are taken of every partition if that is little, else an equal share of them, and at least one.
    """
    shares = {}
    if window.last is not None:
        for topic in {topic for topic, _ in ends}:
            count = sum(name == topic for name, _ in ends)
            shares[topic] = window.last if window.last * count <= WHOLE else max(1, -(-window.last // count))
    found = []
    for (topic, partition), each in sorted(ends.items()):
        start, end = each.begin, each.stable
        if window.since_ms is not None:
            first = since.get((topic, partition), -1)
            start = end if first < 0 else max(start, first)
        if window.until_ms is not None:
            first = until.get((topic, partition), -1)
            end = end if first < 0 else min(end, first)
        if topic in shares:
            start = max(start, end - shares[topic])
        if start < end:
            found.append(OffsetRange(topic, partition, start, end))
    return tuple(found)


def ask_ranges(window: Window, cluster: AdminQueries, topics: Mapping[str, int]) -> tuple[OffsetRange, ...]:
    """The same for topics with so many partitions, as they are now. Raises BrokerUnreachable."""
    partitions = [(topic, number) for topic, count in topics.items() for number in range(count)]
    ends = cluster.ask_ends(partitions).require(cluster.timeout + 1)
    try:
        since = cluster.offsets(partitions, window.since_ms) if window.since_ms is not None else {}
        until = cluster.offsets(partitions, window.until_ms) if window.until_ms is not None else {}
    except KafkaException as error:
        raise BrokerUnreachable(f"the offsets of a time can't be had: {error_text(error)}") from None
    return offset_ranges(window, ends, since, until)
