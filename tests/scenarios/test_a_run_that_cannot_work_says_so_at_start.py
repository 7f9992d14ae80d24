"""Refused key, missing dead-letter topic, no broker, broken rules: an exit code, and what to do."""

from __future__ import annotations

from typing import Any


def test_a_refused_key_ends_the_process(deployment: Any) -> None:
    deployment.topics(1)
    deployment.key_file.write_text("somebody-elses-key")
    process = deployment.run()
    assert process.wait() == 1
    assert "refused the API key" in process.said()
    assert "somebody-elses-key" not in process.said()


def test_the_dead_letter_topic_must_exist(deployment: Any) -> None:
    deployment.topics(1)
    process = deployment.run("--dead-letter-topic", "no-such-topic")
    assert process.wait() == 1
    assert "--create --topic no-such-topic" in process.said()


def test_the_dead_letter_topic_can_not_be_one_that_is_read(deployment: Any) -> None:
    (topic,) = deployment.topics(1)
    deployment.kafka.produce(topic, [b"no JSON"])
    process = deployment.run("--dead-letter-topic", topic)
    assert process.wait() == 2
    assert f"orders.yaml:2:19: {topic} is the dead-letter topic" in process.said()
    assert deployment.kafka.ends(topic) == {0: 1}


def test_a_dry_run_has_no_dead_letter_topic_that_could_be_read(deployment: Any) -> None:
    (topic,) = deployment.topics(1)
    deployment.kafka.produce(topic, [b"no JSON"])
    process = deployment.run("--dead-letter-topic", topic, "--dry-run", "--until-idle", "1")
    assert process.wait() == 0, process.said()
    assert deployment.kafka.ends(topic) == {0: 1}


def test_a_broker_that_nobody_ever_saw(deployment: Any) -> None:
    deployment.topics(1)
    process = deployment.run(KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")
    assert process.wait() == 1
    assert "127.0.0.1:1" in process.said()


def test_broken_rules(deployment: Any) -> None:
    deployment.topics(1)
    rules = deployment.folder / "orders.yaml"
    rules.write_text(rules.read_text().replace("money_minor", "mony_minor"))
    process = deployment.run()
    assert process.wait() == 1
    assert "orders.yaml:10:" in process.said()
    assert "unknown-function" in process.said()


def test_an_unknown_key_in_the_config_file(deployment: Any) -> None:
    config = deployment.folder / "config.yaml"
    config.write_text("kafka:\n  grup: x\n")
    process = deployment.run("--config", str(config))
    assert process.wait() == 2
    assert "config.yaml:2" in process.said()


def test_a_property_that_the_kafka_client_refuses(deployment: Any) -> None:
    deployment.topics(1)
    config = deployment.folder / "config.yaml"
    for mistake in ("no.such.property: x", "queued.max.messages.kbytes: abc", "queue.buffering.max.ms: abc"):
        config.write_text(f"kafka:\n  properties:\n    {mistake}\n")
        process = deployment.run("--config", str(config))
        assert process.wait() == 2
        assert mistake.partition(":")[0] in process.said()
        assert "Correct kafka.properties" in process.said()


def test_certificate_authorities_that_are_none(deployment: Any) -> None:
    deployment.topics(1)
    process = deployment.run(GREENFLASH_KAFKA_GREENFLASH__CA_FILE=str(deployment.folder / "orders.yaml"))
    assert process.wait() == 2
    assert "greenflash.ca_file" in process.said()
