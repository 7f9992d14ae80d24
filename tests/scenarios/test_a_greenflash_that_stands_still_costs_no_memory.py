"""However much lies in the topic: what is in hand has a bound, and while it is full nothing more is kept."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

MESSAGES = 100_000
MOST_MB = 200.0
"""The process with all its libraries, librdkafka's read-ahead and everything in hand."""
FLAT_MB = 8.0


def _rss_mb(pid: int) -> float:
    """What the process has in memory, as /proc says (proc(5): kB)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (resident,) = (line.split()[1] for line in lines if line.startswith("VmRSS:"))
    return int(resident) / 1024


def test_a_greenflash_that_stands_still_costs_no_memory(deployment: Any) -> None:
    (topic,) = deployment.topics(4)
    filler = b',"filler":"' + b"x" * 900 + b'"}'
    deployment.kafka.produce(topic, (each[:-1] + filler for each in deployment.orders(MESSAGES)))
    deployment.sandbox.set_faults([{"kind": "delay", "seconds": 600, "rate": 1}])
    process = deployment.run(GREENFLASH_KAFKA_GREENFLASH__TIMEOUT_SECONDS="600")
    process.until("consumption_paused")
    samples = []
    ends = time.monotonic() + 4
    while time.monotonic() < ends:
        samples.append(_rss_mb(process.process.pid))
        time.sleep(0.1)
    assert max(samples) < MOST_MB
    assert max(samples) - min(samples) < FLAT_MB, samples
    assert process.process.poll() is None
    assert deployment.sandbox.stats()["received"] <= 128
    assert deployment.kafka.lag(deployment.group, topic) == MESSAGES
    process.kill()
