"""Comparison of a group's committed offset with the offsets that a partition has: pure, for `doctor`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from greenflash_kafka.ports import TopicPartition
from greenflash_kafka.source.ends import PartitionEnds
from greenflash_kafka.source.marks import Committed


class Lag(msgspec.Struct, frozen=True):
    """Offsets that the group still has to read. `fresh` counts partitions without a committed offset, and `of_fresh` is
    their part of `messages`."""

    messages: int
    fresh: int
    of_fresh: int


def gap(was: Committed, ends: PartitionEnds, topic_id: str | None) -> str | None:
    """The reason why a partition can't be read on from the group's offset, in words; None when it can.

    `topic_id` is the topic's id now, None where the cluster tells none.
    """
    if was.topic_id and topic_id and was.topic_id != topic_id:
        return (
            f"the topic was deleted and created again (id {was.topic_id} when offset {was.offset} was committed, "
            f"{topic_id} now): it has offsets {ends.begin} to {ends.end}, and nothing of these is read"
        )
    if was.offset > ends.end:
        return (
            f"the committed offset {was.offset} is past the end, {ends.end}: the partition was truncated, or its topic "
            "created again"
        )
    if was.offset < ends.begin:
        return (
            f"offsets {was.offset} to {ends.begin - 1} are gone and were never committed: retention (or DeleteRecords) "
            f"took them, the partition now begins at {ends.begin}"
        )
    return None


def lag(
    committed: Mapping[TopicPartition, Committed],
    ends: Mapping[TopicPartition, PartitionEnds],
    starts: Mapping[TopicPartition, int],
) -> Lag:
    """The group's lag; `starts` are the offsets at which partitions without a committed offset begin."""
    old = sum(each.lag(committed[key].offset) for key, each in ends.items() if key in committed)
    fresh = [max(0, each.end - starts.get(key, each.end)) for key, each in ends.items() if key not in committed]
    return Lag(old + sum(fresh), len(fresh), sum(fresh))


def still_open(
    first: Mapping[TopicPartition, PartitionEnds], then: Mapping[TopicPartition, PartitionEnds]
) -> Sequence[TopicPartition]:
    """Partitions whose oldest open transaction was the same in both checks; other transactions come and go normally."""
    return sorted(
        key
        for key, each in then.items()
        if each.transaction is not None and key in first and first[key].stable == each.stable
    )
