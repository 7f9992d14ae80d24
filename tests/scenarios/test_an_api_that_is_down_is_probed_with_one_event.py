"""While every request fails, one event now and then asks whether it still does; then everything goes out, once."""

from __future__ import annotations

import time
from typing import Any


def test_an_api_that_is_down_is_probed_with_one_event(deployment: Any, until: Any) -> None:
    deployment.topics(3)
    deployment.sandbox.set_faults([{"kind": "status", "status": 503}])
    deployment.kafka.produce(deployment.topic, deployment.orders(500))
    process = deployment.run()
    process.until("delivery_paused")
    seen = [-1]

    def quiet() -> bool:
        """Whether what was in flight when it began is over."""
        time.sleep(0.7)
        seen.append(deployment.sandbox.stats()["received"])
        return seen[-1] == seen[-2]

    until(quiet, "the requests under way to end")
    before, began = seen[-1], time.monotonic()
    time.sleep(3)
    probes = deployment.sandbox.stats()["received"] - before
    assert probes <= (time.monotonic() - began) + 1, "after 1, 2, 5, ... s one event, not the 500"
    deployment.sandbox.set_faults([])
    until(lambda: deployment.sandbox.stats()["stored"] == 500, "the orders after the outage")
    assert process.stop() == 0
    assert "delivery_resumed" in process.said()
    assert deployment.kafka.read(deployment.dead_letters) == []
    assert deployment.kafka.lag(deployment.group, deployment.topic) == 0
