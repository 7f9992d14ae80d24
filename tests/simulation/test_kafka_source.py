"""The real Kafka source on the simulated cluster: members that crash, hand over, and meet what only Kafka does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import isnan
from typing import Any

import pytest

from greenflash_kafka.ports import RulesInUse, TopicPartition
from greenflash_kafka.source import properties
from greenflash_kafka.source.given_properties import GroupProtocol
from greenflash_kafka.source.kafka import KafkaSource
from greenflash_kafka.source.plan import OnMissing
from greenflash_kafka.source.subscription import Subscription
from tests.simulation.kafka.cluster import MemoryKafka
from tests.simulation.kafka.consumer import MemoryConsumer
from tests.simulation.kafka.questions import MemoryTopics
from tests.simulation.scheduler import Member, Scheduler, SimulatedClock, callback
from tests.simulation.world import Notices


class Reader:
    """One process: takes what it gets, stores its position, commits every second."""

    def __init__(
        self,
        cluster: MemoryKafka,
        name: str,
        protocol: GroupProtocol = "classic",
        on_missing: OnMissing = "halt",
    ) -> None:
        self._cluster, self._protocol, self._on_missing = cluster, protocol, on_missing
        self.seen: list[tuple[TopicPartition, int]] = []
        self.owned: set[TopicPartition] = set()
        self.halts: list[str] = []
        self.rules: RulesInUse | None = None
        self.stop = False
        self.notices = Notices()
        self.member: Member = cluster.scheduler.spawn(name, self._run)

    def _run(self) -> None:
        settings = properties.consumer(properties.ClientSettings("memory", "group", self._protocol))
        clock = SimulatedClock(self._cluster.scheduler)
        made: Callable[..., Any] = partial(MemoryConsumer, cluster=self._cluster)
        source = KafkaSource(
            settings,
            Subscription(["orders"], []),
            "earliest",
            self._on_missing,
            MemoryTopics(self._cluster),
            self.notices,
            monotonic=clock.monotonic,
            sleep=clock.sleep,
            client=made,
        )
        self.source = source
        source.rules = lambda _: self.rules
        source.subscribe(self)
        due = clock.monotonic() + 1
        while not self.stop:
            self.seen += [((each.topic, each.partition), each.offset) for each in source.take(100, 0.2)]
            if clock.monotonic() >= due:
                due += 1
                self._store()
                source.commit()
        self._store()
        assert source.settle(5)
        source.close()

    def _store(self) -> None:
        at = {each: self.source.position(each) for each in sorted(self.owned)}
        self.source.store({each: offset for each, offset in at.items() if offset is not None})

    def assigned(self, starts: Mapping[TopicPartition, int]) -> None:
        self.owned |= set(starts)

    def revoking(self, partitions: Sequence[TopicPartition]) -> None:
        self._store()
        self.source.commit()
        self.owned -= set(partitions)

    def lost(self, partitions: Sequence[TopicPartition]) -> None:
        self.owned -= set(partitions)

    def halted(self, partition: TopicPartition, reason: str) -> None:
        self.halts.append(f"{partition[1]}: {reason}")


@pytest.fixture
def cluster() -> MemoryKafka:
    made = MemoryKafka(Scheduler())
    made.create_topic("orders", 4)
    return made


def write(cluster: MemoryKafka, count: int) -> None:
    for number in range(count):
        cluster.produce("orders", b"x", partition=number % 4)


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_a_member_that_dies_is_followed_by_another_and_nothing_is_missing(
    cluster: MemoryKafka, protocol: GroupProtocol
) -> None:
    readers = [Reader(cluster, f"reader-{number}", protocol) for number in range(3)]
    for at in range(20):
        cluster.scheduler.call_at(at, lambda: write(cluster, 20))
    cluster.scheduler.call_at(8.3, lambda: cluster.scheduler.kill(readers[0].member))
    cluster.scheduler.run(120)
    seen = {each for reader in readers for each in reader.seen}
    assert seen == {(("orders", partition), offset) for partition in range(4) for offset in range(100)}
    assert sorted(readers[1].owned | readers[2].owned) == [("orders", number) for number in range(4)]
    assert readers[1].owned.isdisjoint(readers[2].owned)
    assert {key: each.offset for key, each in cluster.group("group").offsets.items()} == dict.fromkeys(
        [("orders", number) for number in range(4)], 100
    )
    cluster.scheduler.close()


def test_markers_and_aborted_records_are_passed_and_gaps_are_no_obstacle(cluster: MemoryKafka) -> None:
    write(cluster, 12)
    cluster.log(("orders", 0)).compact([1])
    cluster.produce("orders", b"never", aborted=True)
    cluster.marker("orders")
    reader = Reader(cluster, "reader", "classic")
    cluster.scheduler.run(30)
    assert [offset for key, offset in reader.seen if key == ("orders", 0)] == [0, 2]
    assert cluster.group("group").offsets["orders", 0].offset == 5, "behind the marker"
    cluster.scheduler.close()


def test_a_broker_that_is_silent_for_a_while_costs_nothing(cluster: MemoryKafka) -> None:
    write(cluster, 20)
    readers = [Reader(cluster, f"reader-{number}", "classic") for number in range(2)]
    cluster.scheduler.call_at(7, lambda: cluster.set_broker(silent=True))
    cluster.scheduler.call_at(30, lambda: cluster.set_broker())
    cluster.scheduler.call_at(31, lambda: write(cluster, 20))
    cluster.scheduler.run(90)
    assert sorted(offset for reader in readers for _, offset in reader.seen) == sorted(list(range(10)) * 4)
    cluster.scheduler.close()


def test_a_topic_created_again_is_halted(cluster: MemoryKafka) -> None:
    write(cluster, 40)
    reader = Reader(cluster, "reader", "classic")
    cluster.scheduler.call_at(10, lambda: cluster.delete_topic("orders"))
    cluster.scheduler.call_at(11, callback(cluster.create_topic, "orders", 4))
    cluster.scheduler.run(60)
    assert len(reader.halts) == 4
    assert all("deleted and created again" in each for each in reader.halts)
    cluster.scheduler.close()


def test_an_offset_that_never_was_is_asked_for_once_and_reading_goes_on(cluster: MemoryKafka) -> None:
    cluster.misread["orders", 1] = 1
    write(cluster, 40)
    reader = Reader(cluster, "reader")
    cluster.scheduler.run(20)
    cluster.misread["orders", 1] = 1
    write(cluster, 40)
    cluster.scheduler.run(40)
    assert reader.halts == []
    assert all_of(reader) == {number: list(range(20)) for number in range(4)}
    cluster.scheduler.close()


def test_an_offset_that_never_was_halts_its_partition_if_it_is_asked_for_again(cluster: MemoryKafka) -> None:
    cluster.misread["orders", 1] = 2
    write(cluster, 40)
    reader = Reader(cluster, "reader")
    cluster.scheduler.run(20)
    assert [each[0] for each in reader.halts] == ["1"]
    assert all_of(reader) == {0: list(range(10)), 1: [], 2: list(range(10)), 3: list(range(10))}
    cluster.scheduler.close()


def all_of(reader: Reader) -> dict[int, list[int]]:
    """The offsets that it saw, by partition."""
    return {number: [offset for (_, which), offset in reader.seen if which == number] for number in range(4)}


@pytest.mark.parametrize("on_missing", ["halt", "continue"])
def test_offsets_of_an_older_topic_are_told_from_its_own_also_when_its_id_comes_late(
    cluster: MemoryKafka, on_missing: OnMissing
) -> None:
    write(cluster, 40)
    first = Reader(cluster, "first")
    cluster.scheduler.call_at(10, lambda: setattr(first, "stop", True))
    cluster.scheduler.run(20)
    offsets = dict(cluster.group("group").offsets)
    cluster.delete_topic("orders")
    cluster.create_topic("orders", 4)
    # As a commit leaves them that was under way while the topic was deleted.
    cluster.group("group").offsets.update(offsets)
    write(cluster, 60)
    cluster.tells_ids = False
    second = Reader(cluster, "second", on_missing=on_missing)
    cluster.scheduler.call_at(40, lambda: setattr(cluster, "tells_ids", True))
    cluster.scheduler.run(39)
    assert second.seen == [], "as long as nobody knows which topic it is"
    cluster.scheduler.run(60)
    if on_missing == "halt":
        assert len(second.halts) == 4
        assert second.seen == []
    else:
        assert all_of(second) == {number: list(range(15)) for number in range(4)}
    cluster.scheduler.close()


def test_a_commit_of_a_topic_that_is_gone_keeps_saying_so_while_others_begin(cluster: MemoryKafka) -> None:
    write(cluster, 40)
    first = Reader(cluster, "first")
    cluster.scheduler.call_at(10, lambda: setattr(first, "stop", True))
    cluster.scheduler.run(20)
    was = cluster.group("group").offsets["orders", 1]
    cluster.delete_topic("orders")
    cluster.create_topic("orders", 4)
    # The other partitions have no offset, so their beginnings are committed at once.
    cluster.group("group").offsets.clear()
    cluster.group("group").offsets["orders", 1] = was
    second = Reader(cluster, "second")
    second.rules = RulesInUse("rules", "ids", 0)
    cluster.scheduler.run(30)
    assert [each[0] for each in second.halts] == ["1"]
    assert cluster.group("group").offsets["orders", 1] == was, "else the next process would read on at this offset"
    assert cluster.group("group").offsets["orders", 0].offset == 0
    cluster.scheduler.close()


def test_a_topic_created_again_that_an_assignment_finds_is_read_anew_in_the_other_partitions_too(
    cluster: MemoryKafka,
) -> None:
    write(cluster, 40)
    one, other = (Reader(cluster, name, on_missing="continue") for name in ("one", "other"))
    cluster.scheduler.run(20.1)
    kept = sorted(one.owned)
    assert len(kept) == 2
    cluster.delete_topic("orders")
    cluster.create_topic("orders", 4)
    write(cluster, 40)
    other.stop = True
    one.seen.clear()
    cluster.scheduler.run(60)
    assert len(one.owned) == 4
    assert all(set(offsets) == set(range(10)) for offsets in all_of(one).values()), all_of(one)
    cluster.scheduler.close()


def told_of_transactions(reader: Reader) -> list[tuple[str, dict[str, object]]]:
    """The notices about them."""
    return [(name, facts) for name, facts in reader.notices.seen if name.startswith("transaction")]


def test_a_transaction_that_stays_open_is_told_after_minutes_and_so_is_its_end(cluster: MemoryKafka) -> None:
    write(cluster, 40)
    cluster.log(("orders", 1)).open_from = 3
    reader = Reader(cluster, "reader")
    gauge = ("transaction_open_seconds", ("orders", "1"))
    cluster.scheduler.run(250)
    assert told_of_transactions(reader) == []
    assert 200 < reader.notices.gauges[gauge] < 250
    assert reader.source.lag() == {("orders", 0): 0, ("orders", 1): 7, ("orders", 2): 0, ("orders", 3): 0}
    cluster.scheduler.run(330)
    ((name, facts),) = told_of_transactions(reader)
    assert name == "transaction_open"
    seconds = facts.pop("seconds")
    assert facts == {"topic": "orders", "partition": 1, "offset": 3, "behind": 7}
    assert isinstance(seconds, int)
    assert 300 <= seconds <= 320
    cluster.marker("orders", 1)
    cluster.scheduler.run(360)
    assert told_of_transactions(reader)[1:] == [("transaction_over", {"topic": "orders", "partition": 1, "offset": 3})]
    assert isnan(reader.notices.gauges[gauge])
    assert reader.source.lag()["orders", 1] == 0
    cluster.scheduler.close()


def test_transactions_that_follow_one_another_are_never_told(cluster: MemoryKafka) -> None:
    def next_transaction() -> None:
        cluster.marker("orders", 1)
        cluster.log(("orders", 1)).open_from = cluster.produce("orders", b"x", partition=1)

    reader = Reader(cluster, "reader")
    for at in range(0, 900, 45):
        cluster.scheduler.call_at(at, next_transaction)
    cluster.scheduler.run(880)
    assert told_of_transactions(reader) == []
    cluster.scheduler.close()


def test_a_halted_partition_has_a_lag(cluster: MemoryKafka, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("greenflash_kafka.source.waiting.MOST", 1)  # in turns
    write(cluster, 40)
    first = Reader(cluster, "first")
    cluster.scheduler.call_at(10, lambda: setattr(first, "stop", True))
    cluster.scheduler.run(20)
    write(cluster, 40)
    cluster.log(("orders", 0)).delete_before(15)
    cluster.log(("orders", 1)).truncate(6)
    second = Reader(cluster, "second")
    cluster.scheduler.run(60)
    assert sorted(each[0] for each in second.halts) == ["0", "1"]
    assert second.source.lag() == {
        ("orders", 0): 10,  # behind the commit, though half of it is gone
        ("orders", 1): 6,  # all there is
        ("orders", 2): 0,
        ("orders", 3): 0,
    }
    cluster.scheduler.close()
