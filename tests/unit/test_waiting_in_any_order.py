"""Whatever happens in whatever order: what waits is handed on once an assignment, in order, and no commit passes it."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka.deadlines import Deadlines
from greenflash_kafka.delivery.dispatcher import Dispatcher, DispatcherSettings
from greenflash_kafka.loading import load
from greenflash_kafka.model.message import Message
from greenflash_kafka.pipeline import Pipeline, PipelineSettings
from greenflash_kafka.ports import TopicPartition
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.waiting_messages import Patience
from tests.fakes.dead_letters import MemoryDeadLetters
from tests.fakes.decoders import UnknownSchemas, by_header
from tests.fakes.source import MemorySource
from tests.simulation.world import Notices, ScriptedApi, VirtualClock
from tests.unit.test_pipeline import RULES

PARTITIONS: list[TopicPartition] = [("orders", 0), ("orders", 1)]
SCHEMAS = "abc"

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(0, 1), st.sampled_from(["", *SCHEMAS]), st.sampled_from("oosx")),
        st.tuples(st.just("step"), st.integers(1, 5)),
        st.tuples(st.just("wait"), st.sampled_from([0.02, 0.3, 1.2])),
        st.tuples(st.just("known"), st.sampled_from(SCHEMAS)),
        st.tuples(st.sampled_from(["revoke", "lose", "give"]), st.integers(0, 1)),
        st.tuples(st.just("again"), st.integers(0, 1)),
        st.tuples(st.just("rules")),
    ),
    min_size=5,
    max_size=60,
)


@pytest.fixture(scope="module")
def ruleset(tmp_path_factory: pytest.TempPathFactory) -> Ruleset:
    file = tmp_path_factory.mktemp("rules") / "m.yaml"
    file.write_text(RULES)
    found = load([file], {}).ruleset
    assert found is not None
    return found


class Life:
    """One process, and what it has to keep."""

    def __init__(self, ruleset: Ruleset, budget: int, latency: float) -> None:
        self.ruleset = ruleset
        self.clock, notices = VirtualClock(), Notices()
        self.source, self.api, self.dead_letters = (
            MemorySource(self.clock),
            ScriptedApi(self.clock),
            MemoryDeadLetters(),
        )
        self.api.latency = lambda _: latency
        self.decoders = UnknownSchemas(by_header)
        deadlines = Deadlines(self.clock)
        dispatcher = Dispatcher(self.api, deadlines, self.clock, Random(1), notices, DispatcherSettings(in_flight=2))
        self.pipeline = Pipeline(
            self.source,
            Snapshot(ruleset, decoders=self.decoders),
            dispatcher,
            self.dead_letters,
            deadlines,
            self.clock,
            notices,
            PipelineSettings(in_flight=2, revoke_seconds=0.1, patience=Patience(budget)),
        )
        self.budget = budget
        self.owned: set[TopicPartition] = set()
        self.log: dict[TopicPartition, list[tuple[str, str]]] = {each: [] for each in PARTITIONS}
        self.furthest: dict[TopicPartition, int] = {}
        self.pipeline.start()
        for each in (0, 1):
            self.give(each)

    def append(self, partition: int, schema: str, kind: str) -> None:
        log = self.log[PARTITIONS[partition]]
        number = f"{partition}-{len(log)}"
        body: object = {"type": "seen" if kind == "s" else "paid", "id": number, "amount": 1, "currency": "EUR"}
        headers = (("schema", schema.encode()),) if schema else ()
        self.source.append("orders", b"{" if kind == "x" else body, partition, None, headers)
        log.append((kind, number))

    def step(self, times: int = 1) -> None:
        for _ in range(times):
            self.pipeline.step(0.05)
            self.check()

    def wait(self, seconds: float) -> None:
        until = self.clock.time + seconds
        while self.clock.time < until:
            self.step()
            self.clock.sleep(0.01)

    def known(self, schema: str) -> None:
        self.decoders.there.add(("schema", schema))

    def rules(self) -> None:
        self.pipeline.use(Snapshot(self.ruleset, decoders=self.decoders))

    def revoke(self, partition: int) -> None:
        self.source.rebalance(revoke=[PARTITIONS[partition]] if PARTITIONS[partition] in self.owned else [])
        self.goes(PARTITIONS[partition])

    def lose(self, partition: int) -> None:
        if PARTITIONS[partition] in self.owned:
            self.source.lose([PARTITIONS[partition]])
            self.goes(PARTITIONS[partition])

    def goes(self, key: TopicPartition) -> None:
        self.owned.discard(key)
        self.step()
        self.furthest.pop(key, None)

    def give(self, partition: int) -> None:
        if PARTITIONS[partition] not in self.owned:
            self.owned.add(PARTITIONS[partition])
            self.source.rebalance(give=[PARTITIONS[partition]])

    def again(self, partition: int) -> None:
        """The client hands out from where the partition began: an eager reassignment."""
        self.source.hand_out_again(PARTITIONS[partition])

    def check(self) -> None:
        for message in self.decoders.decoded:
            self.handed_on(message)
        self.decoders.decoded.clear()
        lines = self.pipeline.waiting.lines.by_tracker
        for tracker, line in lines.items():
            offsets = [each.offset for each in line.messages]
            assert sorted(set(offsets)) == offsets, "a message waits once"
            assert not tracker.closed, "nothing waits of a partition that has gone"
        assert sum(each.bytes for each in lines.values()) == self.pipeline.waiting.lines.bytes
        if not any(each.ready for each in lines.values()):
            assert self.pipeline.waiting.lines.bytes <= self.budget
        dead = {each.message.coordinates for each in self.dead_letters.written}
        for (topic, partition), log in self.log.items():
            for offset, (kind, number) in enumerate(log[: self.source.group.get((topic, partition), 0)]):
                settled = {
                    "o": f"upgrade_purchased:{number}" in self.api.stored,
                    "s": True,
                    "x": f"{topic}/{partition}/{offset}" in dead,
                }
                assert settled[kind], f"committed past {topic}/{partition}/{offset}"

    def handed_on(self, message: Message) -> None:
        key = message.topic, message.partition
        assert message.offset > self.furthest.get(key, -1), "once an assignment, in order"
        if message.offset > 0 and key in self.furthest:
            assert message.offset == self.furthest[key] + 1, "nothing is left out"
        self.furthest[key] = message.offset


@settings(max_examples=200, deadline=None)
@given(steps=STEPS, budget=st.sampled_from([900, 2_000, 10**6]), latency=st.sampled_from([0.001, 0.2]))
def test_whatever_happens_in_whatever_order(
    ruleset: Ruleset, steps: list[tuple[str, object]], budget: int, latency: float
) -> None:
    life = Life(ruleset, budget, latency)
    for name, *arguments in steps:
        getattr(life, name)(*arguments)
    for schema in SCHEMAS:
        life.known(schema)
    for partition in (0, 1):
        life.give(partition)
    for _ in range(100):
        life.wait(1.0)
        if all(life.source.group.get(key, 0) == len(log) for key, log in life.log.items()):
            break
    assert {key: life.source.group.get(key, 0) for key in PARTITIONS} == {
        key: len(log) for key, log in life.log.items()
    }
    assert not life.source.paused
    assert not life.pipeline.unfinished
