"""No descriptor is left for a connection to Greenflash; later there is. Health and metrics answer all the time."""

from __future__ import annotations

import os
import resource
from pathlib import Path
from typing import Any

SHORT = 'greenflash_kafka_http_requests_total{code="descriptors"}'


def test_a_process_without_file_descriptors_waits_and_goes_on(deployment: Any, until: Any) -> None:
    deployment.topics(3)
    process = deployment.run()
    process.until("partitions_assigned")
    pid = process.process.pid
    _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    used = max(int(each) for each in os.listdir(Path(f"/proc/{pid}/fd"))) + 1
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used, hard))
    deployment.kafka.produce(deployment.topic, deployment.orders(2000))
    # Each look is a connection of its own to the process that has no descriptor left.
    until(lambda: process.metrics().get(SHORT, 0) > 20, "requests without a descriptor")
    assert process.health("live")[0] == 200
    assert deployment.sandbox.stats()["stored"] < 2000, "it never was short of descriptors"
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (hard, hard))
    until(lambda: deployment.sandbox.stats()["stored"] == 2000, "everything to be stored")
    for line in process.lines("delivery_paused"):
        assert line["code"] == "descriptors"
        assert "this process's own limit, not Greenflash" in line["text"]
    assert process.stop() == 0
    assert len(deployment.sandbox.events()) == 2000
    assert deployment.kafka.lag(deployment.group, deployment.topic) == 0
    assert deployment.kafka.read(deployment.dead_letters) == []
