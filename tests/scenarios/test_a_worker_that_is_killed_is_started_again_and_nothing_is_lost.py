"""kill -9 of one worker in the middle of its work: the others go on, it comes back, and all is stored once."""

from __future__ import annotations

import os
import signal
from typing import Any

from tests.scenarios.conftest import CLASSIC_QUICKLY

ORDERS = 2000
ACCEPTED = "greenflash_kafka_events_accepted_total"


def test_a_worker_that_is_killed_is_started_again_and_nothing_is_lost(deployment: Any, until: Any) -> None:
    (topic,) = deployment.topics(8)
    deployment.kafka.produce(topic, deployment.orders(ORDERS))
    deployment.sandbox.set_faults([{"kind": "delay", "seconds": 0.1, "rate": 1}])
    process = deployment.run("--workers", "2", **CLASSIC_QUICKLY, GREENFLASH_KAFKA_DELIVERY__IN_FLIGHT="16")
    until(lambda: process.sharing() == {1, 2}, "both to have partitions")
    until(lambda: process.health()[0] == 200, "the whole run to be ready")
    until(lambda: process.metrics()[ACCEPTED] > 100, "some of the work")
    before = process.metrics()
    assert {f'process_resident_memory_bytes{{worker="{each}"}}' for each in ("supervisor", 1, 2)} <= set(before)
    os.kill(process.workers()[1], signal.SIGKILL)
    until(lambda: "worker_down" in process.health()[1] or "starting" in process.health()[1], "a report of it")
    (ended,) = process.lines("worker_ended", worker=1)
    assert "SIGKILL" in ended["text"]
    assert process.health("live")[0] == 200, "the other one works, so nobody should restart all"
    until(lambda: process.health()[0] == 200, "both to be at work again")
    after = process.metrics()
    assert after[ACCEPTED] >= before[ACCEPTED], "a counter doesn't go back"
    assert after['greenflash_kafka_worker_restarts_total{worker="1"}'] == 1
    assert after["greenflash_kafka_workers_working"] == 2
    until(lambda: len(deployment.stored()) == ORDERS, "everything")
    assert process.stop() == 0
    assert deployment.sandbox.stats()["conflicts"] == 0
    assert deployment.kafka.lag(deployment.group, topic) == 0
    assert deployment.kafka.read(deployment.dead_letters) == []
