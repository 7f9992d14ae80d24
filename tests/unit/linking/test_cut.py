"""Decisions are the oracle's, whatever is read when, wherever the process dies; a checker that sees bugs says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import pytest

from greenflash_kafka.linking import frontier, table
from greenflash_kafka.linking.batch_writer import BatchWriter
from greenflash_kafka.linking.decision import ALWAYS
from greenflash_kafka.linking.frontier import Frontier
from greenflash_kafka.linking.intake import Intake, ReadPartition
from greenflash_kafka.linking.partition_set import PartitionSet
from greenflash_kafka.linking.search import Search
from greenflash_kafka.linking.table import ActivityTable, StoredPartition
from greenflash_kafka.linking.topic_reader import ConversationTopicReader
from greenflash_kafka.model.conversations import Answer, Question
from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import LogEnds, TopicPartition
from tests.unit.linking import cut

SEEDS = 4
PLANTED_SEEDS = 60


def test_every_decision_is_the_oracles() -> None:
    counts = cut.run(SEEDS)
    assert counts["decided"] > 500
    assert counts["linked"] > 200
    assert counts["reported-late"] > 20
    assert counts["crashes"] > 50
    assert not counts["wrong"]
    assert not counts["stuck"]


# --- bugs that it finds -------------------------------------------------------------------------------------------

Patch = pytest.MonkeyPatch


def _largest_of_all(patch: Patch) -> None:
    def of(self: Frontier, partitions: Iterable[TopicPartition]) -> int:
        each = [original(self, (one,)) for one in partitions]
        return max(each, default=original(self, ()))

    original = Frontier.of
    patch.setattr(Frontier, "of", of)


def _too_far(patch: Patch) -> None:
    original = Frontier.of
    patch.setattr(Frontier, "of", lambda self, partitions: original(self, partitions) + 2_000)


def _first_written_stays(patch: Patch) -> None:
    patch.setattr(table, "PUT", "insert or ignore into activity values(?,?,?,?,?)")


def _visibility_ignored(patch: Patch) -> None:
    original = Search.find

    def find(self: Search, question: Question, places: Any, floor: int) -> Answer:
        return original(self, question, [(*each[:4], 1 << 50) for each in places], floor)

    patch.setattr(Search, "find", find)


def _what_is_there_counts(patch: Patch) -> None:
    original = Search.__init__

    def made(self: Search, *given: Any) -> None:
        original(self, *given)
        self._late = 1 << 50

    patch.setattr(Search, "__init__", made)


def _own_stamp(patch: Patch) -> None:
    original = Intake.add

    def add(self: Intake[Any], partition: ReadPartition, message: Message) -> bool:
        clock, partition.clock = partition.clock, ALWAYS
        taken = original(self, partition, message)
        partition.clock = max(clock, partition.clock)
        return taken

    patch.setattr(Intake, "add", add)


def _clock_forgotten(patch: Patch) -> None:
    original = ActivityTable.partitions

    def partitions(self: ActivityTable) -> dict[TopicPartition, StoredPartition]:
        return {key: msgspec.structs.replace(each, clock=ALWAYS) for key, each in original(self).items()}

    patch.setattr(ActivityTable, "partitions", partitions)


def _positions_before_rows(patch: Patch) -> None:
    original = BatchWriter.begin

    def begin(self: BatchWriter, rows: Any, partitions: Any) -> None:
        self._table.begin()
        self._table.commit(partitions)
        original(self, rows, partitions)

    patch.setattr(BatchWriter, "begin", begin)


def _unwritten_counts(patch: Patch) -> None:
    original = ConversationTopicReader._flush_if_due

    def flush(self: ConversationTopicReader, now: float) -> None:
        self._progress.keep_seen()
        original(self, now)

    patch.setattr(ConversationTopicReader, "_flush_if_due", flush)


def _new_partitions_ignored(patch: Patch) -> None:
    original = Frontier.answered

    def answered(self: Frontier, ends: LogEnds) -> None:
        mine = {key: each for key, each in ends.partitions.items() if key in self._partitions}
        original(self, msgspec.structs.replace(ends, partitions=mine, failed=""))

    patch.setattr(frontier.Frontier, "answered", answered)


def _floor_too_high(patch: Patch) -> None:
    original = PartitionSet.__init__

    def made(self: PartitionSet, *given: Any) -> None:
        original(self, *given)
        self._reach = self._spare = self._conversations._reach = 0

    patch.setattr(PartitionSet, "__init__", made)


def _committed_end(_: Patch) -> Callable[[Any], None]:
    return lambda log: setattr(log, "takes_committed_end", True)


def _asked_late(_: Patch) -> Callable[[Any], None]:
    return lambda log: setattr(log, "asked_late", True)


FIRST_SEEDS = {_clock_forgotten: 14, _committed_end: 9, _asked_late: 78}
"""Where the search for some begins, to save time: the world of this seed shows the bug."""


@pytest.mark.parametrize(
    "plant",
    [
        _largest_of_all,
        _too_far,
        _first_written_stays,
        _visibility_ignored,
        _what_is_there_counts,
        _own_stamp,
        _clock_forgotten,
        _positions_before_rows,
        _unwritten_counts,
        _new_partitions_ignored,
        _floor_too_high,
        _committed_end,
        _asked_late,
    ],
    ids=lambda plant: str(plant.__name__).strip("_").replace("_", " "),
)
def test_planted_bugs_are_found(plant: Callable[[Patch], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    of_log = plant(monkeypatch)
    first = FIRST_SEEDS.get(plant, 0)
    for seed in range(first, first + PLANTED_SEEDS):
        for regime in ("append", "create"):
            for dense in (True, False):
                if cut.Process(cut.World(seed, regime, dense), plant=of_log).run()["wrong"]:
                    return
    pytest.fail("no decision differs from the oracle's")
