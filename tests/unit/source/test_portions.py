"""Portions have all offsets, each once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.source.portions import backwards

RANGES = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 50)), max_size=4).map(
    lambda found: tuple(OffsetRange("t", number, start, start + size) for number, (start, size) in enumerate(found))
)


@given(RANGES, st.integers(1, 30))
def test_each_offset_is_in_one_of_them(ranges: tuple[OffsetRange, ...], size: int) -> None:
    wanted = [(each.partition, offset) for each in ranges for offset in range(each.start, each.end)]
    parts = list(backwards(ranges, size))
    found = [(each.partition, offset) for part in parts for each in part for offset in range(each.start, each.end)]
    assert sorted(found) == wanted
    assert all(len({each.partition for each in part}) == len(part) for part in parts)


@given(RANGES, st.integers(1, 30))
def test_backwards_is_from_the_end_of_each_partition(ranges: tuple[OffsetRange, ...], size: int) -> None:
    ends = {each.partition: each.end for each in ranges}
    for part in backwards(ranges, size):
        for each in part:
            assert each.end == ends[each.partition]
            ends[each.partition] = each.start


def test_each_portion_is_larger_than_the_one_before() -> None:
    sizes = [sum(each.count for each in part) for part in backwards([OffsetRange("t", 0, 0, 1000)], 10)]
    assert sizes[:4] == [10, 20, 40, 80]
    assert sum(sizes) == 1000
