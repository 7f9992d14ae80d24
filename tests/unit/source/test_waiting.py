"""Partitions that stand still before their end: their lag, and the transactions that they wait behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isnan
from typing import Any

import pytest
from confluent_kafka import TopicPartition

from greenflash_kafka.ports import TopicPartition as Partition
from greenflash_kafka.source.ends import PartitionEnds
from greenflash_kafka.source.marks import Committed
from greenflash_kafka.source.partitions import Partitions
from greenflash_kafka.source.waiting import LOOK_SECONDS, MOST, NOTICE_AFTER_SECONDS, Waiting
from tests.fakes.cluster import KnownCluster
from tests.simulation.kafka.questions import MemoryEnds
from tests.simulation.world import Notices, VirtualClock

P, Q = ("orders", 0), ("orders", 1)


class Client:
    """What the Kafka client knows by itself: positions, and the ends that it has fetched up to."""

    def __init__(self) -> None:
        self.ends: dict[Partition, int] = {}
        self.at: dict[Partition, int] = {}

    def get_watermark_offsets(self, partition: TopicPartition, *, cached: bool) -> tuple[int, int] | None:
        assert cached, "nobody may be asked here"
        end = self.ends.get((partition.topic, partition.partition))
        return None if end is None else (0, end)

    def position(self, partitions: Sequence[TopicPartition]) -> list[TopicPartition]:
        return [TopicPartition(each.topic, each.partition, self.at[each.topic, each.partition]) for each in partitions]

    def incremental_assign(self, partitions: Iterable[TopicPartition]) -> None: ...

    def incremental_unassign(self, partitions: Iterable[TopicPartition]) -> None: ...

    def pause(self, partitions: Iterable[TopicPartition]) -> None: ...

    def resume(self, partitions: Iterable[TopicPartition]) -> None: ...


class Rebalances:
    """Takes no notice."""

    def assigned(self, starts: Mapping[Partition, int]) -> None: ...

    def revoking(self, partitions: Sequence[Partition]) -> None: ...

    def lost(self, partitions: Sequence[Partition]) -> None: ...

    def halted(self, partition: Partition, reason: str) -> None: ...


class Watched(KnownCluster):
    """Partitions of ours, all committed and read to offset 5."""

    def __init__(self, count: int = 2) -> None:
        super().__init__()
        self.client, self.clock, self.notices = Client(), VirtualClock(), Notices()
        consumer: Any = self.client
        self.partitions = Partitions(consumer, {}, self.notices, self.clock.monotonic)
        self.partitions.rebalance = Rebalances()
        keys = [("orders", number) for number in range(count)]
        self.client.at = dict.fromkeys(keys, 5)
        self.client.ends = dict.fromkeys(keys, 5)
        self.partitions.begin(dict.fromkeys(keys, 0), {})
        self.partitions.commits.begin(keys, dict.fromkeys(keys, Committed(5)))
        self.ends: dict[Partition, PartitionEnds] = {}
        self.asked: list[Sequence[Partition]] = []
        self.waiting = Waiting(consumer, self.partitions, self, self.notices, self.clock.monotonic)

    def ask_ends(self, partitions: Sequence[Partition]) -> MemoryEnds:
        self.asked.append(partitions)
        return MemoryEnds({each: self.ends[each] for each in partitions if each in self.ends})

    def run(self, seconds: float) -> None:
        until = self.clock.time + seconds
        while self.clock.time < until:
            self.waiting.watch()
            self.clock.sleep(1.0)

    def told(self) -> list[str]:
        return [name for name in self.notices.names if name.startswith("transaction")]


@pytest.fixture
def watched() -> Watched:
    return Watched()


def behind_a_transaction(watched: Watched, stable: int = 5, end: int = 9) -> None:
    watched.client.ends[P] = end
    watched.ends[P] = PartitionEnds(0, stable, end)


def test_where_all_is_read_or_goes_on_nobody_is_asked(watched: Watched) -> None:
    watched.run(5 * LOOK_SECONDS)
    for offset in range(6, 100):
        watched.client.at[P] = offset
        watched.client.ends[P] = 1000
        watched.run(LOOK_SECONDS)
    assert watched.asked == []


def test_a_partition_that_stands_before_its_end_is_asked_about_alone(watched: Watched) -> None:
    watched.client.ends[P] = 9
    watched.run(3 * LOOK_SECONDS)
    assert watched.asked
    assert all(list(each) == [P] for each in watched.asked)


def test_the_lag_is_what_is_committed_against_the_end_that_the_client_knows(watched: Watched) -> None:
    watched.client.ends[P] = 12
    watched.client.ends[Q] = 4
    assert watched.waiting.lag() == {P: 7, Q: 0}


def test_a_partition_that_the_client_knows_nothing_of_has_no_lag_until_somebody_was_asked(watched: Watched) -> None:
    del watched.client.ends[P]
    watched.ends[P] = PartitionEnds(0, 30, 30)
    assert watched.waiting.lag() == {Q: 0}
    watched.run(2 * LOOK_SECONDS)
    assert watched.waiting.lag() == {P: 25, Q: 0}


def test_a_halted_partition_is_counted_by_what_it_really_has(watched: Watched) -> None:
    watched.partitions.halt(P, "gone")
    watched.ends[P] = PartitionEnds(0, 45, 45)
    watched.run(2 * LOOK_SECONDS)
    assert watched.waiting.lag()[P] == 40, "the client fetches nothing of it and knows an old end"
    assert watched.told() == []


def test_a_transaction_that_stays_is_told_once_with_its_offsets_and_so_is_its_end(watched: Watched) -> None:
    behind_a_transaction(watched)
    watched.run(NOTICE_AFTER_SECONDS - 30)
    assert watched.told() == []
    gauge = ("transaction_open_seconds", ("orders", "0"))
    assert watched.notices.gauges[gauge] > 200
    watched.run(600)
    assert watched.told() == ["transaction_open"]
    facts = watched.notices.seen[-1][1]
    assert (facts["topic"], facts["partition"], facts["offset"], facts["behind"]) == ("orders", 0, 5, 4)
    watched.client.at[P] = watched.client.ends[P] = 9
    watched.run(2 * LOOK_SECONDS)
    assert watched.told() == ["transaction_open", "transaction_over"]
    assert isnan(watched.notices.gauges[gauge])


def test_a_transaction_that_follows_another_counts_anew(watched: Watched) -> None:
    behind_a_transaction(watched)
    watched.run(NOTICE_AFTER_SECONDS - 30)
    watched.client.at[P] = 7
    behind_a_transaction(watched, stable=7)
    watched.run(NOTICE_AFTER_SECONDS - 30)
    assert watched.told() == []


def test_a_transaction_ahead_of_what_is_read_is_not_what_is_waited_for(watched: Watched) -> None:
    behind_a_transaction(watched, stable=8, end=9)
    watched.run(2 * NOTICE_AFTER_SECONDS)
    assert watched.told() == []


def test_the_end_of_one_that_was_taken_away_is_not_told_by_us(watched: Watched) -> None:
    behind_a_transaction(watched)
    watched.run(NOTICE_AFTER_SECONDS + 60)
    watched.partitions.end([P])
    watched.run(3 * LOOK_SECONDS)
    assert watched.told() == ["transaction_open"]
    assert isnan(watched.notices.gauges["transaction_open_seconds", ("orders", "0")])


def test_many_are_asked_about_in_turns() -> None:
    watched = Watched(MOST + 50)
    watched.client.ends = dict.fromkeys(watched.client.ends, 9)
    watched.run(4 * LOOK_SECONDS)
    assert {len(each) for each in watched.asked} == {MOST}
    assert {key for each in watched.asked for key in each} == set(watched.client.ends)
