"""SIGTERM: no new sends, the answers of those under way, a commit, exit 0."""

from __future__ import annotations

from typing import Any


def test_sigterm_finishes_what_is_under_way_and_commits_it(deployment: Any, until: Any) -> None:
    deployment.topics(1)
    deployment.kafka.produce(deployment.topic, deployment.orders(1000))
    deployment.sandbox.set_faults([{"kind": "delay", "seconds": 1.0, "rate": 1}])
    process = deployment.run(GREENFLASH_KAFKA_DELIVERY__IN_FLIGHT="16")
    until(lambda: deployment.sandbox.stats()["received"] >= 16, "requests under way")
    assert process.stop() == 0
    received = deployment.sandbox.stats()
    committed = sum(deployment.kafka.committed(deployment.group, deployment.topic).values())
    assert committed == received["received"] == received["stored"] < 1000
    deployment.sandbox.set_faults([])
    deployment.run_until_idle()
    after = deployment.sandbox.stats()
    assert (after["stored"], after["duplicates"]) == (1000, 0)
