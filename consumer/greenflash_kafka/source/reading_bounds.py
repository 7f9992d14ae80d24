"""The bounds of a dry run: offsets at which it ends, and a number of messages."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from confluent_kafka import KafkaException

from greenflash_kafka.errors import BrokerUnreachable
from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import TopicPartition
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.client_errors import error_text
from greenflash_kafka.source.kafka import KafkaSource


class ReadingBounds:
    """`ends` are the offsets before which reading ends, by partition; None: no end. `limit`: the most messages, None
    for any number."""

    def __init__(self, ends: Mapping[TopicPartition, int] | None, limit: int | None) -> None:
        self._ends = ends
        self._left = limit
        self._next: dict[TopicPartition, int] = {}

    def kept(self, messages: Sequence[Message]) -> list[Message]:
        """Those within the bounds; one that is read again doesn't count again."""
        found = []
        for message in messages:
            key, offset = (message.topic, message.partition), message.offset
            if self._ends is not None and offset >= self._ends.get(key, 0):
                continue
            if offset >= self._next.get(key, 0):
                if self._left == 0:
                    continue
                if self._left is not None:
                    self._left -= 1
                self._next[key] = offset + 1
            found.append(message)
        return found

    def reached(self, positions: Mapping[TopicPartition, int], halted: Collection[TopicPartition]) -> bool:
        """Whether there is nothing more to read within the bounds, with partitions at these positions. One that is
        halted gives nothing more."""
        if self._left == 0:
            return True
        if self._ends is None:
            return False
        return all(key in halted or positions.get(key, -1) >= end for key, end in self._ends.items())


class BoundedSource(KafkaSource):
    """A `KafkaSource` that hands on what is within `bounds`."""

    bounds: ReadingBounds = ReadingBounds(None, None)

    def take(self, limit: int, timeout: float) -> list[Message]:
        """See `ports.Source`."""
        return self.bounds.kept(super().take(limit, timeout))


def ask_bounds(
    cluster: AdminQueries, topics: Mapping[str, int], until_ms: int | None, limit: int | None, *, to: bool
) -> ReadingBounds:
    """The bounds for topics with so many partitions: with `to` the ends as they are now, or the first record at or
    after `until_ms` (milliseconds since 1970). Raises BrokerUnreachable."""
    if not to:
        return ReadingBounds(None, limit)
    partitions = [(topic, number) for topic, count in topics.items() for number in range(count)]
    ends = {key: each.stable for key, each in cluster.ask_ends(partitions).require(cluster.timeout + 1).items()}
    try:
        first = cluster.offsets(partitions, until_ms) if until_ms is not None else {}
    except KafkaException as error:
        raise BrokerUnreachable(f"the offsets of a time can't be had: {error_text(error)}") from None
    ends |= {key: min(ends[key], offset) for key, offset in first.items() if offset >= 0}
    return ReadingBounds(ends, limit)
