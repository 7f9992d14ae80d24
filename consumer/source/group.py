"""What the cluster knows of a consumer group: for `doctor`, never for the loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException
from confluent_kafka.admin import AdminClient

from consumer.errors import BrokerUnreachable
from consumer.ports import TopicPartition


class GroupState(msgspec.Struct, frozen=True):
    """`state` as Kafka calls it (STABLE, EMPTY, DEAD for a group that doesn't exist); `committed` only what is."""

    state: str
    members: int
    committed: Mapping[TopicPartition, int]


def describe_group(properties: Mapping[str, str], group: str, topics: Sequence[str], timeout: float) -> GroupState:
    """Ask for a group's state and committed offsets; raises `BrokerUnreachable` when the question fails."""
    admin = AdminClient(dict(properties))
    try:
        described = admin.describe_consumer_groups([group], request_timeout=timeout)[group].result(timeout + 1)
        asked = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)], request_timeout=timeout)
        offsets = asked[group].result(timeout + 1).topic_partitions or []
    except KafkaException as error:
        raise BrokerUnreachable(f"the group {group!r} can't be described: {error.args[0].str()}") from error
    except TimeoutError as error:
        raise BrokerUnreachable(f"the group {group!r} could not be described in time") from error
    committed = {
        (each.topic, each.partition): each.offset for each in offsets if each.topic in topics and each.offset >= 0
    }
    return GroupState(described.state.name, len(described.members), committed)
