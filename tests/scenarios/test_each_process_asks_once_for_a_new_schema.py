"""Two processes of a group meet one new schema, in every partition: each asks the registry once."""

from __future__ import annotations

from typing import Any

from tests.registries.scripted import ScriptedRegistry
from tests.scenarios.framed import TEXT, orders

ASSIGNED = "greenflash_kafka_partitions_assigned"


def test_each_process_asks_once_for_a_new_schema(deployment: Any, until: Any) -> None:
    (topic,) = deployment.topics(4)
    registry = ScriptedRegistry()
    registry.add(7, TEXT)
    try:
        processes = [deployment.run(GREENFLASH_KAFKA_SCHEMA_REGISTRY__URL=registry.url) for _ in range(2)]
        for each in processes:
            each.until("http_serving")
        until(lambda: [each.metrics().get(ASSIGNED) for each in processes] == [2, 2], "two partitions each")
        for partition in range(4):
            deployment.kafka.produce(topic, orders(7, 25, 100 * partition, partition=partition))
        until(lambda: deployment.sandbox.stats()["stored"] == 100, "the orders")
        assert [each.stop() for each in processes] == [0, 0]
    finally:
        registry.close()
    assert registry.asked == ["/schemas/ids/7", "/schemas/ids/7"]
