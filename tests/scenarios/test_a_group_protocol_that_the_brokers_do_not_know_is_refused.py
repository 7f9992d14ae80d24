"""`kafka.group_protocol: consumer` on Apache Kafka 3.5.2: exit code 2 and the key to set, and doctor says the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.brokers.broker import OLD_KAFKA_VERSION
from tests.brokers.kafka import Kafka
from tests.brokers.maven import MavenBroker

CONSUMER = {"GREENFLASH_KAFKA_KAFKA__GROUP_PROTOCOL": "consumer"}


@pytest.fixture
def kafka() -> Iterator[Kafka]:
    old = MavenBroker(version=OLD_KAFKA_VERSION, heap="256m")
    yield Kafka(old.bootstrap_servers)
    old.stop()


def test_brokers_without_kip_848(deployment: Any) -> None:
    deployment.topics(1)
    deployment.kafka.produce(deployment.topic, deployment.orders(5))
    process = deployment.run(**CONSUMER)
    assert process.wait() == 2
    assert "Set kafka.group_protocol: classic" in process.said()
    doctor = deployment.start("doctor", **CONSUMER)
    assert doctor.wait() == 1
    said = doctor.process.stdout.read()
    assert "FAILED   group protocol" in said
    assert "Set kafka.group_protocol: classic" in said
    deployment.run_until_idle()
    assert len(deployment.stored()) == 5
