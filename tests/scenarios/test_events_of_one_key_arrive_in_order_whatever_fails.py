"""With `delivery.order: key` no event of a key overtakes another, though a third of the requests fail or lose their
answer."""

from __future__ import annotations

from typing import Any

from tests.brokers.kafka import Record


def test_events_of_one_key_arrive_in_order_whatever_fails(deployment: Any) -> None:
    deployment.topics(3)
    orders = deployment.orders(210)
    deployment.kafka.produce(
        deployment.topic,
        [Record(each, key=b"%d" % (number % 7), partition=number % 7 % 3) for number, each in enumerate(orders)],
    )
    deployment.sandbox.set_faults(
        [
            {"kind": "status", "status": 503, "rate": 0.2},
            {"kind": "reply_lost", "rate": 0.1},
            {"kind": "delay", "seconds": 0.05, "rate": 0.2},
        ]
    )
    deployment.run_until_idle(GREENFLASH_KAFKA_DELIVERY__ORDER="key")
    numbers = [int(event["insertId"].rpartition(":o")[2]) for event in deployment.sandbox.events()]
    assert sorted(numbers) == list(range(210))
    for key in range(7):
        mine = [number for number in numbers if number % 7 == key]
        assert mine == sorted(mine)
    assert deployment.kafka.read(deployment.dead_letters) == []
    assert deployment.sandbox.stats()["conflicts"] == 0
