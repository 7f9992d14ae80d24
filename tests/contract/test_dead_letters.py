"""The contract of every dead-letter queue: confirmed before it says so, retried without end, nothing dropped."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from greenflash_kafka.dlq.dead_letter_writer import KafkaDeadLetters
from greenflash_kafka.dlq.letter_record import DeadLetterOrigin
from greenflash_kafka.dlq.reader import ParsedDeadLetter, read
from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import DeadLetter, DeadLetterQueue
from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.start_questions import topic_settings
from tests.brokers.kafka import Kafka
from tests.brokers.mock import MockKafka
from tests.fakes.dead_letters import MemoryDeadLetters

ORIGIN = DeadLetterOrigin("cluster", "topic-id", "0.1.0")


class Said:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.notices: list[tuple[str, dict[str, object]]] = []
        self.counts: Counter[tuple[str, tuple[str, ...]]] = Counter()

    def notice(self, name: str, **facts: object) -> None:
        self.notices.append((name, facts))

    def count(self, metric: str, amount: int = 1, labels: tuple[str, ...] = ()) -> None:
        self.counts[metric, labels] += amount

    def gauge(self, metric: str, value: float, labels: tuple[str, ...] = ()) -> None:
        pass

    def observe(self, metric: str, counts: Sequence[int], total: float, labels: tuple[str, ...] = ()) -> None:
        pass

    def names(self) -> list[str]:
        """Of all but the letters that are written."""
        return [name for name, _ in self.notices if name != "dead_letter_written"]


def dead_letter(number: int = 0, value: bytes | None = b"not json", **more: object) -> DeadLetter:
    message = Message("orders", 2, number, 1795000000000, b"key", value, (("ce_type", b"paid"), ("none", None)))
    return DeadLetter(message, "bad-payload", "not JSON", **more)  # type: ignore[arg-type]


def writer(kafka: Kafka, topic: str, said: Said, **more: str) -> KafkaDeadLetters:
    settings = properties.ClientSettings(kafka.bootstrap_servers, properties={"log_level": "0"})
    limit = topic_settings(AdminQueries(properties.admin(settings)), topic).max_message_bytes
    made = properties.producer(settings, limit) | more
    return KafkaDeadLetters(made, topic, lambda _: ORIGIN, said, chance=lambda: 1.0)


def until(done: Callable[[], bool], queue: DeadLetterQueue, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "waited too long"
        queue.poll()
        time.sleep(0.005)


def kept(kafka: Kafka, topic: str) -> list[ParsedDeadLetter]:
    return [read(record.key, record.value, record.headers) for record in kafka.read(topic)]


@pytest.fixture(params=["memory", "kafka"])
def queue(request: pytest.FixtureRequest) -> tuple[DeadLetterQueue, Callable[[], list[DeadLetter]]]:
    """A queue, and how to look at what is in it."""
    if request.param == "memory":
        memory = MemoryDeadLetters()
        return memory, lambda: memory.written
    kafka: Kafka = request.getfixturevalue("kafka")
    topic = kafka.topic(what="dead")
    return writer(kafka, topic, Said()), lambda: [one.dead_letter for one in kept(kafka, topic)]


Queue = tuple[DeadLetterQueue, Callable[[], list[DeadLetter]]]


def test_a_letter_is_settled_once_and_is_there_then(queue: Queue) -> None:
    dead_letters, content = queue
    sent = [
        dead_letter(1),
        dead_letter(2, value=None),
        dead_letter(3, value=b"", attempts=7, events=(("rule", 4, "upgrade_purchased:evt_1", "accepted"),)),
    ]
    settled: list[tuple[int, str | None]] = []
    for number, one in enumerate(sent):
        dead_letters.write(one, lambda failed, number=number: settled.append((number, failed)))  # type: ignore[misc]
    assert settled == [], "nothing is confirmed before the queue is polled"
    until(lambda: len(settled) == 3, dead_letters)
    assert sorted(settled) == [(0, None), (1, None), (2, None)]
    assert content() == sent
    assert dead_letters.close(5)
    assert len(settled) == 3


def test_closing_waits_for_what_is_under_way(queue: Queue) -> None:
    dead_letters, content = queue
    settled: list[str | None] = []
    for number in range(20):
        dead_letters.write(dead_letter(number), settled.append)
    assert dead_letters.close(20)
    assert settled == [None] * 20
    assert sorted(one.message.offset for one in content()) == list(range(20))


def test_failed_tries_are_reported_and_made_again(mock_kafka: MockKafka) -> None:
    topic = mock_kafka.topic(what="dead")
    said = Said()
    dead_letters = writer(mock_kafka, topic, said)
    settled: list[str | None] = []
    mock_kafka.cluster.push_errors(0, [29] * 3)  # TOPIC_AUTHORIZATION_FAILED
    dead_letters.write(dead_letter(), settled.append)
    until(lambda: None in settled, dead_letters)
    assert settled[:-1] != []
    assert all(reason is not None and "AUTHORIZATION" in reason for reason in settled[:-1])
    assert said.names() == ["dead_letters_failing", "dead_letters_working"]
    assert dead_letters.unconfirmed == 0


def test_a_letter_is_said_and_counted_once_it_is_confirmed(mock_kafka: MockKafka) -> None:
    said = Said()
    dead_letters = writer(mock_kafka, mock_kafka.topic(what="dead"), said)
    settled: list[str | None] = []
    dead_letters.write(dead_letter(7, rule="paid", field="value"), settled.append)
    assert said.notices == []
    until(lambda: settled == [None], dead_letters)
    facts = {"topic": "orders", "partition": 2, "offset": 7, "rule": "paid", "field": "value", "code": "bad-payload"}
    assert said.notices == [("dead_letter_written", facts)]
    assert said.counts["dead_letters", ("orders", "paid", "bad-payload")] == 1


def test_a_fatal_error_costs_a_producer_not_a_letter(mock_kafka: MockKafka) -> None:
    topic = mock_kafka.topic(what="dead")
    dead_letters = writer(mock_kafka, topic, Said())
    settled: list[str | None] = []
    mock_kafka.cluster.push_errors(22, [31])  # InitProducerId: CLUSTER_AUTHORIZATION_FAILED
    for number in range(5):
        dead_letters.write(dead_letter(number), settled.append)
    until(lambda: settled.count(None) == 5, dead_letters)
    assert {one.dead_letter.message.offset for one in kept(mock_kafka, topic)} == set(range(5))


def test_an_outage_is_sat_out(mock_kafka: MockKafka) -> None:
    topic = mock_kafka.topic(what="dead")
    said = Said()
    dead_letters = writer(mock_kafka, topic, said, **{"delivery.timeout.ms": "300", "request.timeout.ms": "200"})
    settled: list[str | None] = []
    mock_kafka.cluster.broker_up(False)
    dead_letters.write(dead_letter(), settled.append)
    until(lambda: settled != [], dead_letters)
    assert None not in settled
    assert not dead_letters.close(0.2)
    mock_kafka.cluster.broker_up(True)
    until(lambda: None in settled, dead_letters)
    assert [one.dead_letter for one in kept(mock_kafka, topic)] == [dead_letter()]


def test_what_is_too_large_for_the_topic_is_written_by_reference(kafka: Kafka) -> None:
    topic = kafka.topic(what="dead", config={"max.message.bytes": "6000", "compression.type": "uncompressed"})
    said = Said()
    dead_letters = writer(kafka, topic, said, **{"compression.codec": "none"})
    big = bytes(range(256)) * 400
    many = tuple((f"h{number}", b"x" * 100) for number in range(100))
    settled: list[str | None] = []
    dead_letters.write(dead_letter(1, value=big), settled.append)
    dead_letters.write(
        DeadLetter(Message("orders", 2, 2, 0, b"key", big, many), "bad-payload", "not JSON"), settled.append
    )
    for number in range(3, 23):
        dead_letters.write(dead_letter(number, value=b"x" * 1000), settled.append)
    until(lambda: len(settled) == 22, dead_letters)
    assert settled == [None] * 22
    found = {one.dead_letter.message.offset: one for one in kept(kafka, topic)}
    assert found[1].left_out == ("value",)
    assert found[1].dead_letter.message.headers == dead_letter().message.headers
    assert found[1].fingerprints["value"].sha256 == hashlib.sha256(big).hexdigest()
    assert found[2].left_out == ("value", "key", "headers")
    assert all(found[number].left_out == () for number in range(3, 23)), "small ones in one batch are no large one"
    assert said.names() == ["dead_letter_by_reference"] * 3


def test_a_letter_beyond_the_producers_memory_is_written_by_reference(kafka: Kafka) -> None:
    topic = kafka.topic(what="dead")
    dead_letters = writer(kafka, topic, Said(), **{"queue.buffering.max.kbytes": "512"})
    settled: list[str | None] = []
    dead_letters.write(dead_letter(1, value=b"x" * 600_000), settled.append)
    for number in range(2, 32):
        dead_letters.write(dead_letter(number, value=b"x" * 100_000), settled.append)
    until(lambda: len(settled) == 31, dead_letters)
    found = {one.dead_letter.message.offset: one for one in kept(kafka, topic)}
    assert settled == [None] * 31, "a producer that is full is no failure"
    assert found[1].fingerprints["value"].size == 600_000
    assert all(found[number].left_out == () for number in range(2, 32))


def test_a_topic_deleted_and_created_again_loses_nothing_that_comes_meanwhile(kafka: Kafka) -> None:
    topic = kafka.topic(what="dead")
    said = Said()
    dead_letters = writer(kafka, topic, said, **{"delivery.timeout.ms": "3000", "request.timeout.ms": "1000"})
    before: list[str | None] = []
    dead_letters.write(dead_letter(0), before.append)
    until(lambda: None in before, dead_letters)
    kafka.delete_topic(topic)
    settled: list[str | None] = []
    for number in range(1, 11):
        dead_letters.write(dead_letter(number), settled.append)
    until(lambda: len(settled) >= 10, dead_letters)
    assert None not in settled
    assert "dead_letters_failing" in said.names()
    assert kafka.partitions(topic) == [], "and it is never created by us"
    kafka.create_topic(topic)
    until(lambda: settled.count(None) == 10, dead_letters)
    assert {one.dead_letter.message.offset for one in kept(kafka, topic)} == set(range(1, 11))
    assert said.names()[-1] == "dead_letters_working"
