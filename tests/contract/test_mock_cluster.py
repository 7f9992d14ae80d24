"""Questions about conversation topics on librdkafka's mock cluster, which the demo runs on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from greenflash_kafka.source.admin import NO_ID, AdminQueries
from greenflash_kafka.source.log_questions import EndsQuestion, StartsQuestion
from greenflash_kafka.source.subscription import Subscription
from tests.brokers.kafka import Record
from tests.brokers.mock import MockKafka
from tests.waiting import until

T = TypeVar("T")


def answer(ask: Callable[[], T | None], what: str) -> T:
    got: list[T] = []

    def asked() -> bool:
        found = ask()
        got.extend([] if found is None else [found])
        return bool(got)

    until(asked, what)
    return got[0]


def test_the_mock_cluster_tells_partitions_and_ends_and_is_read_from_its_beginning(mock_kafka: MockKafka) -> None:
    topic = mock_kafka.topic(2, "chats")
    mock_kafka.produce(topic, [Record(b"a", partition=0)])
    cluster = AdminQueries({"bootstrap.servers": mock_kafka.bootstrap_servers})
    assert cluster.is_mock()
    ends = answer(EndsQuestion(Subscription([topic], ()), cluster, asked=7).answer, "the ends")
    assert (ends.asked, ends.failed) == (7, "")
    assert {key[1]: (each.topic_id, each.begin, each.end) for key, each in ends.partitions.items()} == {
        0: (NO_ID, 0, 1),
        1: (NO_ID, 0, 0),
    }
    starts = answer(StartsQuestion(cluster, list(ends.partitions), since=1_795_000_000_000).answer, "the starts")
    assert set(starts.values()) == {0}, "all of it, in place of a part that it can't find"
