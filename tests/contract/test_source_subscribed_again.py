"""The source is given other topics while it runs: what is in hand of the old ones is finished, the new ones are read
from their start."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from random import Random

import msgspec
import pytest

from greenflash_kafka.app.engine import Engine, EngineParts
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.delivery.dispatcher import DispatcherSettings
from greenflash_kafka.loading import load
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.pipeline import PipelineSettings
from greenflash_kafka.ports import Reply, Request
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.kafka import KafkaSource
from greenflash_kafka.source.subscription import MOST_TOPICS, Subscription
from tests.brokers.kafka import Kafka, Record
from tests.fakes.dead_letters import MemoryDeadLetters
from tests.simulation.world import Notices
from tests.waiting import until

RULES = """\
version: 1
source: {topics: ["/.*/"]}
rules:
  - name: counted
    when: {n: {exists: true}}
    event:
      event_type: counted
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: neutral
      value: = payload.n
      properties: {topic: = kafka.topic}
"""
OLD, NEW = 400, 60
IN_FLIGHT = 10
TOOK = 0.1
"""Seconds that the service takes over an event."""


class SlowService:
    """`ports.Transport`: takes every event, after a while."""

    def __init__(self) -> None:
        self._under_way: deque[tuple[float, Request]] = deque()
        self.accepted: dict[str, list[int]] = {}

    def submit(self, request: Request) -> None:
        self._under_way.append((time.monotonic() + TOOK, request))

    def poll(self, timeout: float) -> list[Reply]:
        if self._under_way:
            time.sleep(max(0.0, min(timeout, self._under_way[0][0] - time.monotonic())))
        replies = []
        while self._under_way and self._under_way[0][0] <= time.monotonic():
            request = self._under_way.popleft()[1]
            event = json.loads(request.body)
            self.accepted.setdefault(event["properties"]["topic"], []).append(int(event["value"]))
            replies.append(Reply(request, 201, (), b'{"success": true, "eventId": "e"}'))
        return replies

    def close(self) -> None:
        pass

    def took(self, topic: str) -> list[int]:
        return self.accepted.get(topic, [])


class Member:
    """A process of the group, without its configuration."""

    def __init__(self, kafka: Kafka, group: str, protocol: str, topics: list[str], folder: Path) -> None:
        rules = folder / "rules.yaml"
        rules.write_text(RULES)
        loaded = load([rules], {})
        ruleset = loaded.ruleset
        assert ruleset is not None, loaded.findings
        settings = properties.ClientSettings(kafka.bootstrap_servers, group)
        if protocol == "consumer":
            settings = msgspec.structs.replace(settings, group_protocol="consumer")
        elif protocol == "range":
            settings = msgspec.structs.replace(settings, assignor="range")
        self.notices, self.service = Notices(), SlowService()
        cluster = AdminQueries(properties.admin(settings))
        most = None if protocol == "consumer" else MOST_TOPICS
        self.source = KafkaSource(
            properties.consumer(settings), Subscription(topics, [], most), "latest", "halt", cluster, self.notices
        )
        context = EvaluationContext(cluster_id=cluster.cluster_id(), topic_ids=self.source.topic_ids)
        self.engine = Engine(
            EngineParts(
                self.source,
                self.service,
                MemoryDeadLetters(),
                Snapshot(ruleset, context),
                SystemClock(),
                Random(1),
                self.notices,
            ),
            DispatcherSettings(in_flight=IN_FLIGHT, adaptive=False),
            PipelineSettings(in_flight=IN_FLIGHT, commit_seconds=0.2),
        )
        self.engine.pipeline.start()

    def until(self, done: Callable[[], object], what: str) -> None:
        """Turn the loop until it is so."""

        def turned() -> object:
            self.engine.pipeline.step(0.1)
            return done()

        until(turned, what, every=0)

    def topics(self) -> set[str]:
        """Of which it has partitions."""
        return {topic for topic, _ in self.engine.pipeline.assigned_partitions}

    def end(self) -> None:
        assert self.engine.end(20)


def numbered(count: int, partitions: int) -> list[Record]:
    return [Record(json.dumps({"n": n}).encode(), partition=n % partitions) for n in range(count)]


@pytest.mark.parametrize(
    ("protocol", "by"),
    [
        ("cooperative", "name"),
        ("cooperative", "pattern"),
        ("range", "name"),
        ("consumer", "name"),
        ("consumer", "pattern"),
    ],
)
def test_one_topic_is_added_and_another_removed_while_running(
    kafka: Kafka, tmp_path: Path, protocol: str, by: str
) -> None:
    group = kafka.group()
    old, new = kafka.topic(2, "old"), kafka.topic(2, "new")
    kafka.produce(new, numbered(NEW, 2))
    first = Member(kafka, group, protocol, [old], tmp_path)
    first.until(lambda: first.topics() == {old} and first.source.ready, "the old topic's partitions")
    kafka.produce(old, numbered(OLD, 2))
    first.until(lambda: len(first.service.took(old)) > 5 * IN_FLIGHT, "some of the old topic")
    assert first.engine.dispatcher.outstanding, "there is something in hand"
    first.source.resubscribe(*(([new], []) if by == "name" else ([], [f"{new}.*"])))
    first.until(lambda: len(first.service.took(new)) == NEW, "the new topic from its start")
    assert first.topics() == {new}
    assert sorted(first.service.took(new)) == list(range(NEW))
    # Of the old topic: what was begun is finished, what is finished is committed, and nothing beyond that.
    committed = kafka.committed(group, old)
    done = {2 * at + partition for partition, offset in committed.items() for at in range(offset)}
    assert done == set(first.service.took(old))
    assert len(done) < OLD
    first.end()
    assert kafka.lag(group, new) == 0
    assert not {"topic_deleted", "topic_missing", "partitions_lost", "partition_halted"} & set(first.notices.names)
    second = Member(kafka, group, protocol, [old], tmp_path)
    second.until(lambda: len(second.service.took(old)) == OLD - len(done), "the rest of the old topic")
    second.end()
    assert sorted(first.service.took(old) + second.service.took(old)) == list(range(OLD))
    assert kafka.lag(group, old) == 0


def test_a_pattern_that_matches_nothing_gives_everything_back_until_the_first_topic(
    kafka: Kafka, tmp_path: Path
) -> None:
    group = kafka.group()
    old, late = kafka.topic(1, "old"), kafka.name("late")
    member = Member(kafka, group, "cooperative", [old], tmp_path)
    member.until(lambda: member.topics() == {old} and member.source.ready, "the old topic's partition")
    kafka.produce(old, numbered(30, 1))
    member.until(lambda: len(member.service.took(old)) == 30, "all of the old topic")
    member.source.resubscribe([], [f"{late}.*"])
    member.until(lambda: not member.topics() and member.source.nothing(), "the partitions to be given back")
    assert kafka.lag(group, old) == 0
    kafka.create_topic(f"{late}-1")
    kafka.produce(f"{late}-1", numbered(5, 1))
    member.until(lambda: len(member.service.took(f"{late}-1")) == 5, "the first topic that matches")
    member.end()
    assert kafka.lag(group, f"{late}-1") == 0
