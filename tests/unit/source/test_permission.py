"""This user's rights, as the cluster tells them."""

from __future__ import annotations

from concurrent.futures import Future

import pytest
from confluent_kafka import KafkaError, KafkaException, Node, Uuid
from confluent_kafka.admin import AclOperation, ConsumerGroupDescription, TopicDescription

from greenflash_kafka.errors import NotAllowed
from greenflash_kafka.source.permission import Access, GroupAccess, TopicAccess

TOPIC_ANSWER = Future[TopicDescription]
GROUP_ANSWER = Future[ConsumerGroupDescription]


def topic(*operations: AclOperation) -> TOPIC_ANSWER:
    answer: TOPIC_ANSWER = Future()
    answer.set_result(TopicDescription("orders", Uuid(1, 2), False, [], list(operations)))
    return answer


def group(*operations: AclOperation) -> GROUP_ANSWER:
    answer: GROUP_ANSWER = Future()
    node = Node(1, "broker", 9092)
    answer.set_result(ConsumerGroupDescription("g", False, [], "range", "STABLE", node, list(operations)))
    return answer


def failed(code: int) -> Future[object]:
    answer: Future[object] = Future()
    answer.set_exception(KafkaException(KafkaError(code)))
    return answer


@pytest.mark.parametrize(
    ("access", "has"), [("Read", AclOperation.DESCRIBE), ("Write", AclOperation.READ), ("Write", AclOperation.DESCRIBE)]
)
def test_a_topic_without_the_right_is_named_with_the_command_that_grants_it(access: Access, has: AclOperation) -> None:
    asked = TopicAccess("broker:9092", access, {"orders": topic(has)}, 1)
    with pytest.raises(NotAllowed) as refused:
        asked.require()
    assert f"may not {access.lower()} the topic 'orders'" in str(refused.value)
    assert f"kafka-acls.sh --bootstrap-server broker:9092 --add --allow-principal User:NAME --operation {access}" in (
        str(refused.value)
    )


def test_a_topic_with_the_right_is_taken() -> None:
    TopicAccess("b", "Read", {"orders": topic(AclOperation.READ, AclOperation.DESCRIBE)}, 1).require()
    TopicAccess("b", "Write", {"orders": topic(AclOperation.WRITE)}, 1).require()


def test_a_cluster_that_does_not_tell_rights_is_passed_over_and_the_next_topic_still_counts() -> None:
    silent: TOPIC_ANSWER = Future()
    asked = {"a": topic(), "b": silent, "c": failed(KafkaError._TIMED_OUT), "d": topic(AclOperation.DESCRIBE)}
    with pytest.raises(NotAllowed, match="'d'"):
        TopicAccess("b", "Read", asked, 0.01).require()  # type: ignore[arg-type]


def test_a_user_that_may_not_be_a_member_is_told_before_it_waits_for_ever() -> None:
    for refusing in (group(AclOperation.DESCRIBE), failed(KafkaError.GROUP_AUTHORIZATION_FAILED)):
        with pytest.raises(NotAllowed, match=r"kafka\.group"):
            GroupAccess(refusing, 1).require()  # type: ignore[arg-type]


def test_a_member_or_a_group_that_nobody_tells_of_is_taken() -> None:
    silent: GROUP_ANSWER = Future()
    for taken in (group(AclOperation.READ), group(), failed(KafkaError.COORDINATOR_NOT_AVAILABLE), silent):
        GroupAccess(taken, 0.01).require()  # type: ignore[arg-type]
