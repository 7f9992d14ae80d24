"""The interface of every test broker: an address, a line of description, and a way to stop it."""

from __future__ import annotations

import socket
import time
from typing import Protocol

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

KAFKA_VERSION = "4.3.1"
OLD_KAFKA_VERSION = "3.5.2"
"""One without KIP-848, for what has to be said of it; always from Maven."""


class BrokerUnavailable(Exception):
    """No broker could be had; the text says what was tried and what to do next."""


class Broker(Protocol):
    """A running Kafka cluster. `description` is what the test run prints: `Apache Kafka 4.3.1 from Maven`."""

    description: str
    bootstrap_servers: str

    def stop(self) -> None:
        """Stop it and remove what it left; safe to call twice."""
        ...


class GivenBroker:
    """Someone else's cluster, named by an environment variable; `stop` leaves it alone."""

    def __init__(self, bootstrap_servers: str) -> None:
        self.bootstrap_servers = bootstrap_servers
        self.description = "the cluster of KAFKA_BOOTSTRAP_SERVERS"

    def stop(self) -> None:
        """Nothing: we didn't start it."""


def answers(bootstrap_servers: str, seconds: float) -> bool:
    """Whether a metadata request is answered with at least one broker within `seconds`."""
    # Without its own logger librdkafka writes every refused connection to stderr while the broker is coming up.
    admin = AdminClient({"bootstrap.servers": bootstrap_servers, "log_level": 0, "reconnect.backoff.max.ms": 200})
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if admin.list_topics(timeout=min(1.0, seconds)).brokers:
                return True
        except KafkaException:
            admin.poll(0.05)
    return False


_given: set[int] = set()


def free_ports(count: int) -> list[int]:
    """Loopback ports that were free a moment ago, all different, also from those that this process got before."""
    probes: list[socket.socket] = []
    found: list[int] = []
    try:
        while len(found) < count:
            probe = socket.socket()
            probes.append(probe)
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
            if port not in _given:
                found.append(port)
        _given.update(found)
        return found
    finally:
        for probe in probes:
            probe.close()
