"""The registry refuses the password; it is corrected in its file: nothing is lost, nothing becomes a dead letter."""

from __future__ import annotations

from typing import Any

from tests.registries import scripted
from tests.registries.scripted import ScriptedRegistry
from tests.scenarios.framed import TEXT, orders


def test_a_registry_that_refuses_us_is_asked_with_the_secret_read_again(deployment: Any, until: Any) -> None:
    (topic,) = deployment.topics(1)
    deployment.kafka.produce(topic, orders(7, 20))
    secret = deployment.folder / "registry-user"
    secret.write_text("ann:registry-old-password\n")
    registry = ScriptedRegistry()
    registry.add(7, TEXT)
    registry.authorized = scripted.basic("ann:registry-new-password")
    try:
        properties = f'{{basic.auth.user.info: "${{file:{secret}}}"}}'
        config = f"schema_registry: {{url: '{registry.url}', properties: {properties}}}\n"
        (deployment.folder / "greenflash-kafka.yaml").write_text(config)
        process = deployment.run()
        process.until("schema_registry_refused")
        until(lambda: "schema_registry_refused" in process.health()[1], "the condition")
        assert deployment.sandbox.stats()["stored"] == 0
        secret.write_text("ann:registry-new-password\n")
        until(lambda: deployment.sandbox.stats()["stored"] == 20, "the orders")
        until(lambda: process.health()[0] == 200, "the process to be ready")
        assert process.stop() == 0
    finally:
        registry.close()
    assert deployment.kafka.read(deployment.dead_letters) == []
    assert deployment.kafka.lag(deployment.group, topic) == 0
    assert "registry-old-password" not in process.said()
    assert "registry-new-password" not in process.said()
