"""Queries of the admin client to a real cluster, and the checks that are made of them."""

from __future__ import annotations

import pytest

from greenflash_kafka.errors import ConfigInvalid, TopicMissing
from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.start_questions import require_dead_letters
from tests.brokers.kafka import Kafka


@pytest.fixture
def cluster(kafka: Kafka) -> AdminQueries:
    return AdminQueries(properties.admin(properties.ClientSettings(kafka.bootstrap_servers)))


def test_a_topic_that_is_deleted_and_created_again_has_another_id(kafka: Kafka, cluster: AdminQueries) -> None:
    name, other = kafka.topic(), kafka.topic()
    first = cluster.ids([name, other])
    assert len(set(first.values())) == 2
    assert all(topic_id and not set(topic_id) & set("/+") and topic_id != "-" for topic_id in first.values())
    assert cluster.ids([name]) == {name: first[name]}
    kafka.delete_topic(name)
    assert cluster.ids([name, other]) == {name: None, other: first[other]}
    kafka.create_topic(name)
    assert cluster.ids([name])[name] not in (None, first[name])


def test_the_cluster_has_an_id_and_is_no_mock(cluster: AdminQueries) -> None:
    assert cluster.cluster_id() not in ("", "-")
    assert not cluster.is_mock()


def test_the_dead_letter_topic_is_checked_and_never_created(kafka: Kafka, cluster: AdminQueries) -> None:
    with pytest.raises(TopicMissing, match="--create --topic not-there"):
        require_dead_letters(cluster, "not-there")
    assert "not-there" not in cluster.partitions()
    assert require_dead_letters(cluster, kafka.topic(config={"max.message.bytes": "5000"})) == 5000
    with pytest.raises(ConfigInvalid, match="compacted"):
        require_dead_letters(cluster, kafka.topic(config={"cleanup.policy": "compact"}))
    with pytest.raises(ConfigInvalid, match=r"takes 300 bytes at most .*may take 5000"):
        require_dead_letters(cluster, kafka.topic(config={"max.message.bytes": "300"}), least_bytes=5000)


def test_patterns_match_whole_names(kafka: Kafka, cluster: AdminQueries) -> None:
    # A cluster of one's own may still have the topics of the last run.
    outbox = kafka.name("outbox")
    one, two = kafka.topic(2, what=f"{outbox}.orders"), kafka.topic(what=f"{outbox}.returns")
    assert cluster.matching([], [rf"{outbox}\.orders-.*"]) == {one: 2}
    assert cluster.matching([two, "nope"], [outbox]) == {two: 1}
