"""Timestamps of the records at given offsets, those of open transactions included: for `doctor`."""

from __future__ import annotations

import time
from collections.abc import Mapping

from confluent_kafka import Consumer, KafkaException, TopicPartition

from greenflash_kafka.ports import TopicPartition as Partition


def written_at(
    properties: Mapping[str, str], group: str, offsets: Mapping[Partition, int], timeout: float
) -> dict[Partition, float]:
    """The timestamp of the first record at or after each of these offsets, in seconds since 1970, for those that
    respond within `timeout` seconds. `properties` are those of an admin client; no group is joined, nothing
    committed."""
    # A record of 16 KB is as good as any: a whole fetch of each partition would be read for one timestamp.
    settings = {
        **properties,
        "group.id": group,
        "enable.auto.commit": "false",
        "isolation.level": "read_uncommitted",
        "auto.offset.reset": "error",
        "max.partition.fetch.bytes": "16384",
        "queued.max.messages.kbytes": "1024",
    }
    reader = Consumer(settings)
    found: dict[Partition, float] = {}
    until = time.monotonic() + timeout
    try:
        reader.assign([TopicPartition(*each, offset) for each, offset in offsets.items()])
        while len(found) < len(offsets) and time.monotonic() < until:
            for record in reader.consume(100, 0.2):
                key = (record.topic() or "", record.partition() or 0)
                kind, stamp = record.timestamp()
                if record.error() is None and kind and key not in found:
                    found[key] = stamp / 1000
                    reader.pause([TopicPartition(*key)])
    except KafkaException:
        return found
    finally:
        reader.close()
    return found
