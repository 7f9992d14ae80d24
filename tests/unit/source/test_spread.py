"""A sample is half the newest messages, half spread over the rest, within its bound."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.source.spread import spread_ranges


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=5, unique=True),
    st.integers(1, 20_000),
    st.integers(1, 9),
)
def test_ranges_are_within_what_there_is_and_never_meet(parts: list[tuple[int, int]], most: int, runs: int) -> None:
    ranges = [OffsetRange("t", number, min(pair), max(pair)) for number, pair in enumerate(parts)]
    groups = spread_ranges(ranges, most, runs)
    for group in groups:
        assert len({each.partition for each in group}) == len(group), "a reader has one range of a partition"
    for part in ranges:
        own = sorted(each for group in groups for each in group if each.partition == part.partition)
        assert all(part.start <= each.start < each.end <= part.end for each in own)
        assert all(one.end <= other.start for one, other in pairwise(own))
        assert not part.count or own[-1].end == part.end, "the newest one is among them"
    assert sum(each.count for group in groups for each in group) <= most + len(ranges)


def test_half_is_the_newest_and_half_is_spread() -> None:
    groups = spread_ranges([OffsetRange("t", 0, 1000, 1_001_000)], 10_000, 4)
    assert groups[-1] == (OffsetRange("t", 0, 996_000, 1_001_000),)
    assert [group[0].start for group in groups[:-1]] == [1000, 249_750, 498_500, 747_250]
    assert sum(group[0].count for group in groups[:-1]) == 5000


def test_a_small_topic_is_taken_whole() -> None:
    ranges = [OffsetRange("t", 0, 0, 9), OffsetRange("t", 1, 5, 6)]
    assert spread_ranges(ranges, 10) == [tuple(ranges)]
