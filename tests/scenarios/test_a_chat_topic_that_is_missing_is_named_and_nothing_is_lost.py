"""A conversation topic that isn't there: named at start, a run until idle ends with 1, and later all is linked."""

from __future__ import annotations

from typing import Any

from tests.scenarios.linked import Linked


def test_a_chat_topic_that_is_missing_is_named_and_nothing_is_lost(deployment: Any, until: Any) -> None:
    name = deployment.kafka.name("chats")
    linked = Linked(deployment, chats=name)
    linked.order(1, "ann")
    process = linked.run("--until-idle", "1", "--json")
    until(lambda: process.lines("topic_missing", topic=name), "the topic to be named")
    assert process.wait() == 1, "it isn't idle, and doesn't hang"
    assert process.summary()["blocked_by"] == [
        f"messages wait for conversations: topic {name} doesn't exist (or this user may not describe it)"
    ]
    assert linked.links() == {}
    linked.run_until_idle(GREENFLASH_KAFKA_LINKING__GIVE_UP_AFTER="1")
    assert linked.links() == {"o1": None}, "who prefers that gets its events without links"
    deployment.kafka.create_topic(name)
    linked.chat("c-1", "ann")
    linked.order(2, "ann")
    linked.run_until_idle()
    assert linked.links() == {"o1": None, "o2": "c-1"}
