"""Windows of history as offset ranges."""

from __future__ import annotations

from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.source.ends import PartitionEnds
from greenflash_kafka.source.window import Window, offset_ranges

ENDS = {("t", 0): PartitionEnds(10, 90, 100), ("t", 1): PartitionEnds(0, 0, 0), ("u", 0): PartitionEnds(5, 8, 8)}


def test_without_limits_everything_that_is_committed() -> None:
    assert offset_ranges(Window(), ENDS, {}, {}) == (OffsetRange("t", 0, 10, 90), OffsetRange("u", 0, 5, 8))


def test_a_time_before_all_and_one_after_all_records() -> None:
    window = Window(since_ms=1, until_ms=2)
    since, until = {("t", 0): 3, ("u", 0): -1}, {("t", 0): -1, ("u", 0): -1}
    assert offset_ranges(window, ENDS, since, until) == (OffsetRange("t", 0, 10, 90),)


def test_both_times_within() -> None:
    window = Window(since_ms=1, until_ms=2)
    found = offset_ranges(window, ENDS, {("t", 0): 20, ("u", 0): 6}, {("t", 0): 95, ("u", 0): 7})
    assert found == (OffsetRange("t", 0, 20, 90), OffsetRange("u", 0, 6, 7))


def test_the_last_of_each_partition_where_that_is_little() -> None:
    found = offset_ranges(Window(last=30), ENDS, {}, {})
    assert found == (OffsetRange("t", 0, 60, 90), OffsetRange("u", 0, 5, 8))


def test_an_equal_share_of_each_partition_where_it_is_much() -> None:
    ends = {("t", number): PartitionEnds(0, 1_000_000, 1_000_000) for number in range(200)}
    found = offset_ranges(Window(last=10_000), ends, {}, {})
    assert {each.count for each in found} == {50}
    assert sum(each.count for each in found) == 10_000
