"""429 with `Retry-After` holds everything of this key, for as long as it says."""

from __future__ import annotations

import time
from typing import Any

from tests.fakes.greenflash_by_hand import GreenflashByHand, greenflash_by_hand
from tests.fakes.raw_server import Exchange, answer


def test_nothing_is_sent_before_the_time_is_over(deployment: Any) -> None:
    (topic,) = deployment.topics(2)
    deployment.kafka.produce(topic, deployment.orders(300))
    asked: list[float] = []

    def wait(_: GreenflashByHand, exchange: Exchange) -> None:
        asked.append(time.monotonic())
        exchange.send(answer(429, b"{}", "Retry-After: 8"))

    with greenflash_by_hand(lambda identity: wait if identity.endswith(":o150") else None) as service:
        summary = deployment.run_until_idle(
            GREENFLASH_BASE_URL=service.base_url, GREENFLASH_KAFKA_DELIVERY__IN_FLIGHT="4"
        )
    assert (summary["accepted"], summary["dead_lettered"]) == (300, 0)
    (at,) = asked
    # What was on its way when the answer came is there within seconds; then there is a gap of the rest of the eight.
    late = [each for each in service.times if at + 4 < each < at + 7.9]
    assert late == []


def test_a_whole_day_is_kept_and_does_not_keep_the_process(deployment: Any) -> None:
    (topic,) = deployment.topics(1)
    deployment.kafka.produce(topic, deployment.orders(50))

    def tomorrow(_: GreenflashByHand, exchange: Exchange) -> None:
        exchange.send(answer(429, b"{}", "Retry-After: 86400"))

    with greenflash_by_hand(lambda _: tomorrow) as service:
        process = deployment.run(GREENFLASH_BASE_URL=service.base_url)
        process.until("delivery_waits_long")
        before = len(service.times)
        assert process.stop() == 1, "50 events were sent, and none is committed"
        assert before <= 50
        assert len(service.times) <= 50, "each event was sent once, and none again"
        assert service.stored == {}
    assert deployment.kafka.lag(deployment.group, topic) == 50
    assert deployment.kafka.read(deployment.dead_letters) == []
