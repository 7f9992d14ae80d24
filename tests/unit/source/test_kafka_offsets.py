"""Questions about offsets that brokers answer late, or never."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from greenflash_kafka.errors import AskedToStop, NotAllowed, SourceFailed
from greenflash_kafka.model.open_transaction import OpenTransaction
from greenflash_kafka.ports import TopicPartition as Partition
from greenflash_kafka.source.cluster import At
from greenflash_kafka.source.kafka_offsets import RESOLVE_SECONDS, KafkaOffsets
from greenflash_kafka.source.marks import Committed
from tests.fakes.cluster import KnownCluster
from tests.simulation.world import Notices, VirtualClock

P, Q, EMPTY = ("orders", 0), ("orders", 1), ("orders", 2)
TIME = 1_795_000_000_000
Failure = Callable[[], int]


class Cluster(KnownCluster):
    """Knows two partitions; while `failure` gives an error's code, it answers that."""

    def __init__(self) -> None:
        super().__init__()
        self.failure: Failure = lambda: 0
        self.known: dict[At, dict[Partition, int]] = {
            "earliest": {P: 3, Q: 0},
            "latest": {P: 10, Q: 7},
            "end": {P: 10, Q: 9},
            TIME: {P: 5, Q: -1},
        }

    def offsets(self, partitions: Sequence[Partition], at: At) -> dict[Partition, int]:
        self.fail()
        return {each: self.known[at][each] for each in partitions}

    def committed(self, partitions: Sequence[TopicPartition], timeout: float) -> list[TopicPartition]:
        assert timeout > 0
        self.fail()
        offsets = {P: 42, Q: -1001, EMPTY: 0}
        return [TopicPartition(each.topic, each.partition, offsets[each.topic, each.partition]) for each in partitions]

    def fail(self) -> None:
        if code := self.failure():
            raise KafkaException(KafkaError(code))


class Asking:
    """The questions of a process, its clock, and what it told."""

    def __init__(self) -> None:
        self.cluster, self.clock, self.notices = Cluster(), VirtualClock(), Notices()
        consumer: Any = self.cluster
        self.offsets = KafkaOffsets(
            consumer, self.cluster, self.notices, self.clock.monotonic, self.clock.sleep, "refused: Grant"
        )

    def fail_until(self, seconds: float, code: int = KafkaError._TIMED_OUT) -> None:
        until = self.clock.time + seconds
        self.cluster.failure = lambda: code if self.clock.time < until else 0


@pytest.fixture
def asking() -> Asking:
    return Asking()


def test_partitions_without_an_offset_are_left_out_of_what_is_committed(asking: Asking) -> None:
    known = {P: Committed(42), EMPTY: Committed(0)}
    assert asking.offsets.committed([P, Q, EMPTY]) == known
    assert asking.offsets.glance([P, Q, EMPTY]) == known
    asking.fail_until(1000)
    assert asking.offsets.committed([]) == {}, "nothing is asked for nothing"
    assert asking.offsets.glance([P]) is None, "the loop doesn't wait for it"


def test_a_time_past_the_last_message_begins_at_the_end(asking: Asking) -> None:
    assert asking.offsets.starts([P, Q], TIME) == {P: 5, Q: 7}
    assert asking.offsets.starts([P, Q], "earliest") == {P: 3, Q: 0}


def test_what_lies_behind_an_open_transaction_counts_to_the_end(asking: Asking) -> None:
    assert asking.offsets.ends([P, Q]) == {P: 10, Q: 9}
    assert asking.offsets.open_transactions([P, Q]) == {Q: OpenTransaction(7, 9)}
    assert asking.offsets.logs([Q]) == {Q: (0, 9)}


def test_a_broker_that_comes_back_in_time_is_asked_until_then_and_it_is_told(asking: Asking) -> None:
    asking.fail_until(20)
    assert asking.offsets.committed([P]) == {P: Committed(42)}
    assert set(asking.notices.names) == {"kafka_error"}
    assert asking.notices.seen[0][1]["code"] == "_TIMED_OUT"


def test_a_broker_that_keeps_silent_ends_the_question_and_nothing_is_guessed(asking: Asking) -> None:
    asking.fail_until(10_000)
    before = asking.clock.time
    with pytest.raises(SourceFailed, match="the broker didn't tell the committed offsets: _TIMED_OUT"):
        asking.offsets.committed([P])
    assert RESOLVE_SECONDS <= asking.clock.time - before < RESOLVE_SECONDS + 1


def test_all_that_is_asked_within_some_seconds_takes_no_more_together(asking: Asking) -> None:
    asking.fail_until(10_000)
    before = asking.clock.time
    with pytest.raises(SourceFailed), asking.offsets.within(3):
        asking.offsets.ends([P])
    assert 3 <= asking.clock.time - before < 4
    asking.fail_until(10)
    assert asking.offsets.ends([P]) == {P: 10}, "outside it the usual time holds again"


def test_a_user_without_the_right_to_the_group_is_told_at_once(asking: Asking) -> None:
    asking.fail_until(10_000, KafkaError.GROUP_AUTHORIZATION_FAILED)
    before = asking.clock.time
    with pytest.raises(NotAllowed, match="refused: Grant"):
        asking.offsets.committed([P])
    assert asking.clock.time == before


def test_a_process_that_is_told_to_stop_waits_for_no_answer(asking: Asking) -> None:
    asking.fail_until(10_000)
    stop_at = asking.clock.time + 5
    asking.offsets.stopping = lambda: asking.clock.time >= stop_at
    with pytest.raises(AskedToStop):
        asking.offsets.starts([P], "earliest")
    assert asking.clock.time < stop_at + 1
