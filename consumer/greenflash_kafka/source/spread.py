"""A sample of topics' history as offset ranges: half of it the newest messages, half spread over all that there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from greenflash_kafka.model.offset_range import OffsetRange

RUNS: Final = 8
"""Short runs of each partition that are spread over it."""


def spread_ranges(ranges: Sequence[OffsetRange], most: int, runs: int = RUNS) -> list[tuple[OffsetRange, ...]]:
    """At most about `most` offsets of each topic in `ranges` (at most one range of a partition): groups of ranges, each
    with at most one of a partition, in the order in which they are to be read; none overlap. A topic that has no more
    is taken whole. Every partition gives at least one."""
    groups: list[list[OffsetRange]] = [[] for _ in range(runs + 1)]
    for topic in dict.fromkeys(each.topic for each in ranges):
        parts = [each for each in ranges if each.topic == topic and each.count]
        total = sum(each.count for each in parts)
        for part in parts:
            share = part.count if total <= most else max(1, most * part.count // total)
            if share >= part.count:
                groups[-1].append(part)
                continue
            newest = max(1, share - share // 2)
            cut = part.end - newest
            groups[-1].append(OffsetRange(part.topic, part.partition, cut, part.end))
            for number, run in enumerate(_runs(part.start, cut, share // 2, runs)):
                groups[number].append(OffsetRange(part.topic, part.partition, *run))
    return [tuple(group) for group in groups if group]


def _runs(start: int, end: int, count: int, runs: int) -> list[tuple[int, int]]:
    """`count` offsets between two in so many runs, evenly spaced."""
    runs = min(runs, count)
    found = []
    for number in range(runs):
        size = count // runs + (number < count % runs)
        begin = start + (end - start) * number // runs
        limit = start + (end - start) * (number + 1) // runs
        if begin < min(begin + size, limit):
            found.append((begin, min(begin + size, limit)))
    return found
