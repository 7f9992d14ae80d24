"""An id that the registry doesn't know is a dead letter after its time; a registry that knows none empties no topic."""

from __future__ import annotations

from typing import Any

from tests.registries.scripted import ScriptedRegistry
from tests.scenarios.framed import TEXT, orders


def test_an_unknown_schema_is_a_dead_letter_once_the_registry_has_known_another(deployment: Any, until: Any) -> None:
    kafka, sandbox = deployment.kafka, deployment.sandbox
    (topic,) = deployment.topics(2)
    kafka.produce(topic, orders(99, 3, partition=0) + orders(7, 10, partition=0))
    registry = ScriptedRegistry()
    try:
        process = deployment.run(
            GREENFLASH_KAFKA_SCHEMA_REGISTRY__URL=registry.url,
            GREENFLASH_KAFKA_SCHEMA_REGISTRY__UNKNOWN_ID_SECONDS="1",
        )
        process.until("schema_wanted")
        # Past its time, it is held all the same: this may be another registry than the producers'.
        until(lambda: len(registry.asked) >= 3, "the question at the end of its time")
        assert kafka.read(deployment.dead_letters) == []
        assert kafka.lag(deployment.group, topic) == 13
        registry.add(8, TEXT)
        registry.add(7, TEXT)
        kafka.produce(topic, orders(8, 5, 100, partition=1))
        until(lambda: sandbox.stats()["stored"] == 15, "the orders of both schemas")
        until(lambda: len(kafka.read(deployment.dead_letters)) == 3, "the dead letters")
        until(lambda: kafka.lag(deployment.group, topic) == 0, "the commits")
        assert len(process.lines("schema_unknown")) == 1
        assert process.stop() == 0
    finally:
        registry.close()
    codes = {dict(each.headers)["greenflash.code"] for each in kafka.read(deployment.dead_letters)}
    assert codes == {b"unknown-schema"}
