"""Start offsets of partitions without a committed offset."""

from __future__ import annotations

import pytest

from greenflash_kafka.source.start import Committed, GroupAtStart, StartAt, recreated, start_for


@pytest.mark.parametrize("start", ["latest", "earliest", 1_795_000_000_000])
def test_a_new_group_starts_where_the_configuration_says(start: StartAt) -> None:
    assert start_for(("t", 0), GroupAtStart(True, {("t", 0)}), start) == start


def test_a_partition_added_later_is_read_from_its_beginning() -> None:
    assert start_for(("t", 7), GroupAtStart(True, {("t", 0)}), "latest") == "earliest"


def test_a_partition_without_an_offset_in_an_old_group_is_new() -> None:
    assert start_for(("t", 0), GroupAtStart(False, {("t", 0)}), "latest") == "earliest"


def test_an_offset_of_another_topic_of_the_same_name_is_told_apart() -> None:
    committed = {("t", 0): Committed(5, "old"), ("u", 0): Committed(5, "same"), ("v", 0): Committed(5, None)}
    assert recreated(committed, {"t": "new", "u": "same", "v": "any"}) == [("t", 0)]
