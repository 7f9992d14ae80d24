"""The demo's traffic on its way to a broker."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

from confluent_kafka.admin import AdminClient

from greenflash_kafka.demo.generate import CHAT_TOPICS, QUIET_TOPICS, create_topics
from greenflash_kafka.demo.made import CHATS
from greenflash_kafka.demo.traffic import TOPICS
from tests.brokers.kafka import Kafka
from tests.brokers.mock import MockKafka


def test_missing_topics_are_created_and_others_left_alone(kafka: Kafka) -> None:
    there, missing = kafka.topic(partitions=1), kafka.name("missing")
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})
    create_topics(admin, (there, missing), 3, lambda: False)
    until = time.monotonic() + 20
    while kafka.partitions(missing) != [0, 1, 2] and time.monotonic() < until:
        time.sleep(0.1)
    assert kafka.partitions(missing) == [0, 1, 2]
    assert kafka.partitions(there) == [0]


def test_it_produces_until_sigterm_and_then_everything_is_confirmed(mock_kafka: MockKafka) -> None:
    for topic in (*TOPICS, *QUIET_TOPICS, *CHAT_TOPICS):
        mock_kafka.create_topic(topic, 2)
    command = [sys.executable, "-m", "greenflash_kafka.demo.generate", "--rate", "400"]
    process = subprocess.Popen(
        [*command, "--bootstrap-servers", mock_kafka.bootstrap_servers], stderr=subprocess.PIPE, text=True
    )
    try:
        until = time.monotonic() + 30
        while sum(len(mock_kafka.read(topic)) for topic in TOPICS) < 40 and time.monotonic() < until:
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=120)
    finally:
        process.kill()
    written = {topic: mock_kafka.read(topic) for topic in (*TOPICS, CHATS)}
    assert process.returncode == 0, said
    assert f"{sum(map(len, written.values()))} messages written, 0 not confirmed" in said
    assert all(written.values())
