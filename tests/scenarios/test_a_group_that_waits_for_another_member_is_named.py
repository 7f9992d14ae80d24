"""A member of the group stands still: whoever comes gets nothing until it is over, and says what it waits for."""

from __future__ import annotations

from typing import Any

from confluent_kafka import Consumer


def test_a_group_that_waits_for_another_member_is_named(deployment: Any, until: Any) -> None:
    deployment.topics(2)
    deployment.kafka.produce(deployment.topic, deployment.orders(20))
    stands_still = Consumer(
        {
            "bootstrap.servers": deployment.kafka.bootstrap_servers,
            "group.id": deployment.group,
            "partition.assignment.strategy": "range",
            "enable.auto.commit": False,
        }
    )
    # Where everything is taken away at each change, it has to poll to give it back, and to join again.
    stands_still.subscribe([deployment.topic], on_assign=lambda *_: None, on_revoke=lambda *_: None)
    until(lambda: stands_still.poll(0.1) is None and stands_still.assignment(), "it to have the partitions")
    process = deployment.run(GREENFLASH_KAFKA_KAFKA__ASSIGNOR="range")
    until(lambda: process.lines("group_silent"), "it to say that the group doesn't answer")
    assert process.health()[0] == 503
    assert "group_silent" in process.health()[1]
    assert deployment.stored() == {}
    stands_still.close()
    until(lambda: len(deployment.stored()) == 20, "the work to be done")
    assert process.lines("group_answers")
    assert process.health() == (200, [])
    assert process.stop() == 0
