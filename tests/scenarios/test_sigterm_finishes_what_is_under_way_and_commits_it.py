"""SIGTERM: no new sends, the answers of those under way, a commit, exit 0; 1 if what was sent isn't committed."""

from __future__ import annotations

import re
import socket
from typing import Any


def test_sigterm_finishes_what_is_under_way_and_commits_it(deployment: Any, until: Any) -> None:
    deployment.topics(1)
    deployment.kafka.produce(deployment.topic, deployment.orders(1000))
    deployment.sandbox.set_faults([{"kind": "delay", "seconds": 1.0, "rate": 1}])
    process = deployment.run(GREENFLASH_KAFKA_DELIVERY__IN_FLIGHT="16")
    until(lambda: deployment.sandbox.stats()["received"] >= 16, "requests under way")
    assert process.stop() == 0
    received = deployment.sandbox.stats()
    committed = sum(deployment.kafka.committed(deployment.group, deployment.topic).values())
    assert committed == received["received"] == received["stored"] < 1000
    deployment.sandbox.set_faults([])
    deployment.run_until_idle()
    after = deployment.sandbox.stats()
    assert (after["stored"], after["duplicates"]) == (1000, 0)


def test_what_an_outage_keeps_from_being_finished_is_counted_and_the_exit_code_says_so(deployment: Any) -> None:
    deployment.topics(1)
    deployment.kafka.produce(deployment.topic, deployment.orders(50))
    deployment.sandbox.set_faults([{"kind": "status", "status": 500, "rate": 1}])
    process = deployment.run()
    process.until("delivery_paused")
    assert process.stop() == 1
    found = re.search(r'"unanswered": 0, "uncommitted": ([0-9]+)}', process.said())
    assert found is not None
    assert 0 < int(found[1]) <= deployment.sandbox.stats()["received"]
    assert f"{found[1]} sent and not committed" in process.said()
    assert deployment.kafka.lag(deployment.group, deployment.topic) == 50


def test_a_process_that_waits_for_the_brokers_as_it_starts_ends_at_once(deployment: Any) -> None:
    deployment.topics(1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        process = deployment.run(KAFKA_BOOTSTRAP_SERVERS=f"127.0.0.1:{silent.getsockname()[1]}")
        process.until("ruleset_loaded")
        assert process.stop() == 0
    assert not process.lines("stopped")
