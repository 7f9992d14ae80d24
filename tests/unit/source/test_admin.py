"""Questions to a cluster without ids and controller (librdkafka's mock), and to none at all; see contract/ too."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from confluent_kafka import Producer

from greenflash_kafka.errors import BrokerUnreachable, TopicMissing
from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import NO_ID, AdminQueries
from greenflash_kafka.source.start_questions import require_topic, topic_settings


@pytest.fixture(scope="module")
def mock_cluster() -> Iterator[str]:
    owner = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "none", "log_level": 0})
    owner.produce("orders", b"x")
    owner.flush(60)
    brokers = owner.list_topics(timeout=60).brokers.values()
    yield ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
    del owner


def cluster_at(servers: str, timeout: float = 30) -> AdminQueries:
    settings = properties.ClientSettings(servers, properties={"log_level": "0"})
    return AdminQueries(properties.admin(settings), timeout=timeout)


def test_the_mock_cluster_has_no_topic_ids_and_is_not_asked_for_them(mock_cluster: str) -> None:
    cluster = cluster_at(mock_cluster, timeout=60)
    before = time.monotonic()
    assert cluster.is_mock()
    assert cluster.ids(["orders", "returns"]) == {"orders": NO_ID, "returns": NO_ID}
    cluster.start_id_query(["orders"])
    assert cluster.poll_ids(0) == {"orders": NO_ID}
    assert cluster.poll_ids(0) is None
    assert topic_settings(cluster, "orders").max_message_bytes is None
    assert time.monotonic() - before < 60, "asked, it would have waited for the whole time"


def test_topics_are_found_by_name_and_by_pattern(mock_cluster: str) -> None:
    cluster = cluster_at(mock_cluster)
    assert set(cluster.matching(["orders", "nope"], [])) == {"orders"}
    assert set(cluster.matching([], ["ord.*"])) == {"orders"}
    assert cluster.matching([], ["ord"]) == {}


def test_a_missing_topic_is_named_with_the_command_that_creates_it_and_is_not_created(mock_cluster: str) -> None:
    cluster = cluster_at(mock_cluster)
    with pytest.raises(TopicMissing, match=r"dead-letter topic 'dead' .*\n.*--create --topic dead"):
        require_topic(cluster, "dead", "the dead-letter topic")
    require_topic(cluster, "orders", "the topic")
    with pytest.raises(TopicMissing, match=r"--config cleanup\.policy=compact$"):
        require_topic(cluster, "dead", "the topic of --topic", "cleanup.policy=compact")
    assert "dead" not in cluster.partitions()


def test_no_broker_is_said_within_the_time_limit() -> None:
    before = time.monotonic()
    with pytest.raises(BrokerUnreachable, match=r"127\.0\.0\.1:1 .*kafka\.bootstrap_servers"):
        cluster_at("127.0.0.1:1", timeout=0.5).cluster_id()
    assert time.monotonic() - before < 60
    cluster = cluster_at("127.0.0.1:1", timeout=0.5)
    cluster.start_id_query(["orders"])
    assert cluster.poll_ids(0) is None


def test_a_topic_of_nearly_the_missing_name_is_named(mock_cluster: str) -> None:
    assert "did you mean orders?" in cluster_at(mock_cluster).missing(["order"])["order"]
