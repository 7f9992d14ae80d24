"""The helpers that every broker test stands on, on a real broker and, as far as it goes, on the mock."""

from __future__ import annotations

import pytest
from confluent_kafka import Consumer

from greenflash_kafka.model.message import Message
from tests.brokers.broker import BrokerUnavailable, answers
from tests.brokers.choose import start_broker
from tests.brokers.kafka import Kafka, Record
from tests.brokers.maven import MavenBroker
from tests.brokers.mock import MockKafka


def test_what_is_produced_is_read_back(kafka: Kafka) -> None:
    topic = kafka.topic(partitions=3)
    kafka.produce(
        topic,
        [
            Record(b"first", key=b"k", headers=[("h", b"1"), ("h", None)], partition=2, timestamp_ms=1_795_000_000_000),
            Record(None, key=b"gone", partition=0, timestamp_ms=1),
            b"",
        ],
    )
    read = {message.value: message for message in kafka.read(topic)}
    assert read[b"first"] == Message(
        topic, 2, 0, 1_795_000_000_000, b"k", b"first", (("h", b"1"), ("h", None)), "create"
    )
    assert read[None].key == b"gone"
    assert sum(kafka.ends(topic).values()) == len(read) == 3


def test_a_groups_offsets_are_seen(kafka: Kafka) -> None:
    topic, group = kafka.topic(partitions=2), kafka.name("group")
    kafka.produce(topic, [Record(b"x", partition=0), Record(b"y", partition=0), Record(b"z", partition=1)])
    assert kafka.committed(group, topic) == {}
    kafka.commit(group, topic, {0: 2})
    assert kafka.committed(group, topic) == {0: 2}
    assert kafka.lag(group, topic) == 1


def test_topics_are_deleted_and_grow(kafka: Kafka) -> None:
    topic = kafka.topic()
    kafka.add_partitions(topic, 3)
    assert kafka.partitions(topic) == [0, 1, 2]
    kafka.delete_topic(topic)
    assert kafka.partitions(topic) == []


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_both_group_protocols_work(kafka: Kafka, protocol: str) -> None:
    topic = kafka.topic()
    kafka.produce(topic, [b"1", b"2"])
    consumer = Consumer(
        {
            "bootstrap.servers": kafka.bootstrap_servers,
            "group.id": kafka.name("group"),
            "group.protocol": protocol,
            "auto.offset.reset": "earliest",
        }
    )
    consumer.subscribe([topic])
    assert [message.value() for message in consumer.consume(2, 120)] == [b"1", b"2"]
    consumer.close()


def test_a_given_cluster_is_used_and_left_running(kafka: Kafka) -> None:
    given = start_broker({"KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers, "KAFKA": "maven"})
    assert given.bootstrap_servers == kafka.bootstrap_servers
    given.stop()
    assert answers(kafka.bootstrap_servers, 60)


def test_a_broker_of_ones_own_comes_back_with_its_messages(breakable_broker: MavenBroker) -> None:
    kafka = Kafka(breakable_broker.bootstrap_servers)
    topic = kafka.topic()
    kafka.produce(topic, [b"before"])
    breakable_broker.kill()
    assert not answers(breakable_broker.bootstrap_servers, 0.5)
    breakable_broker.start()
    kafka.produce(topic, [b"after"])
    assert [message.value for message in kafka.read(topic)] == [b"before", b"after"]


def test_an_unknown_way_to_a_broker_is_refused() -> None:
    with pytest.raises(BrokerUnavailable, match="KAFKA=docker is not known: say testcontainers or maven"):
        start_broker({"KAFKA": "docker"})


def test_the_mock_holds_messages(mock_kafka: MockKafka) -> None:
    topic = mock_kafka.topic(partitions=2)
    mock_kafka.produce(topic, [Record(b"a", partition=1), Record(b"b", partition=0)])
    assert [message.value for message in mock_kafka.read(topic)] == [b"b", b"a"]
