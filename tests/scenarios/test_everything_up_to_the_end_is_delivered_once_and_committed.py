"""Three topics of six partitions: what the rules define is stored once, and every offset stands at its end."""

from __future__ import annotations

from typing import Any


def test_everything_up_to_the_end_is_delivered_once_and_committed(deployment: Any) -> None:
    topics = deployment.topics(6, 6, 6)
    for number, topic in enumerate(topics):
        deployment.kafka.produce(topic, deployment.orders(5000, number * 5000, paid=3))
    summary = deployment.run_until_idle()
    wanted = {f"upgrade_purchased:o{number}" for number in range(15000) if number % 3 == 0}
    assert {
        name: summary[name] for name in ("produced", "mapped", "filtered", "dead_lettered", "committed", "lag")
    } == {
        "produced": 15000,
        "mapped": len(wanted),
        "filtered": 15000 - len(wanted),
        "dead_lettered": 0,
        "committed": 15000,
        "lag": 0,
    }
    stats = deployment.sandbox.stats()
    assert (stats["stored"], stats["duplicates"]) == (len(wanted), 0)
    assert set(deployment.stored()) == wanted
    for topic in topics:
        assert deployment.kafka.committed(deployment.group, topic) == deployment.kafka.ends(topic)
