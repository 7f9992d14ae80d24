"""Start offsets of partitions with and without a committed offset: decisions only, no client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from greenflash_kafka.ports import TopicPartition

StartAt = Literal["latest", "earliest"] | int
"""`latest`, `earliest`, or a time in milliseconds since 1970."""


class Committed(msgspec.Struct, frozen=True):
    """The group's commit for a partition, and our metadata in it (empty, from another program): the topic's id, the
    version of the rules, a fingerprint of the ids that they give, and the end of the messages handed on beyond the
    offset (one past the last; 0 if not beyond)."""

    offset: int
    topic_id: str | None = None
    rules: str = ""
    ids: str = ""
    reach: int = 0


class GroupAtStart(msgspec.Struct):
    """The group as it was when this process began.

    `known` are the partitions that existed then and haven't been assigned to us since. With it a second member of a
    new group, which sees the first one's commits, still starts its own partitions where the configuration says.
    """

    is_new: bool
    known: set[TopicPartition]


def start_for(partition: TopicPartition, group: GroupAtStart, start: StartAt) -> StartAt:
    """The start of a partition without a committed offset.

    A group without any offsets starts where the configuration says. In a group that has some, a partition without
    one is new (added, or a topic that appeared late): from its beginning, or its first messages would be lost.
    """
    return start if group.is_new and partition in group.known else "earliest"


def recreated(committed: Mapping[TopicPartition, Committed], topic_ids: Mapping[str, str]) -> list[TopicPartition]:
    """Partitions whose offset was committed for another topic of the same name."""
    return [
        partition
        for partition, was in committed.items()
        if was.topic_id and was.topic_id != topic_ids.get(partition[0], was.topic_id)
    ]
