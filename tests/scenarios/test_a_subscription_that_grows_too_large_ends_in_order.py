"""A pattern comes to match more topics than the Kafka client can read: the run commits what it did, exit code 2."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from greenflash_kafka.cli.main import run


def test_a_subscription_that_grows_too_large(
    deployment: Any, until: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("greenflash_kafka.app.build.MOST_TOPICS", 2)  # 10,000 would take minutes
    kafka = deployment.kafka
    (topic,) = deployment.topics(1)
    family = kafka.name("family")
    rules = deployment.folder / "orders.yaml"
    rules.write_text(rules.read_text().replace(f"topics: [{topic}]", f'topics: [{topic}, "/{family}-.*/"]'))
    kafka.produce(topic, deployment.orders(50))
    late = f"{family}-1"

    def grow() -> None:
        until(lambda: len(deployment.stored()) == 50, "what there is to be read")
        kafka.create_topic(late)
        kafka.produce(late, deployment.orders(10, 50))
        until(lambda: len(deployment.stored()) == 60, "the second topic to be read")
        kafka.create_topic(f"{family}-2")

    environ = {**deployment.environ(), "GREENFLASH_KAFKA_KAFKA__PROPERTIES__TOPIC_METADATA_REFRESH_INTERVAL_MS": "500"}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    growing = threading.Thread(target=grow, daemon=True)
    growing.start()
    assert run(["run"]) == 2
    growing.join(30)
    said = capfd.readouterr().err
    assert f"the mapping files mean 3 topics (/{family}-.*/ matches 2; 1 by name)" in said
    assert kafka.lag(deployment.group, topic) + kafka.lag(deployment.group, late) == 0
