"""The writing of batches: in portions, and whole or not at all."""

from __future__ import annotations

import pytest

from greenflash_kafka.linking.batch_writer import BatchWriter
from greenflash_kafka.linking.table import ActivityTable, StoredPartition, TableFailed, stored

PARTITIONS = {("t", 0): StoredPartition("id", 7, 1_000, -5)}


def test_a_large_batch_is_sorted_added_and_committed_in_steps_of_their_own() -> None:
    table = ActivityTable()
    writer = BatchWriter(table, 500)
    writer.begin([stored(-key, "c", 0, 0) for key in range(2_000)], PARTITIONS)
    points = []
    while not writer.step(lambda: False):
        points.append(table.points)
        assert not table.partitions()
    assert points == [0, 500, 1_000, 1_500, 2_000]
    assert table.partitions() == PARTITIONS
    assert writer.partitions is None


def test_a_small_batch_takes_one_step_if_there_is_time() -> None:
    table = ActivityTable()
    writer = BatchWriter(table, 500)
    writer.begin([stored(1, "c", 0, 0)], PARTITIONS)
    assert writer.step(lambda: True)
    assert table.partitions() == PARTITIONS


def test_a_batch_that_fails_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    table = ActivityTable()
    writer = BatchWriter(table, 500)
    writer.begin([stored(key, "c", 0, 0) for key in range(2_000)], PARTITIONS)

    def full(_: object) -> None:
        raise TableFailed("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(table, "commit", full)
        assert not writer.step(lambda: True)
        with pytest.raises(TableFailed):
            writer.step(lambda: True)
    assert table.points == 0
    while not writer.step(lambda: True):
        pass
    assert table.points == 2_000
    assert table.partitions() == PARTITIONS
