"""The pipeline's promises, under virtual time and with an API that does as it is told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from greenflash_kafka.deadlines import Deadlines
from greenflash_kafka.decoding.decoders import DECODERS
from greenflash_kafka.delivery.dispatcher import Dispatcher, DispatcherSettings
from greenflash_kafka.loading import load
from greenflash_kafka.model.schema import Schema, SchemaRefused
from greenflash_kafka.pipeline import Pipeline, PipelineSettings
from greenflash_kafka.snapshot import Snapshot
from tests.fakes.dead_letters import MemoryDeadLetters
from tests.fakes.schemas import KnownSchemas
from tests.fakes.source import MemorySource
from tests.simulation.world import (
    Answer,
    Notices,
    ScriptedApi,
    VirtualClock,
    accepted,
    status,
)

RULES = """\
version: 1
source: {topics: [orders]}
rules:
  - name: paid
    when: {type: paid}
    event:
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: = money_major(payload.amount, payload.currency)
      insert_id: = payload.id
      properties: {currency: = payload.currency}
"""
P0, P1 = ("orders", 0), ("orders", 1)

FRAMED = b'\x00\x00\x00\x00\x07{"type": "paid", "id": "o%d", "amount": 5, "currency": "EUR"}'


class World:
    """One process and its surroundings."""

    def __init__(self, folder: Path, **settings: object) -> None:
        file = folder / "orders.yaml"
        file.write_text(str(settings.pop("rules", RULES)))
        loaded = load([file], {})
        assert loaded.ruleset is not None, loaded.findings
        decoders: Any = settings.pop("decoders", DECODERS)
        conversations: Any = settings.pop("conversations", None)
        schemas: Any = settings.pop("schemas", None)
        self.clock, self.notices, self.dlq = VirtualClock(), Notices(), MemoryDeadLetters()
        self.source, self.api = MemorySource(self.clock), ScriptedApi(self.clock)
        self.probes = 0
        deadlines = Deadlines(self.clock)
        in_flight = int(str(settings.pop("in_flight", 8)))
        names = ("give_up_after", "order", "max_events_per_second", "adaptive")
        delivery = {name: settings.pop(name) for name in names if name in settings}
        self.dispatcher = Dispatcher(
            self.api,
            deadlines,
            self.clock,
            Random(1),
            self.notices,
            DispatcherSettings(in_flight=in_flight, **delivery),  # type: ignore[arg-type]
            before_probe=self._before_probe,
        )
        self.pipeline = Pipeline(
            self.source,
            Snapshot(loaded.ruleset, decoders=decoders, schemas=schemas),
            self.dispatcher,
            self.dlq,
            deadlines,
            self.clock,
            self.notices,
            PipelineSettings(in_flight=in_flight, **settings),  # type: ignore[arg-type]
            conversations,
        )
        self.pipeline.start()
        self.source.rebalance(give=[P0, P1])

    def _before_probe(self) -> None:
        self.probes += 1

    def order(self, number: int, partition: int = 0, key: bytes | None = None, **fields: object) -> None:
        order = {"type": "paid", "id": f"o{number}", "amount": 10 + number, "currency": "EUR", **fields}
        self.source.append("orders", order, partition, key)

    def run(self, seconds: float) -> None:
        until = self.clock.time + seconds
        while self.clock.time < until:
            self.pipeline.step()
            if not self.dispatcher.in_flight:
                self.clock.sleep(0.001)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def only(number: int, then: Answer, otherwise: Answer = accepted) -> object:
    def answer(event: Mapping[str, object]) -> Answer:
        return then if str(event["insertId"]).endswith(f":o{number}") else otherwise

    return answer


def test_what_no_rule_asks_for_is_committed_without_a_request(world: World) -> None:
    for _ in range(5):
        world.source.append("orders", {"type": "seen"})
    world.source.append("orders", None)
    world.run(3)
    assert world.source.group[P0] == 6
    assert world.api.requests == []
    assert world.pipeline.totals.filtered == 6


def test_what_is_no_fact_for_rules_is_filtered_and_counted_by_what_it_is(tmp_path: Path) -> None:
    world = World(tmp_path, rules=RULES.replace("[orders]", "[orders], envelope: debezium"))
    row = {"type": "paid", "id": "o1", "amount": "5.00", "currency": "EUR"}
    for op in ("r", "r", "t"):
        world.source.append("orders", {"op": op, "before": None, "after": row})
    world.source.append("orders", {"ts_ms": 1})
    world.source.append("orders", None)
    world.run(3)
    assert world.source.group[P0] == 5
    assert world.api.requests == []
    counted = {labels: number for (name, labels), number in world.notices.counts.items() if name == "messages_skipped"}
    assert counted == {("snapshot",): 2, ("truncate",): 1, ("heartbeat",): 1}
    assert world.pipeline.totals.filtered == 5


def test_an_event_is_delivered_once_and_its_offset_committed_after(world: World) -> None:
    world.api.latency = lambda _: 5.0
    world.order(1)
    world.run(4)
    assert world.source.group.get(P0, 0) == 0
    world.run(4)
    assert world.source.group[P0] == 1
    assert world.api.stored["upgrade_purchased:o1"]["value"] == "11.00"
    assert len(world.api.requests) == 1


def test_a_slow_event_holds_its_partitions_commit_and_nothing_else(world: World) -> None:
    world.api.latency = lambda event: 20.0 if event["insertId"] == "upgrade_purchased:o2" else 0.01
    for number in range(1, 6):
        world.order(number)
    world.order(9, partition=1)
    world.run(10)
    assert len(world.api.stored) == 5
    assert world.source.group[P0] == 1
    assert world.source.group[P1] == 1
    world.run(15)
    assert world.source.group[P0] == 5


def test_a_failing_service_is_tried_until_it_works(world: World) -> None:
    world.api.answer = lambda _: status(503)
    world.order(1)
    world.run(600)
    assert len(world.api.requests) > 20
    assert world.source.group.get(P0, 0) == 0
    assert world.dlq.written == []
    world.api.answer = lambda _: accepted
    world.run(60)
    assert world.source.group[P0] == 1


def test_a_refused_event_is_kept_before_its_offset_is_committed(world: World) -> None:
    world.order(1)
    world.run(2)
    world.api.answer = only(2, status(422))  # type: ignore[assignment]
    world.dlq.silent = True
    world.order(2)
    world.order(3)
    world.run(5)
    assert world.source.group[P0] == 1
    world.dlq.silent = False
    world.run(2)
    assert world.source.group[P0] == 3
    (dead_letter,) = world.dlq.written
    assert dead_letter.code == "status-422"
    assert dead_letter.message.offset == 1
    assert dead_letter.events == (("paid", None, "upgrade_purchased:o2", "status-422"),)


def test_a_message_that_cannot_be_read_becomes_a_dead_letter_and_the_next_is_delivered(world: World) -> None:
    world.source.append("orders", b"\xff\x00 not json")
    world.order(1, currency="XXL")
    world.order(2)
    world.run(3)
    assert [dead_letter.code for dead_letter in world.dlq.written] == ["bad-payload", "bad-money"]
    assert list(world.api.stored) == ["upgrade_purchased:o2"]
    assert world.source.group[P0] == 3


def test_a_refused_key_pauses_everything_and_nothing_becomes_a_dead_letter(world: World) -> None:
    world.order(1)
    world.run(2)
    world.api.answer = lambda _: status(401)
    for number in range(2, 40):
        world.order(number)
    world.run(120)
    sent = len(world.api.requests)
    assert world.dlq.written == []
    assert world.source.group[P0] == 1
    assert "delivery_paused" in world.notices.names
    assert sent < 40, "a paused delivery probes now and then, with one event"
    assert world.probes > 2, "the key is read again before each probe"
    world.api.answer = lambda _: accepted
    world.run(60)
    assert world.source.group[P0] == 39
    assert "delivery_resumed" in world.notices.names


def test_a_wrong_address_does_not_empty_the_topic(world: World) -> None:
    world.api.answer = lambda _: status(404)
    for number in range(50):
        world.order(number)
    world.run(120)
    assert world.dlq.written == []
    assert world.dispatcher.pause_reason is not None


def test_pages_that_are_not_greenflash_pause_after_twenty(world: World) -> None:
    world.order(0)
    world.run(2)
    world.api.answer = lambda _: status(200, (), b"<html>please log in</html>")
    for number in range(1, 60):
        world.order(number)
    world.run(300)
    assert world.dispatcher.pause_reason is not None
    assert world.dlq.written == []
    world.api.answer = lambda _: accepted
    world.run(120)
    assert world.source.group[P0] == 60


def test_retry_after_is_honoured_to_its_full_length_while_polling_goes_on(world: World) -> None:
    world.order(0)
    world.run(2)
    world.api.answer = lambda _: status(429, [("retry-after", "3600")])
    world.order(1)
    world.run(2)
    asked, takes = world.clock.time, world.source.takes
    world.api.answer = lambda _: accepted
    for number in range(2, 100):
        world.order(number)
    world.run(3500)
    assert [at for at, _ in world.api.requests if asked < at] == []
    assert world.source.takes - takes > 1000
    world.run(200)
    assert world.source.group[P0] == 100


def test_memory_is_bounded_when_the_service_is_slow(world: World) -> None:
    world.api.latency = lambda _: 30.0
    for number in range(5000):
        world.order(number)
    world.run(100)
    assert world.api.most_in_flight <= 8
    assert world.dispatcher.outstanding <= 8 * 4
    assert world.source.paused == {P0, P1}


def test_a_revoked_partition_is_drained_and_its_finished_offsets_committed(world: World) -> None:
    world.api.latency = lambda _: 2.0
    for number in range(3):
        world.order(number)
    world.run(0.5)
    world.source.rebalance(revoke=[P0])
    world.run(5)
    assert len(world.api.stored) == 3
    assert world.source.group[P0] == 3


def test_nothing_new_is_sent_for_a_partition_that_is_being_revoked(world: World) -> None:
    world.api.latency = lambda _: 2.0
    for number in range(20):
        world.order(number)
    world.run(0.5)
    began = len(world.api.requests)
    world.source.rebalance(revoke=[P0])
    world.run(20)
    assert len(world.api.requests) == began
    assert world.source.group[P0] == began


def test_acks_that_come_after_the_partition_is_lost_commit_nothing(world: World) -> None:
    world.api.latency = lambda _: 3.0
    world.order(1)
    world.run(0.5)
    world.api.latency = lambda _: 30.0
    world.source.lose([P0])
    world.source.rebalance(give=[P0])
    world.run(10)
    assert len(world.api.stored) == 1
    assert world.source.group.get(P0, 0) == 0
    world.run(40)
    assert world.source.group[P0] == 1
    assert len(world.api.stored) == 1


def test_draining_sends_nothing_new_and_commits_what_is_finished(world: World) -> None:
    world.api.latency = lambda _: 2.0
    for number in range(20):
        world.order(number)
    world.run(0.5)
    began = len(world.api.requests)
    assert world.pipeline.drain(25)
    assert len(world.api.requests) == began == 8
    assert world.source.group[P0] == 8
    assert world.pipeline.left_over(world.source.group) == 0, "of the others nothing was sent"


def test_draining_gives_up_at_its_deadline(world: World) -> None:
    world.api.latency = lambda _: 100.0
    world.order(1)
    world.run(0.5)
    before = world.clock.time
    assert not world.pipeline.drain(25)
    assert 25 <= world.clock.time - before < 30
    assert world.source.group.get(P0, 0) == 0
    assert world.pipeline.left_over(world.source.group) == 1


def test_what_was_sent_in_vain_before_an_end_is_counted(world: World) -> None:
    world.api.answer = lambda _: status(500)
    for number in range(20):
        world.order(number)
    world.run(20)
    assert world.dispatcher.outage
    sent = {event["insertId"] for _, event in world.api.requests}
    assert world.pipeline.drain(25)
    assert world.pipeline.unanswered == 0
    assert world.pipeline.left_over(world.source.group) == len(sent) > 0


def test_what_was_accepted_behind_what_was_not_is_counted_at_an_end(world: World) -> None:
    world.api.answer = only(0, status(500))  # type: ignore[assignment]
    for number in range(3):
        world.order(number)
    world.run(0.5)
    assert world.pipeline.drain(25)
    assert world.source.group.get(P0, 0) == 0
    assert world.pipeline.left_over(world.source.group) == 3
    assert world.pipeline.left_over({P0: 3}) == 0


def test_a_partition_far_ahead_of_a_stuck_event_waits_and_the_others_go_on(tmp_path: Path) -> None:
    world = World(tmp_path, max_uncommitted=10)
    world.order(100)
    world.run(2)
    world.api.answer = only(0, status(409))  # type: ignore[assignment]
    for number in range(30):
        world.order(number)
    world.run(5)
    for number in range(30, 50):
        world.order(number)
        world.order(number + 100, partition=1)
    world.run(20)
    assert P0 in world.source.paused
    assert world.source.group[P1] == 20
    held = next(facts for name, facts in world.notices.seen if name == "partition_held")
    assert held["offset"] == 1
    assert held["rules"] == ["paid"]
    assert held["last"] == "status-409"
    world.api.answer = lambda _: accepted
    world.run(60)
    assert world.source.group[P0] == 51


def test_an_event_that_alone_fails_can_be_given_up(tmp_path: Path) -> None:
    world = World(tmp_path, give_up_after=60)
    world.api.answer = only(0, status(503))  # type: ignore[assignment]
    world.order(0)
    world.run(30)
    for number in range(1, 5):
        world.order(number)
    world.run(200)
    assert [dead_letter.code for dead_letter in world.dlq.written] == ["gave-up"]
    assert world.source.group[P0] == 5


def test_a_bad_event_before_the_first_acceptance_does_not_block_the_good_ones(world: World) -> None:
    world.api.answer = only(0, status(422))  # type: ignore[assignment]
    world.order(0)
    world.run(5)
    assert world.dispatcher.pause_reason is not None, "nothing shows yet that the address is right"
    world.order(1)
    world.run(30)
    assert [dead_letter.code for dead_letter in world.dlq.written] == ["status-422"]
    assert world.source.group[P0] == 2


def test_an_event_that_a_firewall_refuses_alone_holds_only_itself(world: World) -> None:
    world.api.answer = only(0, status(403))  # type: ignore[assignment]
    for number in range(20):
        world.order(number)
    world.run(60)
    assert len(world.api.stored) == 19
    for number in range(100, 140):
        world.order(number, partition=1)
    world.run(20)
    assert world.source.group[P1] == 40
    assert world.source.group.get(P0, 0) == 0
    assert world.dlq.written == []


def test_a_revoke_does_not_wait_for_events_that_a_pause_holds_back(world: World) -> None:
    world.order(0)
    world.run(2)
    world.api.latency = lambda _: 2.0
    world.api.answer = lambda _: status(401)
    for number in range(1, 20):
        world.order(number)
    world.run(0.5)
    began = world.clock.time
    world.source.rebalance(revoke=[P0])
    world.pipeline.step()
    assert world.clock.time - began < 4
    assert world.dispatcher.outstanding == 0
    assert world.source.group[P0] == 1


def test_a_paused_delivery_sends_one_probe_at_a_time_however_often_it_was_paused(world: World) -> None:
    world.order(0)
    world.run(2)
    answers = iter([401, 201] * 20)
    world.api.answer = lambda _: status(next(answers, 401), (), b'{"success": true, "eventId": "e"}')
    for number in range(1, 60):
        world.order(number)
        world.run(0.3)
    world.api.answer = lambda _: status(401)
    world.run(100)
    began = len(world.api.requests)
    world.run(300)
    assert len(world.api.requests) - began <= 11


def test_a_service_that_only_fails_is_reported_until_it_works(world: World) -> None:
    world.api.answer = lambda _: status(503)
    world.order(0)
    world.run(200)
    assert world.notices.names.count("delivery_failing") == 1
    assert world.dispatcher.failing_for > 150
    world.api.answer = lambda _: accepted
    world.run(40)
    assert "delivery_working" in world.notices.names
    assert world.dispatcher.failing_for == 0


def test_draining_keeps_the_membership_and_takes_no_message_on(world: World) -> None:
    world.api.latency = lambda _: 20.0
    for number in range(3):
        world.order(number)
    world.run(0.5)
    takes = world.source.takes
    for number in range(3, 9):
        world.order(number)
    assert world.pipeline.drain(25)
    assert world.source.takes - takes > 100
    assert len(world.api.requests) == 3
    assert world.source.group[P0] == 3


def test_memory_is_bounded_when_a_message_becomes_hundreds_of_events(tmp_path: Path) -> None:
    rules = RULES.replace("when: {type: paid}", "when: {payload.type: paid}\n    each: payload.items")
    world = World(tmp_path, rules=rules.replace("      insert_id: = payload.id\n", ""))
    world.api.latency = lambda _: 30.0
    for number in range(400):
        world.order(number, items=list(range(500)))
    world.run(100)
    assert world.dispatcher.outstanding <= 2 * 500


def test_a_refused_key_is_found_to_be_good_again_also_after_a_rebalance_took_everything_in_hand_away(
    world: World,
) -> None:
    world.api.answer = lambda _: status(401)
    world.order(1)
    world.run(10)
    world.source.rebalance(revoke=[P0])
    world.run(5)
    world.api.answer = lambda _: accepted
    world.order(2, partition=1)
    world.run(60)
    assert list(world.api.stored) == ["upgrade_purchased:o2"]
    assert world.source.group[P1] == 1


def test_rules_are_swapped_between_two_messages_and_a_dead_letter_says_which_evaluated_it(
    world: World, tmp_path: Path
) -> None:
    world.api.latency = lambda _: 5.0
    world.order(1)
    world.order(2, currency="none")
    world.run(1)
    file = tmp_path / "other.yaml"
    file.write_text(RULES.replace("upgrade_purchased", "order_paid"))
    other = load([file], {}).ruleset
    assert other is not None
    first = world.dlq.written[0].rules
    world.pipeline.use(Snapshot(other))
    world.order(3)
    world.order(4, currency="none")
    world.run(1)
    assert world.pipeline.rules_in_use(P0).version == first, "what is committable was evaluated by the first rules"
    world.run(20)
    assert world.pipeline.rules_in_use(P0).version == other.version
    assert [dead_letter.rules for dead_letter in world.dlq.written] == [first, other.version]
    assert first != other.version
    assert set(world.api.stored) == {"upgrade_purchased:o1", "order_paid:o3"}
    assert world.source.group[P0] == 4


def ids(world: World) -> list[str]:
    """The orders that were sent, in order."""
    return [str(event["insertId"]).rpartition(":")[2] for _, event in world.api.requests]


def test_a_new_schema_holds_its_partition_until_the_registry_has_it(tmp_path: Path) -> None:
    schemas = KnownSchemas({})
    world = World(tmp_path, decoders=None, schemas=schemas)
    for number in range(3):
        world.source.append("orders", FRAMED % number, 0)
        world.order(10 + number, partition=1)
    world.run(3)
    assert ids(world) == ["o10", "o11", "o12"]
    assert list(schemas.waits()) == [7]
    assert (world.source.group.get(P0, 0), world.source.group[P1]) == (0, 3)
    schemas.known[7] = Schema("json-schema", "{}")
    world.run(3)
    assert ids(world) == ["o10", "o11", "o12", "o0", "o1", "o2"]
    assert world.source.group == {P0: 3, P1: 3}


def test_a_schema_that_is_refused_makes_dead_letters(tmp_path: Path) -> None:
    schemas = KnownSchemas({7: SchemaRefused("unknown-schema", "the registry doesn't know it")})
    world = World(tmp_path, decoders=None, schemas=schemas)
    world.source.append("orders", FRAMED % 1)
    world.order(2)
    world.run(3)
    assert [each.code for each in world.dlq.written] == ["unknown-schema"]
    assert ids(world) == ["o2"]
    assert world.source.group[P0] == 2


def test_a_registry_that_has_been_reported_is_what_a_run_is_stuck_behind(tmp_path: Path) -> None:
    schemas = KnownSchemas({})
    world = World(tmp_path, decoders=None, schemas=schemas)
    assert world.pipeline.schemas_stalled == ""
    world.source.append("orders", FRAMED % 1)
    world.run(1)
    assert world.pipeline.schemas_stalled == ""
    schemas.stalled = "https://registry: it fails (503)"
    assert world.pipeline.schemas_stalled == "https://registry: it fails (503)"
    schemas.known[7] = Schema("json-schema", "{}")
    world.run(1)
    assert world.pipeline.schemas_stalled == "", "nothing waits for it"
