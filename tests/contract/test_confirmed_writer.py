"""Writing interactions: confirmed before it says so, tried again without end, and shortened if they are too large."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

from greenflash_kafka.clock import SystemClock
from greenflash_kafka.interactions.confirmed_writer import ConfirmedWriter
from greenflash_kafka.source import properties
from tests.brokers.kafka import Kafka
from tests.brokers.mock import MockCluster, MockKafka
from tests.unit.interactions.served import Said
from tests.unit.interactions.walked import item


def writer(kafka: Kafka, topic: str, said: Said, stopped: Callable[[], bool] = lambda: False) -> ConfirmedWriter:
    settings = properties.ClientSettings(kafka.bootstrap_servers, properties={"log_level": "0"})
    made = properties.producer(settings, 1_000_000)
    return ConfirmedWriter(made, topic, SystemClock(), said, stopped, chance=lambda: 1.0)


def test_every_item_is_there_under_its_id(kafka: Kafka) -> None:
    topic, said = kafka.topic(3, "interactions"), Said()
    items = [item(number, number, rating=number) for number in range(250)]
    assert writer(kafka, topic, said).write(items)
    found = {each.key: each.value for each in kafka.read(topic)}
    assert found == {each.id.encode(): each.raw for each in items}
    assert said.notices == []


def test_what_the_topic_does_not_take_is_written_without_what_may_be_of_any_size(kafka: Kafka) -> None:
    topic, said = kafka.topic(1, "interactions", {"max.message.bytes": "20000"}), Said()
    large = item(1, 5, properties={"text": "".join(map(str, range(20_000)))})
    assert writer(kafka, topic, said).write([item(0, 5), large])
    (small, short) = sorted((json.loads(each.value or b"") for each in kafka.read(topic)), key=lambda each: each["id"])
    assert (small["id"], short["id"], "properties" in short) == ("i0", "i1", False)
    assert [name for name, _ in said.notices if name == "interaction_shortened"]


def test_a_broker_that_refuses_is_tried_again_until_it_takes_them() -> None:
    cluster = MockCluster()
    kafka, said = MockKafka(cluster), Said()
    try:
        cluster.create_topic("interactions", 1)
        # 29: TOPIC_AUTHORIZATION_FAILED, which librdkafka doesn't try again by itself.
        cluster.push_errors(0, [29, 29])
        assert writer(kafka, "interactions", said).write([item(number, number) for number in range(3)])
        assert {each.key for each in kafka.read("interactions")} == {b"i0", b"i1", b"i2"}
        assert [name for name, _ in said.notices] == ["interactions_unwritten", "interactions_written_again"]
    finally:
        cluster.stop()


def test_another_process_that_writes_to_the_topic_is_said_once(kafka: Kafka) -> None:
    topic, said = kafka.topic(2, "interactions"), Said()
    one, other = writer(kafka, topic, said), writer(kafka, topic, Said())
    items = [item(number, number) for number in range(40)]
    for number in range(0, 20, 10):
        assert one.write(items[number : number + 10])
    assert said.notices == []
    for number in range(20, 40, 10):
        assert other.write(items[number : number + 10])
        assert one.write(items[number : number + 10])
    assert [name for name, _ in said.notices] == ["interactions_written_by_others"]


def test_it_can_be_stopped_while_no_broker_answers() -> None:
    cluster = MockCluster()
    stop, said = threading.Event(), Said()
    try:
        cluster.create_topic("interactions", 1)
        made = writer(MockKafka(cluster), "interactions", said, stop.is_set)
        cluster.broker_up(False)
        threading.Timer(0.3, stop.set).start()
        assert not made.write([item(0, 0)])
    finally:
        cluster.stop()
