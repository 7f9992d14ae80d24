"""Offset ranges in portions, from their ends to their starts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from greenflash_kafka.model.offset_range import OffsetRange

MOST: Final = 200_000
"""Offsets of a portion, at most, where portions grow."""


def backwards(ranges: Sequence[OffsetRange], portion: int) -> Iterator[tuple[OffsetRange, ...]]:
    """The same offsets from their ends to their starts, each portion with at most one range of a partition, of which
    all have an equal share. The first has about `portion` offsets, each further one twice as many, up to `MOST`."""
    left = list(ranges)
    while left:
        share = max(1, portion // len(left))
        taken = tuple(
            OffsetRange(each.topic, each.partition, max(each.start, each.end - share), each.end) for each in left
        )
        left = [
            OffsetRange(each.topic, each.partition, each.start, part.start)
            for each, part in zip(left, taken, strict=True)
            if each.start < part.start
        ]
        yield taken
        portion = min(MOST, 2 * portion)
