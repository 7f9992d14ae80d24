"""Offset ranges in portions, for several readers, and for figures on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from greenflash_kafka.model.offset_range import OffsetRange


def portions(ranges: Sequence[OffsetRange], size: int) -> Iterator[tuple[OffsetRange, ...]]:
    """The same offsets in portions of at most `size` offsets, each with at most one range of a partition."""
    portion: list[OffsetRange] = []
    room = size
    for each in ranges:
        start = each.start
        while start < each.end:
            end = min(each.end, start + room)
            portion.append(OffsetRange(each.topic, each.partition, start, end))
            room -= end - start
            start = end
            if not room:
                yield tuple(portion)
                portion, room = [], size
    if portion:
        yield tuple(portion)
