"""Questions about whole topics, with answers that come when the test says so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

import pytest
from confluent_kafka import KafkaError, KafkaException

from greenflash_kafka.errors import BrokerUnreachable
from greenflash_kafka.ports import LogEnds, LogPartition, TopicPartition
from greenflash_kafka.source.conversation_log import KafkaConversationLog
from greenflash_kafka.source.log_questions import EndsQuestion, StartsQuestion
from greenflash_kafka.source.subscription import Subscription
from tests.simulation.world import Notices


class Described(NamedTuple):
    topic_id: str
    partitions: list[Any]


class Numbered(NamedTuple):
    id: int


class Offset(NamedTuple):
    offset: int


class Cluster:
    """Keeps every question until it is answered."""

    def __init__(self) -> None:
        self.names: list[Future[Collection[str]]] = []
        self.described: list[dict[str, Future[Any]]] = []
        self.offsets: list[tuple[object, dict[TopicPartition, Future[Any]]]] = []

    def ask_topics(self) -> Future[Collection[str]]:
        self.names.append(Future())
        return self.names[-1]

    def ask_descriptions(self, names: Iterable[str]) -> Mapping[str, Future[Any]]:
        self.described.append({name: Future() for name in names})
        return self.described[-1]

    def ask_written(self, partitions: Sequence[TopicPartition], at: object) -> Mapping[TopicPartition, Future[Any]]:
        self.offsets.append((at, {each: Future() for each in partitions}))
        return self.offsets[-1][1]

    def describe(self, **partitions: int) -> None:
        for name, number in partitions.items():
            found = Described(f"id/{name}", [Numbered(each) for each in range(number)])
            self.described[-1][name].set_result(found)


def failure(code: int) -> KafkaException:
    return KafkaException(KafkaError(code))


def test_topics_then_partitions_then_offsets() -> None:
    cluster = Cluster()
    question = EndsQuestion(Subscription(["chat"], []), cluster, 7)
    assert question.answer() is None
    cluster.describe(chat=2)
    assert question.answer() is None
    (earliest, begins), (end, ends) = cluster.offsets
    assert (earliest, end) == ("earliest", "end")
    for place, each in enumerate(begins):
        begins[each].set_result(Offset(place))
        assert question.answer() is None
        ends[each].set_result(Offset(10 + place))
    found = {("chat", 0): LogPartition("id_chat", 0, 10), ("chat", 1): LogPartition("id_chat", 1, 11)}
    assert question.answer() == LogEnds(7, found)


def test_an_incomplete_answer_says_why_and_has_the_rest() -> None:
    cluster = Cluster()
    question = EndsQuestion(Subscription(["chat", "gone"], ["more.*"]), cluster, 7)
    cluster.names[0].set_result(["chat", "other"])
    assert question.answer() is None
    cluster.describe(chat=2)
    question.answer()
    (_, begins), (_, ends) = cluster.offsets
    for each in begins:
        begins[each].set_result(Offset(0))
    ends["chat", 0].set_result(Offset(5))
    ends["chat", 1].set_exception(failure(KafkaError.LEADER_NOT_AVAILABLE))
    answer = question.answer()
    assert answer is not None
    assert answer.partitions.keys() == {("chat", 0)}
    assert "topic gone doesn't exist" in answer.failed
    assert "chat/1: " in answer.failed


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (KafkaError.UNKNOWN_TOPIC_OR_PART, "topic chat doesn't exist (or this user may not describe it)"),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, "topic chat: "),
    ],
)
def test_a_topic_that_cannot_be_described_is_named(code: int, words: str) -> None:
    cluster = Cluster()
    question = EndsQuestion(Subscription(["chat"], []), cluster, 7)
    cluster.described[0]["chat"].set_exception(failure(code))
    answer = question.answer()
    assert answer is not None
    assert answer.failed.startswith(words)


def test_a_listing_that_fails_is_an_answer_without_partitions() -> None:
    cluster = Cluster()
    question = EndsQuestion(Subscription([], ["chat.*"]), cluster, 7)
    cluster.names[0].set_exception(BrokerUnreachable("no broker"))
    assert question.answer() == LogEnds(7, {}, "no broker")
    question = EndsQuestion(Subscription([], ["chat.*"]), cluster, 7)
    cluster.names[1].set_result(["other"])
    answer = question.answer()
    assert answer is not None
    assert answer.failed == "no topic matches /chat.*/"


def test_starts_are_asked_after_the_ends_and_a_time_past_all_records_is_the_end_before() -> None:
    cluster = Cluster()
    question = StartsQuestion(cluster, [("chat", 0), ("chat", 1), ("chat", 2)], 99)
    assert question.answer() is None
    _, ends = cluster.offsets[0]
    ends["chat", 0].set_result(Offset(5))
    ends["chat", 1].set_result(Offset(6))
    ends["chat", 2].set_exception(failure(KafkaError.LEADER_NOT_AVAILABLE))
    assert question.answer() is None
    since, starts = cluster.offsets[1]
    assert (since, set(starts)) == (99, {("chat", 0), ("chat", 1)})
    starts["chat", 0].set_result(Offset(-1))
    starts["chat", 1].set_result(Offset(2))
    assert question.answer() == {("chat", 0): 5, ("chat", 1): 2}


def test_a_large_cluster_is_listed_less_often() -> None:
    cluster, time = Cluster(), [100.0]
    log = KafkaConversationLog(
        {"bootstrap.servers": "127.0.0.1:9", "group.id": "g"},
        Subscription([], ["chat.*"]),
        cluster,
        Notices(),
        monotonic=lambda: time[0],
    )
    log.ask_ends()
    cluster.names[0].set_result([f"t{number}" for number in range(2000)])
    assert log.ends() is not None
    log.ask_ends()
    assert log.ends() is None
    assert len(cluster.names) == 1
    time[0] += 4
    assert log.ends() is None
    assert len(cluster.names) == 2
    log.close()
