"""Apache Kafka's official image, run by testcontainers."""

from __future__ import annotations

import docker
from docker.errors import DockerException
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from tests.brokers.broker import KAFKA_VERSION, BrokerUnavailable, answers, free_ports

IMAGE = f"apache/kafka:{KAFKA_VERSION}"


class ContainerBroker:
    """One KRaft container on a free loopback port."""

    def __init__(self) -> None:
        self.description = f"Apache Kafka {KAFKA_VERSION} in a container ({IMAGE})"
        # The port is chosen before the start because the broker has to be told the address that it hands out.
        (port,) = free_ports(1)
        self.bootstrap_servers = f"127.0.0.1:{port}"
        self._container = DockerContainer(IMAGE).with_bind_ports(9092, port)
        for name, value in _environment(port).items():
            self._container.with_env(name, value)
        self._container.waiting_for(LogMessageWaitStrategy("Kafka Server started"))
        try:
            self._container.start()
        except Exception as failure:  # testcontainers passes on whatever Docker, HTTP and its own waiting raise
            raise BrokerUnavailable(
                f"testcontainers couldn't start {IMAGE}: {failure}\n"
                "Where its reaper's image can't be pulled, set TESTCONTAINERS_RYUK_DISABLED=true"
            ) from failure
        if not answers(self.bootstrap_servers, 30):
            self.stop()
            raise BrokerUnavailable(f"{IMAGE} runs but doesn't answer at {self.bootstrap_servers}")

    def stop(self) -> None:
        """Stop and remove the container and its volumes."""
        self._container.stop()


def why_no_container() -> str | None:
    """Why the image can't be run here, or None when it can; pulls it when the engine doesn't have it yet."""
    try:
        quick = docker.from_env(timeout=5)
        quick.ping()
    except DockerException:
        return "no Docker engine answers"
    try:
        if not quick.images.list(name=IMAGE):
            docker.from_env(timeout=120).images.pull(IMAGE)
    except DockerException:
        return f"Docker can't get {IMAGE}"
    return None


def _environment(port: int) -> dict[str, str]:
    return {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "4",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS": "4",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "500",
        "KAFKA_GROUP_CONSUMER_MIN_SESSION_TIMEOUT_MS": "500",
        "KAFKA_GROUP_CONSUMER_MIN_HEARTBEAT_INTERVAL_MS": "100",
        "KAFKA_GROUP_CONSUMER_HEARTBEAT_INTERVAL_MS": "500",
        "KAFKA_LOG_CLEANER_BACKOFF_MS": "500",
    }
