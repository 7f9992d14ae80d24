"""`run --workers`: processes of one group share the work, and end as one: one summary, one exit code, one log."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.scenarios.conftest import CLASSIC_QUICKLY

ORDERS = 3000


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_workers_share_the_partitions_and_end_together(deployment: Any, until: Any, protocol: str) -> None:
    (topic,) = deployment.topics(8)
    deployment.kafka.produce(topic, deployment.orders(ORDERS, paid=2))
    # Nobody gets far before both have their partitions.
    deployment.sandbox.set_faults([{"kind": "delay", "seconds": 1.0, "rate": 1}])
    settings = CLASSIC_QUICKLY if protocol == "classic" else {"GREENFLASH_KAFKA_KAFKA__GROUP_PROTOCOL": protocol}
    process = deployment.run(
        *("--workers", "2", "--until-idle", "1", "--json"), **settings, GREENFLASH_KAFKA_DELIVERY__IN_FLIGHT="16"
    )
    until(lambda: process.sharing() == {1, 2}, "both to have partitions")
    deployment.sandbox.set_faults([])
    assert process.wait() == 0, process.said()[-4000:]
    summary = process.summary()
    did = {line["worker"]: line for line in process.lines("stopped") if "worker" in line}
    assert sorted(did) == [1, 2]
    assert all(each["consumed"] > 0 for each in did.values())
    assert summary["consumed"] == sum(each["consumed"] for each in did.values()) >= ORDERS
    assert summary["accepted"] == sum(each["accepted"] for each in did.values()) >= ORDERS / 2
    assert (summary["committed"], summary["lag"], summary["dead_lettered"]) == (ORDERS, 0, 0)
    assert len(deployment.stored()) == ORDERS / 2
    assert deployment.kafka.lag(deployment.group, topic) == 0
    every = [json.loads(line) for line in process.said().splitlines()]
    assert {line.get("worker") for line in every if line["event"] == "ruleset_loaded"} == {1, 2}


def test_a_worker_without_partitions_keeps_nobody_from_ending(deployment: Any) -> None:
    (topic,) = deployment.topics(1)
    deployment.kafka.produce(topic, deployment.orders(10))
    process = deployment.run("--workers", "2", "--until-idle", "1", "--json", **CLASSIC_QUICKLY)
    assert process.wait() == 0, process.said()[-4000:]
    summary = process.summary()
    assert (summary["accepted"], summary["lag"]) == (10, 0)


def test_a_dry_run_shows_each_event_once_whatever_the_number_of_workers(deployment: Any) -> None:
    (topic,) = deployment.topics(4)
    deployment.kafka.produce(topic, deployment.orders(20))
    process = deployment.run("--dry-run", "--workers", "4", "--until-idle", "1")
    assert process.wait() == 0
    assert process.process.stdout is not None
    shown = [json.loads(line)["insertId"] for line in process.process.stdout.read().splitlines()]
    assert sorted(shown) == sorted(f"upgrade_purchased:o{number}" for number in range(20))
