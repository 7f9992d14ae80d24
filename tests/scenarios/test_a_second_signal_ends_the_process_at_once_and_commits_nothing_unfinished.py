"""SIGTERM, or Ctrl-C, twice: gone within a second, and what had no answer comes again."""

from __future__ import annotations

import signal
import time
from typing import Any

import pytest


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_the_process_at_once_and_commits_nothing_unfinished(
    deployment: Any, until: Any, number: signal.Signals
) -> None:
    deployment.topics(1)
    deployment.kafka.produce(deployment.topic, deployment.orders(50))
    deployment.sandbox.set_faults([{"kind": "delay", "seconds": 20, "rate": 1}])
    quick = {"GREENFLASH_KAFKA_KAFKA__PROPERTIES__SESSION_TIMEOUT_MS": "2000"}
    process = deployment.run(**quick)
    until(lambda: deployment.sandbox.stats()["received"] == 50, "all of it under way")
    process.process.send_signal(number)
    time.sleep(0.5)  # the first one is being obeyed
    assert process.process.poll() is None
    process.process.send_signal(number)
    assert process.wait(2) == -number
    assert deployment.kafka.committed(deployment.group, deployment.topic) in ({}, {0: 0})
    deployment.sandbox.set_faults([])
    deployment.run_until_idle(**quick)
    assert len(deployment.sandbox.events()) == 50
