"""Samples of topics, for `doctor`: records read by a consumer that joins no group and commits nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from confluent_kafka import Consumer, KafkaException, TopicPartition

from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import TopicPartition as Partition
from greenflash_kafka.source.ends import PartitionEnds
from greenflash_kafka.source.records import message_of

_LATEST: Final = {
    "isolation.level": "read_committed",
    "auto.offset.reset": "earliest",
    "enable.partition.eof": "false",
    "queued.max.messages.kbytes": "4096",
}
_FIRST: Final = {
    "isolation.level": "read_uncommitted",
    "auto.offset.reset": "error",
    # A record of 16 KB is as good as any: a whole fetch of each partition would be read for one timestamp.
    "max.partition.fetch.bytes": "16384",
    "queued.max.messages.kbytes": "1024",
}


@contextmanager
def _reading(
    properties: Mapping[str, str], group: str, offsets: Mapping[Partition, int], more: Mapping[str, str]
) -> Iterator[Consumer]:
    """A consumer of these partitions; an error of the client ends what is done with it."""
    reader = Consumer({**properties, "group.id": group, "enable.auto.commit": "false", "log_level": "0", **more})
    try:
        reader.assign([TopicPartition(*each, offset) for each, offset in offsets.items()])
        yield reader
    except KafkaException:
        return
    finally:
        reader.close()


def latest(
    properties: Mapping[str, str], group: str, ends: Mapping[Partition, PartitionEnds], most: int, timeout: float
) -> Iterator[Message]:
    """The latest committed records of these partitions, at most so many together, as many of each as of the others;
    those that come within `timeout` seconds. `properties` are those of an admin client."""
    share = max(1, most // max(1, len(ends)))
    starts = {key: max(each.begin, each.stable - share) for key, each in ends.items() if each.begin < each.stable}
    if not starts:
        return
    until = time.monotonic() + timeout
    left, unread = most, set(starts)
    with _reading(properties, group, starts, _LATEST) as reader:
        while unread and left > 0 and time.monotonic() < until:
            for record in reader.consume(min(100, left), 0.2):
                if record.error() is None:
                    left -= 1
                    yield message_of(record)
            # The position, since a marker of a transaction may be the last thing before the end.
            for at in reader.position([TopicPartition(*key) for key in unread]):
                if at.offset >= ends[at.topic, at.partition].stable:
                    unread.discard((at.topic, at.partition))


def written_at(
    properties: Mapping[str, str], group: str, offsets: Mapping[Partition, int], timeout: float
) -> dict[Partition, float]:
    """The timestamp of the first record at or after each of these offsets, those of open transactions included, in
    seconds since 1970, for those that respond within `timeout` seconds. `properties` are those of an admin client."""
    found: dict[Partition, float] = {}
    until = time.monotonic() + timeout
    with _reading(properties, group, offsets, _FIRST) as reader:
        while len(found) < len(offsets) and time.monotonic() < until:
            for record in reader.consume(100, 0.2):
                key = (record.topic() or "", record.partition() or 0)
                kind, stamp = record.timestamp()
                if record.error() is None and kind and key not in found:
                    found[key] = stamp / 1000
                    reader.pause([TopicPartition(*key)])
    return found
