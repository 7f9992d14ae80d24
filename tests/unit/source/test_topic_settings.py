"""The dead-letter topic's own configuration."""

from __future__ import annotations

from concurrent.futures import Future

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import ConfigEntry

from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.source.topic_settings import TopicSettings


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
