"""The contract of every log of conversation topics, in memory and on a real broker: what is there, and what is read."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Protocol

import pytest
from confluent_kafka import Producer

from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import ConversationLog, LogEnds, TopicPartition
from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.conversation_log import KafkaConversationLog
from greenflash_kafka.source.subscription import Subscription
from tests.brokers.kafka import Kafka, Record
from tests.fakes.conversation_log import Entry, FakeConversationLog, FakePartition
from tests.simulation.world import Notices
from tests.waiting import until


class Reading:
    """A log, waited for."""

    def __init__(self, log: ConversationLog) -> None:
        self.log = log

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


class Logs(Protocol):
    """Conversation topics, and logs that read them."""

    def topic(self, partitions: int) -> str:
        """A new topic."""
        ...

    def add_partition(self, topic: str, number: int) -> None:
        """Add the partition of this number."""
        ...

    def write(self, topic: str, *values: bytes, partition: int = 0, at: Sequence[int] = ()) -> None:
        """Append records, stamped now or at these times (ms)."""
        ...

    def delete_before(self, topic: str, offset: int) -> None:
        """Delete the first records of partition 0."""
        ...

    def reading(self, *names: str) -> Reading:
        """A log of these topics."""
        ...


def on_kafka(kafka: Kafka, names: Sequence[str], patterns: Sequence[str] = ()) -> Reading:
    """A log on a real broker."""
    settings = properties.ClientSettings(bootstrap_servers=kafka.bootstrap_servers, group=kafka.name("group"))
    cluster = AdminQueries(properties.admin(settings))
    return Reading(KafkaConversationLog(properties.reader(settings), Subscription(names, patterns), cluster, Notices()))


class OnKafka:
    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka

    def topic(self, partitions: int) -> str:
        return self._kafka.topic(partitions)

    def add_partition(self, topic: str, number: int) -> None:
        self._kafka.add_partitions(topic, number + 1)

    def write(self, topic: str, *values: bytes, partition: int = 0, at: Sequence[int] = ()) -> None:
        records = zip(values, at or [now_ms()] * len(values), strict=True)
        self._kafka.produce(topic, [Record(value, partition=partition, timestamp_ms=ms) for value, ms in records])

    def delete_before(self, topic: str, offset: int) -> None:
        self._kafka.delete_records(topic, {0: offset})

    def reading(self, *names: str) -> Reading:
        return on_kafka(self._kafka, names)


class InMemory:
    def __init__(self) -> None:
        self._log = FakeConversationLog({})

    def topic(self, partitions: int) -> str:
        for number in range(partitions):
            self.add_partition("chat", number)
        return "chat"

    def add_partition(self, topic: str, number: int) -> None:
        self._log.partitions[topic, number] = FakePartition([])

    def write(self, topic: str, *values: bytes, partition: int = 0, at: Sequence[int] = ()) -> None:
        entries = self._log.partitions[topic, partition].entries
        for value, ms in zip(values, at or [now_ms()] * len(values), strict=True):
            entries.append(Entry(now_ms(), Message(topic, partition, len(entries), ms, None, value), now_ms()))

    def delete_before(self, topic: str, offset: int) -> None:
        self._log.partitions[topic, 0].begin = offset

    def reading(self, *names: str) -> Reading:
        del names
        self._log.wall = 1 << 62
        return Reading(self._log)


@pytest.fixture(params=["memory", "kafka"])
def logs(request: pytest.FixtureRequest) -> Logs:
    """In memory, or on a real broker."""
    return InMemory() if request.param == "memory" else OnKafka(request.getfixturevalue("kafka"))


def now_ms() -> int:
    """Milliseconds since 1970."""
    return int(time.time() * 1000)


@pytest.fixture
def transactional(kafka: Kafka) -> Producer:
    settings = {"bootstrap.servers": kafka.bootstrap_servers, "transactional.id": kafka.name("tx")}
    producer = Producer({**settings, "transaction.timeout.ms": "600000"})
    producer.init_transactions(30)
    return producer


def test_what_is_there_and_what_comes_later(logs: Logs) -> None:
    topic = logs.topic(2)
    first, silent = (topic, 0), (topic, 1)
    logs.write(topic, b"0", b"1", b"2", b"3", b"4")
    reading = logs.reading(topic)
    ends = reading.ends()
    assert not ends.failed
    assert {key: (each.begin, each.end) for key, each in ends.partitions.items()} == {first: (0, 5), silent: (0, 0)}
    reading.log.assign({first: 2, silent: 0})
    assert reading.log.position(silent) == 0, "nothing is read, and nothing has to be"
    assert [(each.offset, each.value) for each in reading.read_to(first, 5)] == [(2, b"2"), (3, b"3"), (4, b"4")]
    logs.delete_before(topic, 3)
    logs.add_partition(topic, 2)
    logs.write(topic, b"x", partition=2)
    ends = reading.ends()
    assert ends.partitions[first].begin == 3
    assert ends.partitions[topic, 2].end == 1
    assert reading.log.position((topic, 2)) is None, "it isn't assigned yet"
    reading.log.assign({first: 5, silent: 0, (topic, 2): 0})
    assert len(reading.read_to((topic, 2), 1)) == 1
    reading.log.close()


def test_an_answer_says_when_it_was_asked_for(kafka: Kafka) -> None:
    reading, before = on_kafka(kafka, [kafka.topic(1)]), now_ms()
    assert before <= reading.ends().asked <= now_ms()
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
    reading = on_kafka(kafka, [topic])
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
    fresh = on_kafka(kafka, [topic])
    fresh.log.assign({key: 5})
    assert fresh.read_to(key, end) == [], "also where nothing at all is handed out"
    for each in (reading, fresh):
        each.log.close()


def test_where_a_time_begins(logs: Logs) -> None:
    topic = logs.topic(2)
    first, empty = (topic, 0), (topic, 1)
    now = now_ms()
    logs.write(topic, b"x", b"x", b"x", b"x", at=[now + 1000 * each for each in (1, 3, 2, 5)])
    reading = logs.reading(topic)
    assert reading.starts([first, empty], now) == {first: 0, empty: 0}
    assert reading.starts([first, empty], now + 2000) == {first: 1, empty: 0}
    assert reading.starts([first], now + 4000) == {first: 3}
    assert reading.starts([first], now + 6000) == {first: 4}, "the end, where nothing is so late"
    reading.log.close()


def test_a_time_may_begin_in_an_open_transaction(kafka: Kafka, transactional: Producer) -> None:
    topic = kafka.topic(1)
    key, now = (topic, 0), now_ms()
    reading = on_kafka(kafka, [topic])
    transactional.begin_transaction()
    transactional.produce(topic, b"open", partition=0, timestamp=now + 7000)
    transactional.flush(30)
    assert reading.starts([key], now + 6000) == {key: 0}, "an open transaction will be read once it ends"
    assert reading.starts([key], now + 8000) == {key: 1}
    transactional.abort_transaction(30)
    reading.log.close()


def test_patterns_and_topics_that_come_go_and_come_again(kafka: Kafka) -> None:
    name = kafka.name("chat")
    missing = on_kafka(kafka, [name])
    assert f"topic {name} doesn't exist" in missing.ends().failed
    by_pattern = on_kafka(kafka, [], [f"{name}(-.*)?"])
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


def test_paused_partitions_wait_and_go_on_where_they_were(logs: Logs) -> None:
    topic = logs.topic(2)
    first, other = (topic, 0), (topic, 1)
    logs.write(topic, *(b"%d" % number for number in range(50)))
    reading = logs.reading(topic)
    reading.log.assign({first: 0, other: 0})
    taken: list[Message] = []

    def some() -> bool:
        taken.extend(reading.log.take(10))
        return len(taken) >= 10

    until(some, "some messages", every=0.01)
    reading.log.pause([first])
    at = reading.log.position(first)
    logs.write(topic, b"x", partition=1)
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
    reading = on_kafka(kafka, [topic])
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
