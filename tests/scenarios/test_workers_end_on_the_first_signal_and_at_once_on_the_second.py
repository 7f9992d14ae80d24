"""SIGTERM and Ctrl-C with workers, from wherever they come: once is in order, twice is at once."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import pytest

from tests.scenarios.conftest import CLASSIC_QUICKLY


@pytest.fixture
def busy(deployment: Any, until: Any) -> Any:
    """Two workers with requests under way, each of which takes its time."""
    deployment.topics(4)
    deployment.kafka.produce(deployment.topic, deployment.orders(2000))
    deployment.sandbox.set_faults([{"kind": "delay", "seconds": 1.0, "rate": 1}])
    process = deployment.run("--workers", "2", "--json", **CLASSIC_QUICKLY, GREENFLASH_KAFKA_DELIVERY__IN_FLIGHT="16")
    until(lambda: process.sharing() == {1, 2}, "both to have partitions")
    until(lambda: deployment.sandbox.stats()["received"] > 40, "requests under way")
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("to_all", [False, True])
def test_what_is_under_way_is_finished(deployment: Any, busy: Any, number: int, to_all: bool) -> None:
    # systemd sends it to every process of the unit, a terminal to every process of the group.
    for pid in (busy.process.pid, *(busy.workers().values() if to_all else ())):
        os.kill(pid, number)
    assert busy.wait() == 0, busy.said()[-3000:]
    stats, summary = deployment.sandbox.stats(), busy.summary()
    committed = sum(deployment.kafka.committed(deployment.group, deployment.topic).values())
    assert committed == stats["received"] == stats["stored"] == summary["accepted"] == summary["committed"] < 2000
    assert busy.lines("worker_ended") == []


def test_a_second_one_ends_everything_at_once(busy: Any) -> None:
    busy.process.send_signal(signal.SIGTERM)
    time.sleep(0.2)  # two signals at one moment are one
    began = time.monotonic()
    busy.process.send_signal(signal.SIGTERM)
    assert busy.wait() == -signal.SIGTERM
    assert time.monotonic() - began < 20, "draining takes 30"
    assert not any(os.path.exists(f"/proc/{pid}") for pid in busy.workers().values())
