"""librdkafka's mock cluster, driven through the wheel's own library: milliseconds to start, faults on demand.

Not a real broker: no topic ids, no admin requests, no control batches. What users are promised is tested on a
real one; the mock is for speed and for errors that a real broker can't be made to give.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from pathlib import Path

import confluent_kafka

from tests.brokers.kafka import Kafka


class MockCluster:
    """A cluster inside this process. `push_errors` and `broker_up` inject faults."""

    def __init__(self, brokers: int = 1) -> None:
        self.description = f"librdkafka's mock cluster of {brokers}"
        self._library = _library()
        reason = ctypes.create_string_buffer(512)
        configuration = self._library.rd_kafka_conf_new()
        self._library.rd_kafka_conf_set(configuration, b"log_level", b"0", reason, len(reason))
        self._client = self._library.rd_kafka_new(0, configuration, reason, len(reason))
        if not self._client:
            raise RuntimeError(f"librdkafka gave no client for its mock cluster: {reason.value.decode()}")
        self._cluster = self._library.rd_kafka_mock_cluster_new(self._client, brokers)
        # 3 s unless told otherwise, for every first member of a group.
        self._library.rd_kafka_mock_group_initial_rebalance_delay_ms(self._cluster, 0)
        self.bootstrap_servers: str = self._library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()

    def create_topic(self, name: str, partitions: int = 1) -> None:
        """Create a topic; without it one comes into being, with four partitions, when a client asks for it."""
        self._check(self._library.rd_kafka_mock_topic_create(self._cluster, name.encode(), partitions, 1))

    def push_errors(self, api_key: int, codes: Sequence[int]) -> None:
        """Answer the next requests of this kind (8 is OffsetCommit, 1 Fetch, 0 Produce) with these error codes."""
        array = (ctypes.c_int * len(codes))(*codes)
        self._library.rd_kafka_mock_push_request_errors_array(self._cluster, api_key, len(codes), array)

    def broker_up(self, up: bool, broker: int = 1) -> None:
        """Take a broker down (connections break, new ones are refused) or bring it back."""
        change = "up" if up else "down"
        self._check(getattr(self._library, f"rd_kafka_mock_broker_set_{change}")(self._cluster, broker))

    def stop(self) -> None:
        """End the cluster; safe to call twice."""
        if self._client:
            self._library.rd_kafka_mock_cluster_destroy(self._cluster)
            self._library.rd_kafka_destroy(self._client)
            self._client = None

    def _check(self, error: int) -> None:
        if error:
            raise RuntimeError(f"the mock cluster refused: librdkafka error {error}")


class MockKafka(Kafka):
    """The helpers of `Kafka` on a mock cluster, as far as it goes (no deletes, no group administration)."""

    def __init__(self, cluster: MockCluster) -> None:
        super().__init__(cluster.bootstrap_servers)
        self.cluster = cluster

    def create_topic(self, name: str, partitions: int = 1, config: object = None) -> None:
        """Create a topic at once; a mock topic has no configuration."""
        assert not config, "a mock topic takes no configuration"
        self.cluster.create_topic(name, partitions)


def _library() -> ctypes.CDLL:
    package = Path(confluent_kafka.__file__).parent
    # Linux wheels keep it beside the package, macOS wheels inside; it is loaded already, so this finds the same copy.
    found = [*package.parent.glob("confluent_kafka.libs/librdkafka*"), *package.glob(".dylibs/librdkafka*.dylib")]
    if not found:
        raise RuntimeError("this confluent-kafka has no librdkafka of its own: install it from a wheel")
    library = ctypes.CDLL(str(found[0]))
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    for name, result, arguments in (
        ("rd_kafka_conf_new", pointer, []),
        ("rd_kafka_conf_set", number, [pointer, text, text, text, ctypes.c_size_t]),
        ("rd_kafka_new", pointer, [number, pointer, text, ctypes.c_size_t]),
        ("rd_kafka_destroy", None, [pointer]),
        ("rd_kafka_mock_cluster_new", pointer, [pointer, number]),
        ("rd_kafka_mock_cluster_bootstraps", text, [pointer]),
        ("rd_kafka_mock_cluster_destroy", None, [pointer]),
        ("rd_kafka_mock_topic_create", number, [pointer, text, number, number]),
        ("rd_kafka_mock_group_initial_rebalance_delay_ms", None, [pointer, ctypes.c_int32]),
        ("rd_kafka_mock_broker_set_up", number, [pointer, ctypes.c_int32]),
        ("rd_kafka_mock_broker_set_down", number, [pointer, ctypes.c_int32]),
        ("rd_kafka_mock_push_request_errors_array", None, [pointer, ctypes.c_int16, ctypes.c_size_t, pointer]),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library
