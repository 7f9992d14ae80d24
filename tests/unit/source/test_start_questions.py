"""Questions to the cluster before a run begins: rights, the dead-letter topic's configuration, and all together."""

from __future__ import annotations

from concurrent.futures import Future

import pytest
from confluent_kafka import KafkaError, KafkaException, Node, Uuid
from confluent_kafka.admin import AclOperation, ConfigEntry, ConsumerGroupDescription, TopicDescription

from greenflash_kafka.errors import ConfigInvalid, NotAllowed
from greenflash_kafka.source.rights import Access, group_refusal
from greenflash_kafka.source.start_questions import GroupAccess, StartQuestions, TopicAccess, TopicSettings

CLIENT = {"bootstrap.servers": "broker:9092", "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "gf"}
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
    asked = TopicAccess(CLIENT, access, {"orders": topic(has)}, 1)
    with pytest.raises(NotAllowed) as refused:
        asked.require()
    assert f"may not {access.lower()} the topic 'orders'" in str(refused.value)
    assert f"kafka-acls.sh --bootstrap-server broker:9092 --add --allow-principal User:gf --operation {access}" in (
        str(refused.value)
    )


def test_a_topic_with_the_right_is_taken() -> None:
    TopicAccess(CLIENT, "Read", {"orders": topic(AclOperation.READ, AclOperation.DESCRIBE)}, 1).require()
    TopicAccess(CLIENT, "Write", {"orders": topic(AclOperation.WRITE)}, 1).require()


def test_a_cluster_that_does_not_tell_rights_is_passed_over_and_the_next_topic_still_counts() -> None:
    silent: TOPIC_ANSWER = Future()
    asked = {"a": topic(), "b": silent, "c": failed(KafkaError._TIMED_OUT), "d": topic(AclOperation.DESCRIBE)}
    with pytest.raises(NotAllowed, match="'d'"):
        TopicAccess(CLIENT, "Read", asked, 0.01).require()  # type: ignore[arg-type]


def test_a_user_that_may_not_be_a_member_is_told_before_it_waits_for_ever() -> None:
    for refusing in (group(AclOperation.DESCRIBE), failed(KafkaError.GROUP_AUTHORIZATION_FAILED)):
        with pytest.raises(NotAllowed, match="--group"):
            GroupAccess(refusing, 1, group_refusal(CLIENT, "g")).require()  # type: ignore[arg-type]


def test_a_member_or_a_group_that_nobody_tells_of_is_taken() -> None:
    silent: GROUP_ANSWER = Future()
    for taken in (group(AclOperation.READ), group(), failed(KafkaError.COORDINATOR_NOT_AVAILABLE), silent):
        GroupAccess(taken, 0.01, "").require()  # type: ignore[arg-type]


def settings(**values: str) -> TopicSettings:
    asked: Future[dict[str, ConfigEntry]] = Future()
    names = {name.replace("_", "."): value for name, value in values.items()}
    asked.set_result({name: ConfigEntry(name, value) for name, value in names.items()})
    return TopicSettings("dead", asked, 1)


def unreadable() -> TopicSettings:
    asked: Future[dict[str, ConfigEntry]] = Future()
    asked.set_exception(KafkaException(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED)))
    return TopicSettings("dead", asked, 1)


@pytest.mark.parametrize("policy", ["compact", "compact,delete"])
def test_a_compacted_topic_is_refused(policy: str) -> None:
    with pytest.raises(ConfigInvalid, match=r"'dead' is compacted.*cleanup\.policy to delete"):
        settings(cleanup_policy=policy).require_for_dead_letters()


def test_a_topic_that_takes_not_even_the_smallest_dead_letter_is_refused_with_both_sizes() -> None:
    taken = settings(cleanup_policy="delete", max_message_bytes="4096")
    taken.require_for_dead_letters(4096)
    with pytest.raises(ConfigInvalid, match=r"takes 4096 bytes at most \(max.message.bytes\).* may take 4097"):
        taken.require_for_dead_letters(4097)


def test_the_limit_is_a_number_or_unknown() -> None:
    assert settings(max_message_bytes="1048588").max_message_bytes == 1048588
    assert settings(cleanup_policy="delete").max_message_bytes is None


def test_a_topic_whose_settings_nobody_tells_is_taken() -> None:
    silent: Future[dict[str, ConfigEntry]] = Future()
    for unknown in (unreadable(), TopicSettings("dead", None, 1), TopicSettings("dead", silent, 0.01)):
        unknown.require_for_dead_letters(10_000)
        assert unknown.max_message_bytes is None


def test_an_answer_is_waited_for_once() -> None:
    asked: Future[dict[str, ConfigEntry]] = Future()
    slow = TopicSettings("dead", asked, 0.01)
    assert slow.max_message_bytes is None
    asked.set_result({"max.message.bytes": ConfigEntry("max.message.bytes", "5")})
    assert slow.max_message_bytes is None, "what was decided by it stays decided"


def dead_letters(**known: str) -> TopicSettings:
    return TopicSettings("dead", None, 1, {name.replace("_", "."): value for name, value in known.items()})


def may_read(name: str, *operations: AclOperation) -> TopicAccess:
    return TopicAccess(CLIENT, "Read", {name: topic(*operations)}, 1)


def test_what_need_not_be_asked_is_no_obstacle() -> None:
    assert StartQuestions().require() is None


def test_the_dead_letter_topics_limit_is_handed_on_for_the_producer() -> None:
    assert (
        StartQuestions(dead_letters(max_message_bytes="100000"), [may_read("a", AclOperation.READ)]).require() == 100000
    )
    assert StartQuestions(dead_letters()).require() is None


def test_each_refusal_stops_the_start() -> None:
    with pytest.raises(ConfigInvalid, match="compacted"):
        StartQuestions(dead_letters(cleanup_policy="compact")).require()
    with pytest.raises(ConfigInvalid, match=r"max\.message\.bytes"):
        StartQuestions(dead_letters(max_message_bytes="10")).require(least_bytes=11)
    with pytest.raises(NotAllowed, match="the topic 'b'"):
        StartQuestions(access=[may_read("a", AclOperation.READ), may_read("b", AclOperation.DESCRIBE)]).require()
    with pytest.raises(NotAllowed, match="--group g"):
        StartQuestions(
            dead_letters(),
            group=GroupAccess(failed(KafkaError.GROUP_AUTHORIZATION_FAILED), 1, group_refusal(CLIENT, "g")),  # type: ignore[arg-type]
        ).require()
