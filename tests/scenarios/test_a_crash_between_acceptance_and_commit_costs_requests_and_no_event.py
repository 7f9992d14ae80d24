"""Everything is accepted, nothing is committed yet, and the process dies: the next one sends all of it again."""

from __future__ import annotations

from typing import Any

import pytest

# The next process waits until the dead one's session has ended.
SOON = {
    "GREENFLASH_KAFKA_KAFKA__PROPERTIES__SESSION_TIMEOUT_MS": "2000",
    "GREENFLASH_KAFKA_KAFKA__PROPERTIES__HEARTBEAT_INTERVAL_MS": "500",
}


@pytest.mark.parametrize("insert_id", ["payload.id", None])
def test_a_crash_between_acceptance_and_commit_costs_requests_and_no_event(
    deployment: Any, until: Any, insert_id: str | None
) -> None:
    deployment.topics(2, insert_id=insert_id)
    deployment.kafka.produce(deployment.topic, deployment.orders(300))
    process = deployment.run(**SOON, GREENFLASH_KAFKA_COMMIT_SECONDS="60")
    until(lambda: deployment.sandbox.stats()["stored"] == 300, "everything to be accepted")
    process.kill()
    # What a new group commits at its start is where it began.
    assert sum(deployment.kafka.committed(deployment.group, deployment.topic).values()) == 0
    summary = deployment.run_until_idle(1, **SOON)
    stats = deployment.sandbox.stats()
    assert (summary["consumed"], summary["accepted"]) == (300, 300)
    assert (stats["stored"], stats["duplicates"], stats["conflicts"]) == (300, 300, 0)
    assert len({event["value"] for event in deployment.sandbox.events()}) == 300, "one fact under two ids"
    assert deployment.kafka.lag(deployment.group, deployment.topic) == 0
