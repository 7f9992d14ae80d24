"""State of a consumer group in the cluster: for `doctor`, never for the loop."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final

import msgspec
from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka import TopicPartition as Asked
from confluent_kafka.admin import AclOperation

from greenflash_kafka.errors import BrokerUnreachable, NotAllowed
from greenflash_kafka.ports import TopicPartition
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.kafka_offsets import read_all
from greenflash_kafka.source.marks import Committed
from greenflash_kafka.source.rights import group_refusal

_COMING_UP: Final = (
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
)
"""Errors of a coordinator that is just starting."""

_AGAIN_SECONDS: Final = 0.2


class GroupState(msgspec.Struct, frozen=True):
    """`state` as Kafka names it (STABLE, EMPTY, DEAD for a group that doesn't exist); `committed` has only partitions
    with an offset."""

    state: str
    members: int
    committed: Mapping[TopicPartition, Committed]


def describe_group(cluster: AdminQueries, group: str, topics: Mapping[str, int]) -> GroupState:
    """Query a group's state and its committed offsets in these topics (name to number of partitions); raises
    `BrokerUnreachable` when the query fails and `NotAllowed` when this user may not be its member.

    A group that nobody has joined yet is DEAD, as Kafka says. A coordinator that is just coming up (the first
    question to a new cluster) is waited for.
    """
    deadline = time.monotonic() + cluster.timeout
    while True:
        try:
            return _ask(cluster, group, topics)
        except KafkaException as error:
            code = error.args[0].code()
            if code == KafkaError.GROUP_ID_NOT_FOUND:
                return GroupState("DEAD", 0, {})
            if code == KafkaError.GROUP_AUTHORIZATION_FAILED:
                raise NotAllowed(group_refusal(cluster.properties, group)) from None
            if code not in _COMING_UP or time.monotonic() > deadline:
                said = error.args[0].str() or error.args[0].name()
                raise BrokerUnreachable(f"the group {group!r} can't be described: {said}") from error
            time.sleep(_AGAIN_SECONDS)
        except TimeoutError as error:
            raise BrokerUnreachable(f"the group {group!r} could not be described in time") from error


def _ask(cluster: AdminQueries, group: str, topics: Mapping[str, int]) -> GroupState:
    described = cluster.ask_group(group, permissions=True).result(cluster.timeout + 1)
    if described.authorized_operations and AclOperation.READ not in described.authorized_operations:
        raise NotAllowed(group_refusal(cluster.properties, group))
    wanted = [Asked(topic, number) for topic, count in topics.items() for number in range(count)]
    return GroupState(described.state.name, len(described.members), _committed(cluster, group, wanted))


def _committed(cluster: AdminQueries, group: str, wanted: list[Asked]) -> dict[TopicPartition, Committed]:
    if not wanted:
        return {}
    # By a consumer that joins nothing: librdkafka's admin client dies of the answer that the coordinator has moved
    # (its issue 5040).
    consumer = Consumer({**cluster.properties, "group.id": group})
    try:
        return read_all(consumer.committed(wanted, timeout=cluster.timeout))
    finally:
        consumer.close()
