"""Questions to a cluster without ids and controller (librdkafka's mock), and to none at all; see contract/ too."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from confluent_kafka import Producer

from greenflash_kafka.errors import BrokerUnreachable, TopicMissing
from greenflash_kafka.source import properties
from greenflash_kafka.source.topics import NO_ID, Topics


@pytest.fixture(scope="module")
def mock_cluster() -> Iterator[str]:
    owner = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "none", "log_level": 0})
    owner.produce("orders", b"x")
    owner.flush(60)
    brokers = owner.list_topics(timeout=60).brokers.values()
    yield ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
    del owner


def topics_at(servers: str, timeout: float = 30) -> Topics:
    settings = properties.ClientSettings(servers, properties={"log_level": "0"})
    return Topics(properties.admin(settings), timeout=timeout)


def test_the_mock_cluster_has_no_topic_ids_and_is_not_asked_for_them(mock_cluster: str) -> None:
    topics = topics_at(mock_cluster, timeout=60)
    before = time.monotonic()
    assert topics.is_mock()
    assert topics.ids(["orders", "returns"]) == {"orders": NO_ID, "returns": NO_ID}
    topics.start_id_query(["orders"])
    assert topics.poll_ids(0) == {"orders": NO_ID}
    assert topics.poll_ids(0) is None
    assert topics.max_message_bytes("orders") is None
    assert time.monotonic() - before < 60, "asked, it would have waited for the whole time"


def test_topics_are_found_by_name_and_by_pattern(mock_cluster: str) -> None:
    topics = topics_at(mock_cluster)
    assert set(topics.matching(["orders", "nope"], [])) == {"orders"}
    assert set(topics.matching([], ["ord.*"])) == {"orders"}
    assert topics.matching([], ["ord"]) == {}


def test_a_missing_topic_is_named_with_the_command_that_creates_it_and_is_not_created(mock_cluster: str) -> None:
    topics = topics_at(mock_cluster)
    with pytest.raises(TopicMissing, match=r"dead-letter topic 'dead' .*\n.*--create --topic dead"):
        topics.require("dead", "the dead-letter topic")
    topics.require("orders", "the topic")
    assert "dead" not in topics.partitions()


def test_no_broker_is_said_within_the_time_limit() -> None:
    before = time.monotonic()
    with pytest.raises(BrokerUnreachable, match=r"127\.0\.0\.1:1 .*kafka\.bootstrap_servers"):
        topics_at("127.0.0.1:1", timeout=0.5).cluster_id()
    assert time.monotonic() - before < 60
    topics = topics_at("127.0.0.1:1", timeout=0.5)
    topics.start_id_query(["orders"])
    assert topics.poll_ids(0) is None
