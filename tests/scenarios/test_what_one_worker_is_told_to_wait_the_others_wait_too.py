"""Workers send under one key: what Greenflash says about it to one of them holds for all."""

from __future__ import annotations

import time
from typing import Any

from tests.brokers.kafka import Record
from tests.fakes.greenflash_by_hand import GreenflashByHand, greenflash_by_hand
from tests.fakes.raw_server import Exchange, answer
from tests.scenarios.conftest import CLASSIC_QUICKLY


def test_nothing_is_sent_by_anybody_before_the_time_is_over(deployment: Any, until: Any) -> None:
    (topic,) = deployment.topics(8)
    asked: list[float] = []

    def wait(_: GreenflashByHand, exchange: Exchange) -> None:
        asked.append(time.monotonic())
        exchange.send(answer(429, b"{}", "Retry-After: 3"))

    with greenflash_by_hand(lambda identity: wait if identity.endswith(":o600") else None) as service:
        process = deployment.run(
            "--workers",
            "2",
            **CLASSIC_QUICKLY,
            GREENFLASH_BASE_URL=service.base_url,
            GREENFLASH_KAFKA_DELIVERY__MAX_EVENTS_PER_SECOND="400",
        )
        until(lambda: process.sharing() == {1, 2}, "both to have partitions")
        began = time.monotonic()
        deployment.kafka.produce(topic, deployment.orders(1000))
        until(lambda: len(service.stored) == 1000, "all of the work")
        (at,) = asked
        assert [each for each in service.times if at + 0.5 < each < at + 2.9] == []
        waited = {line["worker"] for line in process.lines("delivery_waiting")}
        assert waited == {1, 2}
        before = [each for each in service.times if each <= at]
        assert len(before) / (at - began) < 440, "400 a second is what both may send together"
        assert process.stop() == 0


def test_a_refused_key_and_its_successor_are_everybodys(deployment: Any, until: Any) -> None:
    (topic,) = deployment.topics(2)
    process = deployment.run("--workers", "2", **CLASSIC_QUICKLY)
    until(lambda: process.sharing() == {1, 2}, "both to have partitions")
    first, second, third = deployment.orders(3)
    deployment.kafka.produce(topic, [Record(first, partition=0), Record(second, partition=1)])
    until(lambda: deployment.sandbox.stats()["stored"] == 2, "the first orders")
    deployment.sandbox.rotate_key("scenario-key-2")
    deployment.kafka.produce(topic, [Record(third, partition=0)])
    until(
        lambda: {line["worker"] for line in process.lines("delivery_paused")} == {1, 2},
        "the worker without messages to know of it, too",
    )
    until(lambda: process.health() == (503, ["delivery_paused"]), "one condition, for both")
    deployment.key_file.write_text("scenario-key-2\n")
    until(
        lambda: {line["worker"] for line in process.lines("delivery_resumed")} == {1, 2},
        "both to go on, though one has nothing to find it out with",
    )
    deployment.kafka.produce(topic, deployment.orders(10, 3))
    until(lambda: deployment.sandbox.stats()["stored"] == 13, "the orders after the rotation")
    assert process.stop() == 0
    assert deployment.kafka.lag(deployment.group, topic) == 0
    assert "scenario-key" not in process.said()
