"""Whether a topic is compacted, as its configuration says; where nobody says it, it may be."""

from __future__ import annotations

from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from greenflash_kafka.source.compaction import Compaction


class Cluster:
    """Answers with one future, whatever is asked; `asked` are the names."""

    def __init__(self, answer: Future[Any] | None) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def ask_settings(self, name: str) -> Future[Any] | None:
        self.asked.append(name)
        return self.answer


@pytest.mark.parametrize(
    ("policy", "compacted"), [("delete", False), ("compact", True), ("compact,delete", True), (None, True)]
)
def test_a_topic_is_asked_once_and_nothing_is_said_before_the_answer(policy: str | None, compacted: bool) -> None:
    answer: Future[Any] = Future()
    cluster = Cluster(answer)
    compaction = Compaction(cluster)
    assert compaction.of("crm") is None
    answer.set_result({} if policy is None else {"cleanup.policy": SimpleNamespace(value=policy)})
    assert [compaction.of("crm"), compaction.of("crm")] == [compacted, compacted]
    assert cluster.asked == ["crm"]


def test_who_may_not_ask_takes_a_topic_for_compacted() -> None:
    refused: Future[Any] = Future()
    refused.set_exception(KafkaException(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED)))
    assert Compaction(Cluster(refused)).of("crm") is True
    assert Compaction(Cluster(None)).of("crm") is True
    assert Compaction(Cluster(refused)).settled("crm", 1.0) is True
    assert Compaction(Cluster(None)).settled("crm", 1.0) is True


def test_who_waits_has_the_answer_or_takes_the_topic_for_compacted() -> None:
    silent: Future[Any] = Future()
    assert Compaction(Cluster(silent)).settled("crm", 0.01) is True
    silent.set_result({"cleanup.policy": SimpleNamespace(value="delete")})
    assert Compaction(Cluster(silent)).settled("crm", 0.01) is False
