"""The key is revoked while running: everything waits, nothing is lost; the new key file is read without a restart."""

from __future__ import annotations

import time
from typing import Any


def test_a_refused_key_is_waited_for_and_read_again(deployment: Any, until: Any) -> None:
    deployment.topics(3)
    deployment.kafka.produce(deployment.topic, deployment.orders(100))
    process = deployment.run()
    until(lambda: deployment.sandbox.stats()["stored"] == 100, "the first orders")
    deployment.sandbox.rotate_key("scenario-key-2")
    deployment.kafka.produce(deployment.topic, deployment.orders(100, 100))
    process.until("delivery_paused")
    time.sleep(2)
    assert process.process.poll() is None
    assert deployment.sandbox.stats()["stored"] == 100
    assert sum(deployment.kafka.committed(deployment.group, deployment.topic).values()) == 100
    deployment.key_file.write_text("scenario-key-2\n")
    until(lambda: deployment.sandbox.stats()["stored"] == 200, "the orders after the rotation")
    assert process.stop() == 0
    assert deployment.kafka.read(deployment.dead_letters) == []
    assert deployment.kafka.lag(deployment.group, deployment.topic) == 0
    assert "scenario-key" not in process.said()
