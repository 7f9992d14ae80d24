"""Messages that can't be evaluated yet, in a whole pipeline under virtual time."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.app.idle import IdleWatch
from greenflash_kafka.ports import TopicPartition
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.waiting_lines import size
from greenflash_kafka.waiting_messages import Patience
from tests.fakes.decoders import UnknownSchemas, by_header
from tests.simulation.world import status
from tests.unit.test_pipeline import P0, P1, World


class Waiting(World):
    """A world whose messages may name a schema or a horizon that nobody knows yet."""

    def __init__(self, folder: Path, budget: int = 16 * 1024 * 1024, **settings: object) -> None:
        self.decoders = UnknownSchemas(by_header)
        super().__init__(folder, decoders=self.decoders, patience=Patience(budget), **settings)
        self.put_back: list[tuple[TopicPartition, int]] = []
        put_back = self.source.put_back

        def watched(partition: TopicPartition, offset: int) -> None:
            self.put_back.append((partition, offset))
            put_back(partition, offset)

        self.source.put_back = watched  # type: ignore[method-assign]

    def wants(self, number: int, schema: str = "", horizon: str = "", partition: int = 0, **fields: object) -> int:
        """Append an order that wants this; its size."""
        headers: list[tuple[str, bytes | None]] = []
        if schema:
            headers.append(("schema", schema.encode()))
        if horizon:
            headers.append(("horizon", horizon.encode()))
        order = {"type": "paid", "id": f"o{number}", "amount": 10 + number, "currency": "EUR", **fields}
        return size(self.source.append("orders", order, partition, None, tuple(headers)))

    def knows(self, *want: object) -> None:
        self.decoders.there.add(want)

    def sent(self) -> list[int]:
        return [int(str(event["insertId"]).rpartition(":o")[2]) for _, event in self.api.requests]

    def gauge(self, name: str, *labels: str) -> float:
        return self.notices.gauges[name, labels]


def test_a_message_that_waits_is_overtaken_by_nothing_of_its_partition_and_holds_no_other(tmp_path: Path) -> None:
    world = Waiting(tmp_path)
    world.wants(0)
    world.wants(1, schema="7")
    world.wants(2)
    world.source.append("orders", {"type": "seen"})
    world.wants(3, partition=1)
    world.run(5)
    assert sorted(world.sent()) == [0, 3]
    assert world.source.group == {P0: 1, P1: 1}
    assert world.pipeline.totals.consumed == 2
    assert world.pipeline.unfinished == 3
    assert not world.pipeline.held
    assert (world.gauge("messages_waiting", "schema"), world.gauge("partitions_waiting", "schema")) == (3, 1)
    assert (world.gauge("messages_waiting", "horizon"), world.gauge("partitions_held")) == (0, 0)
    world.knows("schema", "7")
    world.run(3)
    assert world.sent()[2:] == [1, 2]
    assert world.source.group == {P0: 4, P1: 1}
    assert world.pipeline.totals.consumed == 5
    assert world.gauge("waiting_bytes") == 0


def test_a_message_may_wait_for_one_thing_after_another(tmp_path: Path) -> None:
    world = Waiting(tmp_path, in_flight=1)
    for number, schema in enumerate("aabba"):
        world.wants(number, schema=schema)
    world.run(1)
    world.knows("schema", "a")
    world.run(2)
    assert (world.sent(), world.source.group[P0]) == ([0, 1], 2)
    world.knows("schema", "b")
    world.run(2)
    assert (world.sent(), world.source.group[P0]) == ([0, 1, 2, 3, 4], 5)


def test_what_waits_takes_no_more_memory_than_it_may_and_comes_again_once(tmp_path: Path) -> None:
    world = Waiting(tmp_path, budget=50_000)
    most = 500 * max(world.wants(number, schema="1", partition=number % 2) for number in range(2000))
    until = world.clock.time + 20
    while world.clock.time < until:
        world.pipeline.step()
        assert world.pipeline.waiting.lines.bytes <= 50_000
        world.clock.sleep(0.001)
    assert most > 50_000
    assert world.source.paused == {P0, P1}
    assert len(world.put_back) <= 4
    assert world.source.group == {}
    world.knows("schema", "1")
    world.run(60)
    assert sorted(world.sent()) == list(range(2000))
    assert world.source.group == {P0: 1000, P1: 1000}
    assert not world.source.paused
    assert len(world.decoders.decoded) == 2000
    assert world.notices.counts["messages_dropped", ()] == 0


def test_what_waits_stops_no_other_partition_whatever_memory_it_takes(tmp_path: Path) -> None:
    world = Waiting(tmp_path, budget=20_000, max_in_hand_bytes=20_000)
    for number in range(500):
        world.wants(number, schema="1")
        world.wants(1000 + number, partition=1)
    world.run(30)
    assert world.source.paused == {P0}
    assert world.source.group == {P1: 500}
    assert "consumption_paused" not in world.notices.names


def test_heads_that_are_too_large_together_are_put_back_and_wait_all_the_same(tmp_path: Path) -> None:
    world = Waiting(tmp_path, budget=15_000)
    world.wants(0, schema="a", note="x" * 10_000)
    world.wants(1, schema="b", note="x" * 10_000, partition=1)
    world.run(3)
    assert world.put_back == [(P1, 0)]
    assert world.gauge("partitions_waiting", "schema") == 2
    assert world.pipeline.unfinished == 2
    world.knows("schema", "b")
    world.run(3)
    assert world.sent() == [1]
    world.knows("schema", "a")
    world.run(3)
    assert world.source.group == {P0: 1, P1: 1}
    assert not world.source.paused


def test_a_horizon_is_waited_for_and_looked_at_less_often(tmp_path: Path) -> None:
    world = Waiting(tmp_path)
    world.wants(0, horizon="crm 5")
    world.wants(1, horizon="crm 9")
    world.run(2)
    takes = world.source.takes
    world.run(10)
    assert 90 <= world.source.takes - takes <= 110
    world.knows("horizon", ("crm",), 5)
    world.run(2)
    assert world.sent() == [0]
    assert world.gauge("waiting_oldest_seconds", "horizon") > 1
    world.knows("horizon", ("crm",), 9)
    world.run(2)
    assert world.source.group[P0] == 2


def test_while_a_schema_is_waited_for_the_loop_looks_every_ten_milliseconds(tmp_path: Path) -> None:
    world = Waiting(tmp_path)
    world.wants(0, schema="1")
    world.run(1)
    takes, looks = world.source.takes, len(world.decoders.asked)
    world.run(2)
    assert 170 <= world.source.takes - takes <= 210
    assert 150 <= len(world.decoders.asked) - looks <= 210


def test_nothing_is_released_while_there_is_no_room(tmp_path: Path) -> None:
    world = Waiting(tmp_path, in_flight=2)
    for number in range(50):
        world.wants(number, schema="1")
    for number in range(50, 100):
        world.wants(number, partition=1)
    world.run(0.5)
    world.api.latency = lambda _: 30.0
    world.run(1)
    for number in range(100, 150):
        world.wants(number, partition=1)
    world.knows("schema", "1")
    world.run(100)
    assert world.dispatcher.outstanding <= 2 * 4
    world.api.latency = lambda _: 0.01
    world.run(100)
    assert world.source.group == {P0: 50, P1: 100}


def test_other_rules_ask_every_head_again(tmp_path: Path) -> None:
    world = Waiting(tmp_path)
    world.wants(0, schema="1")
    world.wants(1, horizon="crm 5")
    world.run(1)
    snapshot = world.pipeline._snapshot
    world.pipeline.use(Snapshot(snapshot.ruleset))
    world.run(2)
    assert world.sent() == [0, 1]
    assert world.source.group[P0] == 2


@pytest.mark.parametrize("how", ["revoke", "lose"])
def test_of_a_partition_that_goes_what_waits_is_dropped_and_comes_again(tmp_path: Path, how: str) -> None:
    world = Waiting(tmp_path, budget=3_000)
    world.wants(0)
    for number in range(1, 20):
        world.wants(number, schema="1")
    world.run(2)
    assert P0 in world.source.paused
    if how == "revoke":
        world.source.rebalance(revoke=[P0])
    else:
        world.source.lose([P0])
    world.run(2)
    assert not world.pipeline.waiting.lines.by_tracker
    assert world.source.group[P0] == 1
    world.knows("schema", "1")
    world.run(2)
    assert world.sent() == [0]
    world.source.rebalance(give=[P0])
    world.run(5)
    assert world.sent() == list(range(20))
    assert world.source.group[P0] == 20


def test_draining_leaves_what_waits_to_the_next_life(tmp_path: Path) -> None:
    world = Waiting(tmp_path)
    world.wants(0)
    world.wants(1, schema="1")
    world.wants(2)
    world.run(2)
    world.knows("schema", "1")
    assert world.pipeline.drain(10)
    assert world.sent() == [0]
    assert world.source.group[P0] == 1


def test_a_run_that_ends_once_idle_waits_for_what_waits_and_does_not_call_it_stuck(tmp_path: Path) -> None:
    world = Waiting(tmp_path)
    watch = IdleWatch(world.pipeline, world.source, world.dispatcher, world.clock, 1.0)
    world.wants(0, schema="1")
    world.wants(1, partition=1)
    until = world.clock.time + 60
    while world.clock.time < until:
        world.run(0.2)
        assert not watch.status().over
    world.knows("schema", "1")
    until = world.clock.time + 10
    while not watch.status().over:
        assert world.clock.time < until
        world.run(0.1)
    assert watch.status().idle


def test_what_waits_for_too_long_is_told_until_it_is_known(tmp_path: Path) -> None:
    world = Waiting(tmp_path)
    world.wants(0, schema="1234")
    world.wants(1, horizon="crm 5", partition=1)
    world.run(8)
    assert "messages_wait_long" not in world.notices.names
    world.run(40)
    (facts,) = [facts for name, facts in world.notices.seen if name == "messages_wait_long"]
    assert {name: facts[name] for name in ("topic", "partition", "offset", "text")} == {
        "topic": "orders",
        "partition": 0,
        "offset": 0,
        "text": "schema 1234",
    }
    world.run(20)
    assert world.notices.names.count("messages_wait_long") == 2, "a horizon may take a minute"
    assert world.gauge("waiting_oldest_seconds", "horizon") > 60
    world.knows("schema", "1234")
    world.run(3)
    assert "messages_wait_no_longer" not in world.notices.names
    world.knows("horizon", ("crm",), 5)
    world.run(3)
    assert "messages_wait_no_longer" in world.notices.names


def test_the_age_of_a_message_counts_from_when_it_is_handed_on(tmp_path: Path) -> None:
    world = Waiting(tmp_path, max_uncommitted_seconds=5.0)
    world.wants(9, partition=1)
    world.wants(0, schema="1")
    world.run(30)
    world.api.answer = lambda _: status(409)
    world.knows("schema", "1")
    world.run(4)
    assert P0 not in world.source.paused
    world.run(4)
    assert P0 in world.source.paused
