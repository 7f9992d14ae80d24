"""Samples of topics: their latest records, for `doctor`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from confluent_kafka import Consumer, KafkaException, TopicPartition

from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import TopicPartition as Partition
from greenflash_kafka.source.ends import PartitionEnds
from greenflash_kafka.source.records import message_of


def latest(
    properties: Mapping[str, str], group: str, ends: Mapping[Partition, PartitionEnds], most: int, timeout: float
) -> Iterator[Message]:
    """The latest committed records of these partitions, at most so many together, as many of each as of the others;
    those that come within `timeout` seconds. `properties` are those of an admin client; no group is joined, nothing
    committed."""
    share = max(1, most // max(1, len(ends)))
    starts = {key: max(each.begin, each.stable - share) for key, each in ends.items() if each.begin < each.stable}
    if not starts:
        return
    settings = {
        **properties,
        "group.id": group,
        "enable.auto.commit": "false",
        "isolation.level": "read_committed",
        "auto.offset.reset": "earliest",
        "enable.partition.eof": "false",
        "queued.max.messages.kbytes": "4096",
    }
    reader = Consumer(settings)
    until = time.monotonic() + timeout
    left, unread = most, set(starts)
    try:
        reader.assign([TopicPartition(*key, offset) for key, offset in starts.items()])
        while unread and left > 0 and time.monotonic() < until:
            for record in reader.consume(min(100, left), 0.2):
                if record.error() is None:
                    left -= 1
                    yield message_of(record)
            # The position, since a marker of a transaction may be the last thing before the end.
            for at in reader.position([TopicPartition(*key) for key in unread]):
                if at.offset >= ends[at.topic, at.partition].stable:
                    unread.discard((at.topic, at.partition))
    except KafkaException:
        return
    finally:
        reader.close()
