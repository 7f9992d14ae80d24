"""A metadata response without any broker costs librdkafka its brokers: the process ends in order, for the next one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from greenflash_kafka.errors import ClientLost
from tests.brokers.brokerless import BrokerlessProxy
from tests.brokers.kafka import Kafka
from tests.brokers.maven import MavenBroker

SOON = """
from greenflash_kafka.source import lost_clients, membership, topic_ids
membership.GROUP_SECONDS = topic_ids.SILENT_SECONDS = 2.0
lost_clients.TROUBLE_SECONDS = lost_clients.ASK_SECONDS = lost_clients.AGAIN_SECONDS = 2.0
lost_clients.ANSWER_SECONDS = 0.5
from greenflash_kafka.cli.main import run
raise SystemExit(run(["run"]))
"""
"""`greenflash-kafka run`, whose minutes are seconds."""


@pytest.fixture
def kafka(breakable_broker: MavenBroker) -> Kafka:
    """In place of the shared one, which may be anywhere."""
    return Kafka(breakable_broker.bootstrap_servers)


@pytest.fixture
def proxy(kafka: Kafka) -> Iterator[BrokerlessProxy]:
    made = BrokerlessProxy(kafka.bootstrap_servers)
    yield made
    made.close()


def test_a_kafka_client_that_lost_its_brokers_ends_the_process(
    deployment: Any, proxy: BrokerlessProxy, until: Callable[..., None]
) -> None:
    deployment.topics(2)
    deployment.kafka.produce(deployment.topic, deployment.orders(50))
    environ = {
        **os.environ,
        **deployment.environ(),
        "KAFKA_BOOTSTRAP_SERVERS": proxy.bootstrap_servers,
        "GREENFLASH_KAFKA_KAFKA__PROPERTIES__SESSION_TIMEOUT_MS": "1500",
        "GREENFLASH_KAFKA_KAFKA__PROPERTIES__RECONNECT_BACKOFF_MAX_MS": "1000",
        "GREENFLASH_KAFKA_KAFKA__PROPERTIES__TOPIC_METADATA_REFRESH_INTERVAL_MS": "500",
        # Otherwise the clients recover, most of the time.
        "GREENFLASH_KAFKA_KAFKA__PROPERTIES__METADATA_RECOVERY_STRATEGY": "none",
    }
    log = deployment.folder / "lost.log"
    lost = subprocess.Popen([sys.executable, "-c", SOON], env=environ, stderr=log.open("w"), cwd=deployment.folder)
    try:
        until(lambda: len(deployment.stored()) == 50, "the first messages to be delivered")
        until(lambda: deployment.kafka.lag(deployment.group, deployment.topic) == 0, "their commit")
        proxy.without_brokers = True
        until(lambda: "_silent" in log.read_text(), "a client to get no answer")
        proxy.without_brokers = False
        deployment.kafka.produce(deployment.topic, deployment.orders(50, first=50))
        until(lambda: lost.poll() is not None, "it to end")
    finally:
        lost.kill()
    assert lost.returncode == ClientLost.exit_code, log.read_text()[-4000:]
    assert "client_lost" in log.read_text()

    deployment.run_until_idle()
    assert len(deployment.stored()) == 100
