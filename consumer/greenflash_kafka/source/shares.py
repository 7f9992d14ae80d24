"""Offset ranges shared among several readers."""

from __future__ import annotations

from collections.abc import Sequence

from greenflash_kafka.model.offset_range import OffsetRange


def shares(ranges: Sequence[OffsetRange], readers: int) -> list[tuple[OffsetRange, ...]]:
    """The same offsets in at most so many shares of about the same size, each with at most one range of a partition;
    of partitions in the order of `ranges`, so that a share is read from few of them."""
    total = sum(each.count for each in ranges)
    size = max(1, -(-total // readers))
    found: list[tuple[OffsetRange, ...]] = []
    share: list[OffsetRange] = []
    room = size
    for each in ranges:
        start = each.start
        while start < each.end:
            end = min(each.end, start + room)
            share.append(OffsetRange(each.topic, each.partition, start, end))
            room -= end - start
            start = end
            if not room:
                found.append(tuple(share))
                share, room = [], size
    return [*found, tuple(share)] if share else found
