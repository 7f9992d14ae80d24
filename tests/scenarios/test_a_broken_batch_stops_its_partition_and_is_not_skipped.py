"""A byte of the log flips on disk: what is before it is delivered, nothing behind it, and it is said. In a topic of
chats it holds what links, until its records are deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.brokers.kafka import Kafka, Record
from tests.brokers.maven import MavenBroker
from tests.scenarios.linked import Linked, now


@pytest.fixture
def kafka(breakable_broker: MavenBroker) -> Kafka:
    """In place of the shared one, which nobody may stop."""
    return Kafka(breakable_broker.bootstrap_servers)


def test_a_broken_batch_stops_its_partition_and_is_not_skipped(
    deployment: Any, breakable_broker: MavenBroker, until: Any
) -> None:
    (topic,) = deployment.topics(2)
    kafka = deployment.kafka
    for part in range(3):
        orders = deployment.orders(10, part * 10)
        # Seldom more than one batch, on a slow machine.
        kafka.produce(topic, [Record(each, partition=0) for each in orders], {"linger.ms": "60000"})
    kafka.produce(topic, [Record(each, partition=1) for each in deployment.orders(10, 30)])
    (segment,) = breakable_broker.data.glob(f"{topic}-0/*.log")
    broken = _break(segment, b'"o15"')
    assert 0 < broken <= 15

    process = deployment.run()
    process.until("partition_halted")
    assert f"offset {broken}" in process.said()
    until(lambda: deployment.sandbox.stats()["stored"] == broken + 10, "what can be read to be delivered")
    until(lambda: kafka.committed(deployment.group, topic).get(1) == 10, "the other partition to be committed")
    until(lambda: "partitions_halted" in process.health()[1], "readiness to say so")
    assert process.stop() == 1, "what was sent of a halted partition isn't committed"
    assert process.said().count('"partition_halted"') == 1, "the client goes on behind the batch, and that says nothing"
    stored = {each.rpartition(":")[2] for each in deployment.stored()}
    assert stored == {f"o{number}" for number in (*range(broken), *range(30, 40))}
    assert kafka.committed(deployment.group, topic)[0] <= broken, (
        "a halted partition may come again, from before the batch"
    )


def test_a_broken_batch_of_chats_holds_what_links_until_it_is_deleted(
    deployment: Any, breakable_broker: MavenBroker, until: Any
) -> None:
    linked = Linked(deployment)
    at = now() - 60_000
    for number in (1, 2, 3):
        linked.chat(f"c-{number}", f"ann{number}", at)
        linked.order(number, f"ann{number}", at + 2_000)
    (segment,) = breakable_broker.data.glob(f"{linked.chats}-0/*.log")
    assert _break(segment, b"c-2") == 1

    process = linked.run()
    until(lambda: process.lines("batch_unreadable"), "the batch to be named")
    (said,) = process.lines("batch_unreadable")
    assert (said["topic"], said["partition"]) == (linked.chats, 0)
    assert "at offset 1 " in said["text"]
    assert linked.links() == {}
    deployment.kafka.delete_records(linked.chats, {0: 2})
    until(lambda: len(linked.links()) == 3, "the orders")
    assert linked.links() == {"o1": "c-1", "o2": None, "o3": "c-3"}
    assert process.stop() == 0


def _break(segment: Path, text: bytes) -> int:
    """Change a byte of this text, and give the first offset of the batch that it is in. In place, under the running
    broker: one that was killed would look through its log and cut it off there."""
    log = segment.read_bytes()
    at, start = log.index(text), 0
    # A batch begins with its first offset (8 bytes) and the length of what follows (4 bytes).
    while at > (end := start + 12 + int.from_bytes(log[start + 8 : start + 12])):
        start = end
    with segment.open("r+b") as file:
        file.seek(at + 2)
        file.write(b"0")
    return int.from_bytes(log[start : start + 8])
