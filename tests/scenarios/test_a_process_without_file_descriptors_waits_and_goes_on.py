"""No descriptor is left for a connection to Greenflash; later there is."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path
from typing import Any


def test_a_process_without_file_descriptors_waits_and_goes_on(deployment: Any, until: Any) -> None:
    deployment.topics(3)
    process = deployment.run()
    process.until("partitions_assigned")
    pid = process.process.pid
    _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    used = max(int(each) for each in os.listdir(Path(f"/proc/{pid}/fd"))) + 1
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used, hard))
    deployment.kafka.produce(deployment.topic, deployment.orders(2000))
    ends = time.monotonic() + 3
    while time.monotonic() < ends:
        assert process.process.poll() is None, process.said()[-3000:]
        time.sleep(0.1)
    while_short = deployment.sandbox.stats()["stored"]
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (hard, hard))
    until(lambda: deployment.sandbox.stats()["stored"] == 2000, "everything to be stored")
    assert while_short < 2000, "it never was short of descriptors"
    assert process.stop() == 0
    assert len(deployment.sandbox.events()) == 2000
    assert deployment.kafka.lag(deployment.group, deployment.topic) == 0
    assert deployment.kafka.read(deployment.dead_letters) == []
