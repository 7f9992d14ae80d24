"""The registry is down at start, and again later: JSON and known schemas go on, a new one holds its own partition."""

from __future__ import annotations

from typing import Any

from tests.brokers.broker import free_ports
from tests.registries.scripted import ScriptedRegistry
from tests.scenarios.framed import TEXT, orders

FAILED = 'greenflash_kafka_schema_requests_total{code="connect"}'


def test_a_registry_that_is_down_holds_only_what_it_has_not_told(deployment: Any, until: Any) -> None:
    kafka, sandbox = deployment.kafka, deployment.sandbox
    plain, framed = deployment.topics(1, 2)
    kafka.produce(plain, deployment.orders(50))
    kafka.produce(framed, orders(7, 50, partition=0))
    (port,) = free_ports(1)
    process = deployment.run(GREENFLASH_KAFKA_SCHEMA_REGISTRY__URL=f"http://localhost:{port}")
    until(lambda: sandbox.stats()["stored"] == 50, "the orders in JSON")
    until(lambda: process.metrics().get(FAILED, 0) > 0, "a question that nobody answers")
    assert sandbox.stats()["stored"] == 50
    registry = ScriptedRegistry(port=port)
    registry.add(7, TEXT)
    try:
        until(lambda: sandbox.stats()["stored"] == 100, "the orders in Avro, once the registry is there")
        registry.close()
        # The id 8 is new, and stands in the other partition.
        kafka.produce(framed, orders(8, 20, 100, partition=1))
        kafka.produce(framed, orders(7, 30, 50, partition=0))
        kafka.produce(plain, deployment.orders(50, 50))
        until(lambda: sandbox.stats()["stored"] == 180, "what is known, without the registry")
        registry = ScriptedRegistry(port=port)
        registry.add(8, TEXT)
        until(lambda: sandbox.stats()["stored"] == 200, "the new schema's orders")
        assert process.stop() == 0
    finally:
        registry.close()
    assert kafka.read(deployment.dead_letters) == []
    assert kafka.lag(deployment.group, plain) == kafka.lag(deployment.group, framed) == 0
    assert sandbox.stats()["received"] == 200, "nothing was sent twice"
