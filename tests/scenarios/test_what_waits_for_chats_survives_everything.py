"""A process killed while an order waits, a torn table, a chat topic that is made anew: links are right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from greenflash_kafka.model.conversations import SKEW_MS
from greenflash_kafka.sandbox.running import Sandbox
from tests.brokers.kafka import QuickGroups
from tests.scenarios.conftest import CLASSIC_QUICKLY, deployed
from tests.scenarios.linked import Linked, now


def test_a_process_stopped_or_killed_in_mid_wait_links_the_same(deployment: Any, until: Any) -> None:
    linked = Linked(deployment, max_delay="10s")
    process = linked.run()
    process.until("partitions_assigned")
    linked.chat("c-1", "ann")
    at = now()
    linked.order(1, "ann", at)
    waiting = 'greenflash_kafka_messages_waiting{for="horizon"}'
    until(lambda: process.metrics().get(waiting) == 1, "the order to wait")
    assert process.stop() == 0, "what waits keeps nobody: it comes again"
    process = linked.run()
    until(lambda: process.lines("http_serving") and process.metrics().get(waiting) == 1, "the order to wait again")
    process.kill()
    assert linked.links() == {}
    linked.chat("c-2", "ann", at + SKEW_MS + 1)
    linked.run_until_idle()
    assert linked.links() == {"o1": "c-1"}


def test_a_member_that_leaves_in_mid_wait_leaves_its_orders_to_the_other(
    quick_groups: QuickGroups, sandbox: Sandbox, tmp_path: Path, until: Any
) -> None:
    with deployed(quick_groups, sandbox, tmp_path) as deployment:
        linked = Linked(deployment, max_delay="10s")
        members = [linked.run(**CLASSIC_QUICKLY) for _ in range(2)]
        until(lambda: all(each.lines("http_serving") for each in members), "both to run")
        mine = "greenflash_kafka_partitions_assigned"
        until(lambda: all(each.metrics().get(mine) == 1 for each in members), "a partition each")
        linked.chat("c-1", "ann")
        linked.chat("c-2", "bob", partition=1)
        linked.order(1, "ann")
        linked.order(2, "bob", partition=1)
        waiting = 'greenflash_kafka_messages_waiting{for="horizon"}'
        until(lambda: all(each.metrics().get(waiting) == 1 for each in members), "both orders to wait")
        members[0].kill()
        until(lambda: linked.links() == {"o1": "c-1", "o2": "c-2"}, "both events")
        assert deployment.sandbox.stats()["conflicts"] == 0


def test_a_table_that_is_torn_is_thrown_away(deployment: Any) -> None:
    linked = Linked(deployment)
    linked.chat("c-1", "ann")
    linked.order(1, "ann")
    linked.run_until_idle()
    files = [each for each in linked.directory.rglob("*") if each.is_file() and each.stat().st_size > 4096]
    assert files
    for each in files:
        whole = each.read_bytes()
        each.write_bytes(whole[:2000] + b"\x7f" * (len(whole) - 3000))
    linked.order(2, "ann")
    linked.run_until_idle()
    assert linked.links() == {"o1": "c-1", "o2": "c-1"}
    assert deployment.processes[-1].lines("conversations_rebuilt")


def test_a_chat_topic_that_is_created_again_is_read_again(deployment: Any, until: Any) -> None:
    linked = Linked(deployment)
    for number in range(5):
        linked.chat(f"c-{number}", "ann")
    linked.order(1, "ann")
    process = linked.run()
    until(lambda: linked.links() == {"o1": "c-4"}, "the first event")
    deployment.kafka.delete_topic(linked.chats)
    deployment.kafka.create_topic(linked.chats, 2)
    linked.chat("c-new", "ann")
    linked.order(2, "ann")
    until(lambda: "o2" in linked.links(), "the second event")
    assert linked.links()["o2"] == "c-new"
    assert process.lines("conversations_rebuilt")
    assert process.stop() == 0
