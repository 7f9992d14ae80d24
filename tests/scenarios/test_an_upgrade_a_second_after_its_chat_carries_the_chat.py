"""An order is linked to its user's last chat before it, however short before; a chat that is silent stalls nothing."""

from __future__ import annotations

from typing import Any

from tests.scenarios.linked import Linked, now


def test_an_upgrade_a_second_after_its_chat_carries_the_chat(deployment: Any, until: Any) -> None:
    linked = Linked(deployment)
    process = linked.run()
    process.until("partitions_assigned")
    linked.chat("c-1", "ann", now() - 3_600_000, partition=1)
    at = now() - 1000
    linked.chat("c-2", "ann", at)
    linked.chat("c-3", "bob", at)
    linked.order(1, "ann")
    linked.order(2, "bob", partition=1)
    linked.order(3, "eve", partition=1)
    until(lambda: len(linked.links()) == 3, "the events")
    assert linked.links() == {"o1": "c-2", "o2": "c-3", "o3": None}
    linked.chat("c-4", "ann")
    linked.order(4, "ann")
    until(lambda: len(linked.links()) == 4, "one more event, though nobody chats any more")
    assert linked.links()["o4"] == "c-4"
    until(lambda: process.metrics()['greenflash_kafka_links_total{result="linked",rule="paid"}'] == 3, "the counts")
    assert process.metrics()['greenflash_kafka_links_total{result="none",rule="paid"}'] == 1
    assert process.stop() == 0
