"""Questions to the cluster before a run begins."""

from __future__ import annotations

from concurrent.futures import Future

import pytest
from confluent_kafka import KafkaError, KafkaException, Uuid
from confluent_kafka.admin import AclOperation, ConsumerGroupDescription, TopicDescription

from greenflash_kafka.errors import ConfigInvalid, NotAllowed
from greenflash_kafka.source.permission import GroupAccess, TopicAccess
from greenflash_kafka.source.start_questions import StartQuestions
from greenflash_kafka.source.topic_settings import TopicSettings


def dead_letters(**known: str) -> TopicSettings:
    return TopicSettings("dead", None, 1, {name.replace("_", "."): value for name, value in known.items()})


def access(name: str, *operations: AclOperation) -> TopicAccess:
    answer: Future[TopicDescription] = Future()
    answer.set_result(TopicDescription(name, Uuid(1, 2), False, [], list(operations)))
    return TopicAccess("broker:9092", "Read", {name: answer}, 1)


def refused_group() -> GroupAccess:
    answer: Future[ConsumerGroupDescription] = Future()
    answer.set_exception(KafkaException(KafkaError(KafkaError.GROUP_AUTHORIZATION_FAILED)))
    return GroupAccess(answer, 1)


def test_what_need_not_be_asked_is_no_obstacle() -> None:
    assert StartQuestions().require() is None


def test_the_dead_letter_topics_limit_is_handed_on_for_the_producer() -> None:
    assert (
        StartQuestions(dead_letters(max_message_bytes="100000"), [access("a", AclOperation.READ)]).require() == 100000
    )
    assert StartQuestions(dead_letters()).require() is None


def test_each_refusal_stops_the_start() -> None:
    with pytest.raises(ConfigInvalid, match="compacted"):
        StartQuestions(dead_letters(cleanup_policy="compact")).require()
    with pytest.raises(ConfigInvalid, match=r"max\.message\.bytes"):
        StartQuestions(dead_letters(max_message_bytes="10")).require(least_bytes=11)
    with pytest.raises(NotAllowed, match="the topic 'b'"):
        StartQuestions(access=[access("a", AclOperation.READ), access("b", AclOperation.DESCRIBE)]).require()
    with pytest.raises(NotAllowed, match=r"kafka\.group"):
        StartQuestions(dead_letters(), group=refused_group()).require()
