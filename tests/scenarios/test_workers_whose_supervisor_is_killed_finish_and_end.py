"""kill -9 of the supervisor: nobody is left who could be told anything, so the workers finish and end by themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.scenarios.conftest import CLASSIC_QUICKLY


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_workers_whose_supervisor_is_killed_finish_and_end(deployment: Any, until: Any) -> None:
    deployment.topics(4)
    deployment.kafka.produce(deployment.topic, deployment.orders(2000))
    deployment.sandbox.set_faults([{"kind": "delay", "seconds": 0.5, "rate": 1}])
    process = deployment.run("--workers", "2", **CLASSIC_QUICKLY, GREENFLASH_KAFKA_DELIVERY__IN_FLIGHT="16")
    until(lambda: process.sharing() == {1, 2}, "both to have partitions")
    until(lambda: deployment.sandbox.stats()["received"] > 50, "requests under way")
    workers = process.workers().values()
    process.kill()
    until(lambda: not any(map(alive, workers)), "the workers to end")
    stats = deployment.sandbox.stats()
    committed = sum(deployment.kafka.committed(deployment.group, deployment.topic).values())
    assert committed == stats["received"] == stats["stored"] < 2000, "what was sent was answered, and is committed"
