"""A group's commits, asked for without joining it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Final

from confluent_kafka import Consumer, KafkaException, TopicPartition

from greenflash_kafka.errors import BrokerUnreachable
from greenflash_kafka.ports import TopicPartition as Partition
from greenflash_kafka.source.client_errors import error_text

RPC_SECONDS: Final = 10.0


def commits_of_group(
    properties: Mapping[str, str], partitions: Sequence[Partition], logger: logging.Logger
) -> dict[Partition, tuple[int, str]]:
    """Offset and metadata of what the group of these consumer properties has committed; partitions without a commit
    are left out. Raises BrokerUnreachable."""
    if not partitions:
        return {}
    asker = Consumer({**properties}, logger=logger)
    try:
        found = asker.committed([TopicPartition(*each) for each in partitions], RPC_SECONDS)
    except KafkaException as error:
        group = properties.get("group.id", "")
        raise BrokerUnreachable(f"the offsets of the group {group} can't be had: {error_text(error)}") from None
    finally:
        asker.close()
    return {(each.topic, each.partition): (each.offset, each.metadata or "") for each in found if each.offset >= 0}


def positions(offsets: Mapping[Partition, tuple[int, str]]) -> list[TopicPartition]:
    """Offsets with metadata, as the client commits them."""
    return [TopicPartition(*key, offset, metadata) for key, (offset, metadata) in offsets.items()]
