"""kill -9, five times, in the middle of the work, against an API that fails in seven ways."""

from __future__ import annotations

import random
import time
from typing import Any

COUNT = 6000

SEVEN_WAYS = [
    {"kind": "status", "status": 503, "rate": 0.03},
    {"kind": "status", "status": 429, "headers": {"retry-after": "0.2"}, "rate": 0.003},
    {"kind": "reset", "rate": 0.03},
    {"kind": "reply_lost", "rate": 0.05},
    {"kind": "html", "rate": 0.03},
    {"kind": "not_success", "rate": 0.03},
    {"kind": "delay", "seconds": 0.3, "rate": 0.03},
]


def test_a_process_killed_at_any_moment_loses_nothing_and_stores_nothing_twice(deployment: Any) -> None:
    topics = deployment.topics(6, 6, 6)
    for number, topic in enumerate(topics):
        deployment.kafka.produce(topic, deployment.orders(COUNT, number * COUNT, paid=2))
    deployment.sandbox.set_faults(SEVEN_WAYS)
    chance = random.Random(7)
    fast = {"GREENFLASH_KAFKA_KAFKA__PROPERTIES__SESSION_TIMEOUT_MS": "6000"}
    for _ in range(5):
        before = deployment.sandbox.stats()["received"]
        process = deployment.run(**fast)
        deadline = time.monotonic() + 60
        while deployment.sandbox.stats()["received"] < before + 200:
            assert time.monotonic() < deadline, process.said()[-3000:]
            time.sleep(0.02)
        time.sleep(chance.random() * 0.5)
        process.kill()
    deployment.run_until_idle(1, **fast)
    stored = deployment.stored()
    wanted = {f"upgrade_purchased:o{number}": number for number in range(3 * COUNT) if number % 2 == 0}
    assert set(stored) == set(wanted)
    assert len(deployment.sandbox.events()) == len(wanted), "stored twice"
    assert {each: event["value"] for each, event in stored.items()} == {
        each: f"{cents // 100}.{cents % 100:02}" for each, cents in wanted.items()
    }
    assert deployment.kafka.read(deployment.dead_letters) == []
    for topic in topics:
        assert deployment.kafka.committed(deployment.group, topic) == deployment.kafka.ends(topic)
