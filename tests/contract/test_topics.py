"""Topic metadata from a real cluster."""

from __future__ import annotations

import pytest

from greenflash_kafka.errors import ConfigInvalid, TopicMissing
from greenflash_kafka.source import properties
from greenflash_kafka.source.topics import Topics
from tests.brokers.kafka import Kafka


@pytest.fixture
def topics(kafka: Kafka) -> Topics:
    return Topics(properties.admin(properties.ClientSettings(kafka.bootstrap_servers)))


def test_a_topic_that_is_deleted_and_created_again_has_another_id(kafka: Kafka, topics: Topics) -> None:
    name, other = kafka.topic(), kafka.topic()
    first = topics.ids([name, other])
    assert len(set(first.values())) == 2
    assert all(topic_id and not set(topic_id) & set("/+") and topic_id != "-" for topic_id in first.values())
    assert topics.ids([name]) == {name: first[name]}
    kafka.delete_topic(name)
    assert topics.ids([name, other]) == {name: None, other: first[other]}
    kafka.create_topic(name)
    assert topics.ids([name])[name] not in (None, first[name])


def test_a_question_is_asked_without_waiting_and_answered_later(kafka: Kafka, topics: Topics) -> None:
    name = kafka.topic()
    topics.start_id_query([name, "missing-one"])
    answer = topics.poll_ids(10)
    assert answer is not None
    assert set(answer) == {name}
    assert topics.poll_ids(0) is None, "an answer is given once"


def test_the_cluster_has_an_id_and_is_no_mock(topics: Topics) -> None:
    assert topics.cluster_id() not in ("", "-")
    assert not topics.is_mock()


def test_the_dead_letter_topic_is_checked_and_never_created(kafka: Kafka, topics: Topics) -> None:
    with pytest.raises(TopicMissing, match="--create --topic not-there"):
        topics.require_dead_letters("not-there")
    assert "not-there" not in topics.partitions()
    assert topics.require_dead_letters(kafka.topic(config={"max.message.bytes": "5000"})) == 5000
    with pytest.raises(ConfigInvalid, match="compacted"):
        topics.require_dead_letters(kafka.topic(config={"cleanup.policy": "compact"}))
    with pytest.raises(ConfigInvalid, match=r"takes 300 bytes at most .*may take 5000"):
        topics.require_dead_letters(kafka.topic(config={"max.message.bytes": "300"}), least_bytes=5000)


def test_patterns_match_whole_names(kafka: Kafka, topics: Topics) -> None:
    # A cluster of one's own may still have the topics of the last run.
    outbox = kafka.name("outbox")
    one, two = kafka.topic(2, what=f"{outbox}.orders"), kafka.topic(what=f"{outbox}.returns")
    assert topics.matching([], [rf"{outbox}\.orders-.*"]) == {one: 2}
    assert topics.matching([two, "nope"], [outbox]) == {two: 1}
