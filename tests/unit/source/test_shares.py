"""Shares of offset ranges: nothing twice, nothing left out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.source.shares import shares

RANGES = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), max_size=6).map(
    lambda found: [OffsetRange("t", number, start, start + count) for number, (start, count) in enumerate(found)]
)


def _offsets(ranges: list[OffsetRange]) -> list[tuple[int, int]]:
    return sorted((each.partition, offset) for each in ranges for offset in range(each.start, each.end))


@given(RANGES, st.integers(1, 5))
def test_every_offset_is_in_one_share(ranges: list[OffsetRange], readers: int) -> None:
    found = shares(ranges, readers)
    assert len(found) <= readers
    assert _offsets([each for share in found for each in share]) == _offsets(ranges)
    assert all(len({each.partition for each in share}) == len(share) for share in found)
