"""The verdict of doctor on a group's offsets and a partition's."""

from __future__ import annotations

import pytest

from greenflash_kafka.source.ends import PartitionEnds
from greenflash_kafka.source.marks import Committed
from greenflash_kafka.source.standing import Lag, gap, lag, still_open

ENDS = PartitionEnds(begin=10, stable=90, end=100)
ID, OTHER = "A" * 22, "B" * 22


@pytest.mark.parametrize("at", [10, 50, 90, 100])
def test_an_offset_that_the_partition_has_is_no_gap(at: int) -> None:
    assert gap(Committed(at, ID), ENDS, ID) is None
    assert gap(Committed(at, None), ENDS, ID) is None, "committed by somebody who writes no id"
    assert gap(Committed(at, ID), ENDS, None) is None, "a cluster without ids"


@pytest.mark.parametrize(
    ("was", "words"),
    [
        (Committed(9, ID), "offsets 9 to 9 are gone"),
        (Committed(0), "offsets 0 to 9 are gone"),
        (Committed(101, ID), "the committed offset 101 is past the end, 100"),
        (Committed(50, OTHER), f"deleted and created again (id {OTHER} when offset 50 was committed, {ID} now)"),
        (Committed(101, OTHER), "deleted and created again"),
    ],
)
def test_a_gap_is_told_with_its_offsets(was: Committed, words: str) -> None:
    said = gap(was, ENDS, ID)
    assert said is not None
    assert words in said


def test_the_lag_counts_what_has_no_offset_from_where_it_would_begin() -> None:
    ends = {("t", number): ENDS for number in range(5)}
    committed = {("t", 0): Committed(90), ("t", 1): Committed(5), ("t", 2): Committed(500)}
    starts = {("t", 3): 10, ("t", 4): 100}
    # 10 to the end; 95, as every tool counts what retention took; all there is; without an offset 90 and 0.
    assert lag(committed, ends, starts) == Lag(10 + 95 + 90 + 90, fresh=2, of_fresh=90)


def test_only_a_transaction_that_stays_is_still_open() -> None:
    first = {("t", 0): PartitionEnds(0, 5, 9), ("t", 1): PartitionEnds(0, 5, 9), ("t", 2): PartitionEnds(0, 5, 9)}
    then = {("t", 0): PartitionEnds(0, 5, 30), ("t", 1): PartitionEnds(0, 7, 9), ("t", 2): PartitionEnds(0, 9, 9)}
    assert still_open(first, then) == [("t", 0)]
