"""Topics that the mappings name and that aren't there: said in health, in a metric, and with exit code 1."""

from __future__ import annotations

from typing import Any


def name_topics(deployment: Any, *topics: str) -> None:
    rules = deployment.folder / "orders.yaml"
    rules.write_text(rules.read_text().replace(f"topics: [{deployment.topic}]", f"topics: [{', '.join(topics)}]"))


def test_all_are_missing(deployment: Any, until: Any) -> None:
    deployment.topics(1)
    late, never = deployment.kafka.name("late"), deployment.kafka.name("never")
    name_topics(deployment, late, never)
    ending = deployment.run("--until-idle", "1")
    assert ending.wait() == 1
    assert f"topic {late} doesn't exist" in ending.said()
    assert f"topic {never} doesn't exist" in ending.said()
    process = deployment.run(GREENFLASH_KAFKA_KAFKA__PROPERTIES__TOPIC_METADATA_REFRESH_INTERVAL_MS="500")
    until(lambda: process.lines("nothing_to_read"), "it to say that there is nothing")
    status, conditions = process.health()
    assert status == 503
    assert "topic_missing" in conditions
    assert process.metrics()["greenflash_kafka_topics_missing"] == 2
    deployment.kafka.create_topic(late)
    deployment.kafka.produce(late, deployment.orders(5))
    until(lambda: len(deployment.stored()) == 5, "the topic to be read")
    until(lambda: process.health() == (200, []), "it to be ready")
    assert process.metrics()["greenflash_kafka_topics_missing"] == 1
    assert process.stop() == 0


def test_one_of_two_is_missing(deployment: Any) -> None:
    (topic,) = deployment.topics(1)
    deployment.kafka.produce(topic, deployment.orders(50))
    typo = deployment.kafka.name("typo")
    name_topics(deployment, topic, typo)
    process = deployment.run("--until-idle", "1")
    assert process.wait() == 1
    assert f"topic {typo} doesn't exist" in process.said()
    assert len(deployment.stored()) == 50, "what there is to read is done first"
    assert deployment.kafka.lag(deployment.group, topic) == 0
