"""The same deployment twice, under two groups: by mistake, or while one replaces the other."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("insert_id", ["payload.id", None])
def test_two_groups_that_read_the_same_topic_store_every_event_once(deployment: Any, insert_id: str | None) -> None:
    deployment.topics(3, insert_id=insert_id)
    deployment.kafka.produce(deployment.topic, deployment.orders(2000, paid=2))
    groups = [deployment.group, deployment.kafka.name("group")]
    both = [deployment.run("--until-idle", "1", GREENFLASH_KAFKA_KAFKA__GROUP=group) for group in groups]
    for process in both:
        assert process.wait() == 0, process.said()[-3000:]
    stats = deployment.sandbox.stats()
    assert (stats["stored"], stats["duplicates"], stats["conflicts"]) == (1000, 1000, 0)
    assert len({event["value"] for event in deployment.sandbox.events()}) == 1000
    assert [deployment.kafka.lag(group, deployment.topic) for group in groups] == [0, 0]
