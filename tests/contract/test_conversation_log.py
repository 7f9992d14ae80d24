"""Conversation topics on a real broker: what is there, what is read, and how far."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest
from confluent_kafka import Producer

from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import LogEnds, TopicPartition
from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.conversation_log import KafkaConversationLog
from greenflash_kafka.source.subscription import Subscription
from tests.brokers.kafka import Kafka, Record
from tests.simulation.world import Notices
from tests.waiting import until


class Reading:
    """A log, waited for."""

    def __init__(self, kafka: Kafka, names: list[str], patterns: list[str] | None = None) -> None:
        settings = properties.ClientSettings(bootstrap_servers=kafka.bootstrap_servers, group=kafka.name("group"))
        self.notices = Notices()
        self.log = KafkaConversationLog(
            properties.reader(settings),
            Subscription(names, patterns or []),
            AdminQueries(properties.admin(settings)),
            self.notices,
        )

    def ends(self) -> LogEnds:
        found: list[LogEnds] = []
        self.log.ask_ends()

        def answered() -> bool:
            answer = self.log.ends()
            if answer is not None:
                found.append(answer)
            return bool(found)

        until(answered, "the ends", every=0.01)
        assert self.log.ends() is None, "an answer is given once"
        return found[0]

    def starts(self, partitions: list[TopicPartition], since: int) -> Mapping[TopicPartition, int]:
        found: list[Mapping[TopicPartition, int]] = []
        self.log.ask_starts(partitions, since)

        def answered() -> bool:
            answer = self.log.starts()
            if answer is not None:
                found.append(answer)
            return bool(found)

        until(answered, "the starts", every=0.01)
        return found[0]

    def read_to(self, partition: TopicPartition, position: int) -> list[Message]:
        found: list[Message] = []

        def there() -> bool:
            found.extend(self.log.take(100))
            return (self.log.position(partition) or 0) >= position

        until(there, f"{partition} to be read to {position}", every=0.01)
        return found


@pytest.fixture
def transactional(kafka: Kafka) -> Producer:
    settings = {"bootstrap.servers": kafka.bootstrap_servers, "transactional.id": kafka.name("tx")}
    producer = Producer({**settings, "transaction.timeout.ms": "600000"})
    producer.init_transactions(30)
    return producer


def test_what_is_there_and_what_comes_later(kafka: Kafka) -> None:
    topic = kafka.topic(2)
    first, silent = (topic, 0), (topic, 1)
    kafka.produce(topic, [Record(b"%d" % number, partition=0) for number in range(5)])
    reading = Reading(kafka, [topic])
    before = int(time.time() * 1000)
    ends = reading.ends()
    assert before <= ends.asked <= int(time.time() * 1000)
    assert not ends.failed
    assert {key: (each.begin, each.end) for key, each in ends.partitions.items()} == {first: (0, 5), silent: (0, 0)}
    reading.log.assign({first: 2, silent: 0})
    assert reading.log.position(silent) == 0, "nothing is read, and nothing has to be"
    assert [(each.offset, each.value) for each in reading.read_to(first, 5)] == [(2, b"2"), (3, b"3"), (4, b"4")]
    kafka.delete_records(topic, {0: 3})
    kafka.add_partitions(topic, 3)
    kafka.produce(topic, [Record(b"x", partition=2)])
    ends = reading.ends()
    assert ends.partitions[first].begin == 3
    assert ends.partitions[topic, 2].end == 1
    assert reading.log.position((topic, 2)) is None, "it isn't assigned yet"
    reading.log.assign({first: 5, silent: 0, (topic, 2): 0})
    assert len(reading.read_to((topic, 2), 1)) == 1
    reading.log.close()


def test_only_committed_records_are_read_and_the_position_passes_the_rest(
    kafka: Kafka, transactional: Producer
) -> None:
    topic = kafka.topic(1)
    key = (topic, 0)
    kafka.produce(topic, [b"plain"])
    transactional.begin_transaction()
    transactional.produce(topic, b"open", partition=0)
    transactional.flush(30)
    kafka.produce(topic, [b"behind it"])
    reading = Reading(kafka, [topic])
    assert reading.ends().partitions[key].end == 3, "what is open counts"
    reading.log.assign({key: 0})
    assert [each.value for each in reading.read_to(key, 1)] == [b"plain"]
    assert reading.log.take(10) == []
    assert reading.log.position(key) == 1, "it stands before the open transaction"
    transactional.commit_transaction(30)
    assert [each.value for each in reading.read_to(key, 4)] == [b"open", b"behind it"]
    for _ in range(2):
        transactional.begin_transaction()
        for _ in range(3):
            transactional.produce(topic, b"aborted", partition=0)
        transactional.flush(30)
        transactional.abort_transaction(30)
    end = reading.ends().partitions[key].end
    assert end == 12
    assert reading.read_to(key, end) == [], "past aborted records and their markers"
    fresh = Reading(kafka, [topic])
    fresh.log.assign({key: 5})
    assert fresh.read_to(key, end) == [], "also where nothing at all is handed out"
    for each in (reading, fresh):
        each.log.close()


def test_where_a_time_begins(kafka: Kafka, transactional: Producer) -> None:
    topic = kafka.topic(2)
    first, empty = (topic, 0), (topic, 1)
    now = int(time.time() * 1000)
    kafka.produce(topic, [Record(b"x", partition=0, timestamp_ms=now + 1000 * each) for each in (1, 3, 2, 5)])
    reading = Reading(kafka, [topic])
    assert reading.starts([first, empty], now) == {first: 0, empty: 0}
    assert reading.starts([first, empty], now + 2000) == {first: 1, empty: 0}
    assert reading.starts([first], now + 4000) == {first: 3}
    assert reading.starts([first], now + 6000) == {first: 4}, "the end, where nothing is so late"
    transactional.begin_transaction()
    transactional.produce(topic, b"open", partition=0, timestamp=now + 7000)
    transactional.flush(30)
    assert reading.starts([first], now + 6000) == {first: 4}, "an open transaction will be read once it ends"
    assert reading.starts([first], now + 8000) == {first: 5}
    transactional.abort_transaction(30)
    reading.log.close()


def test_patterns_and_topics_that_come_go_and_come_again(kafka: Kafka) -> None:
    name = kafka.name("chat")
    missing = Reading(kafka, [name])
    assert f"topic {name} doesn't exist" in missing.ends().failed
    by_pattern = Reading(kafka, [], [f"{name}(-.*)?"])
    assert "no topic matches" in by_pattern.ends().failed
    kafka.create_topic(name)
    kafka.create_topic(f"{name}-eu", 2)
    ends = by_pattern.ends()
    assert not ends.failed
    assert ends.partitions.keys() == {(name, 0), (f"{name}-eu", 0), (f"{name}-eu", 1)}
    was = missing.ends().partitions[name, 0].topic_id
    assert was not in ("", "-")
    kafka.produce(name, [b"old"] * 3)
    missing.log.assign({(name, 0): 0})
    missing.read_to((name, 0), 3)
    kafka.delete_topic(name)
    assert "doesn't exist" in missing.ends().failed
    kafka.create_topic(name)
    kafka.produce(name, [b"new"])
    again = missing.ends()
    assert not again.failed
    assert again.partitions[name, 0].topic_id != was
    missing.log.assign({(name, 0): 0})
    assert [each.value for each in missing.read_to((name, 0), 1)] == [b"new"]
    for each in (missing, by_pattern):
        each.log.close()


def test_paused_partitions_wait_and_go_on_where_they_were(kafka: Kafka) -> None:
    topic = kafka.topic(2)
    first, other = (topic, 0), (topic, 1)
    kafka.produce(topic, [Record(b"%d" % number, partition=0) for number in range(50)])
    reading = Reading(kafka, [topic])
    reading.log.assign({first: 0, other: 0})
    taken: list[Message] = []

    def some() -> bool:
        taken.extend(reading.log.take(10))
        return len(taken) >= 10

    until(some, "some messages", every=0.01)
    reading.log.pause([first])
    at = reading.log.position(first)
    kafka.produce(topic, [Record(b"x", partition=1)])
    assert {each.partition for each in reading.read_to(other, 1)} == {1}
    assert reading.log.position(first) == at
    reading.log.pause([other])
    reading.log.resume([first])
    rest = reading.read_to(first, 50)
    assert [each.offset for each in taken + rest] == list(range(50))
    assert reading.log.take(10) == []
    reading.log.close()


def test_the_position_behind_a_marker_is_kept_over_a_pause_of_all(kafka: Kafka, transactional: Producer) -> None:
    topic = kafka.topic(1)
    key = (topic, 0)
    transactional.begin_transaction()
    transactional.produce(topic, b"last", partition=0)
    transactional.commit_transaction(30)
    reading = Reading(kafka, [topic])
    reading.log.assign({key: 0})
    assert [each.value for each in reading.read_to(key, 2)] == [b"last"]
    reading.log.pause([key])
    reading.log.resume([key])
    assert reading.log.take(10) == []
    assert reading.log.position(key) == 2
    reading.log.close()


def test_nobody_joins_a_group_and_nothing_is_committed(kafka: Kafka) -> None:
    topic = kafka.topic(1)
    kafka.produce(topic, [b"x"])
    settings = properties.ClientSettings(bootstrap_servers=kafka.bootstrap_servers, group=kafka.name("group"))
    given = properties.reader(settings)
    log = KafkaConversationLog(given, Subscription([topic], []), AdminQueries(properties.admin(settings)), Notices())
    log.assign({(topic, 0): 0})
    until(lambda: log.take(1), "the record")
    log.close()
    assert kafka.committed(settings.group, topic) == {}


def test_a_broker_that_is_silent_is_not_waited_for() -> None:
    settings = properties.ClientSettings(bootstrap_servers="127.0.0.1:9", group="g")
    cluster = AdminQueries(properties.admin(settings), timeout=1)
    log = KafkaConversationLog(properties.reader(settings), Subscription(["chat"], []), cluster, Notices())
    began = time.monotonic()
    log.assign({("chat", 0): 0})
    log.ask_ends()
    log.ask_starts([("chat", 0)], 0)
    assert log.take(10) == []
    assert log.position(("chat", 0)) == 0
    assert log.ends() is None
    assert time.monotonic() - began < 1
    answers: list[LogEnds] = []

    def answered() -> bool:
        answer = log.ends()
        if answer is not None:
            answers.append(answer)
        return bool(answers)

    until(answered, "the question to fail")
    assert answers[0].failed
    assert answers[0].partitions == {}
    until(lambda: log.starts() == {}, "the other question to fail")
    log.close()
    assert time.monotonic() - began < 30
