"""Of two `dlq replay --send` in one group one sends; the other says who does, and ends. One that is killed frees its
place, and what it has sent isn't stored twice."""

from __future__ import annotations

import json
from typing import Any

LETTERS = 300
SLOW = [{"kind": "delay", "seconds": 5}]


def _letters(deployment: Any) -> None:
    """A topic of dead letters that today's rules would take."""
    deployment.topics(1)
    rules = deployment.folder / "orders.yaml"
    good = rules.read_text()
    rules.write_text(good.replace("payload.currency)", "payload.curency)", 1))
    deployment.kafka.produce(deployment.topic, deployment.orders(LETTERS))
    deployment.run_until_idle(GREENFLASH_KAFKA_DEAD_LETTER__MAX_CONSECUTIVE="none")
    rules.write_text(good)


def _replay(deployment: Any) -> Any:
    return deployment.start("dlq", "replay", "--send", "--json", GREENFLASH_KAFKA_DELIVERY__IN_FLIGHT="8")


def _passed(process: Any) -> int:
    return int(json.loads(process.process.stdout.read())["passed"])


def test_the_second_says_that_another_one_sends_and_ends(deployment: Any, until: Any) -> None:
    _letters(deployment)
    deployment.sandbox.set_faults(SLOW)
    first = _replay(deployment)
    until(lambda: deployment.sandbox.stats()["received"] > 0, "the first replay's first events")
    second = _replay(deployment)
    assert second.wait() == 1
    assert "another replay runs" in second.said()
    assert "free after 10 s" in second.said()
    deployment.sandbox.set_faults([])
    assert first.wait() == 0
    assert _passed(first) == LETTERS
    stats = deployment.sandbox.stats()
    assert (stats["stored"], stats["received"]) == (LETTERS, LETTERS)


def test_one_that_is_killed_frees_its_place_within_seconds(deployment: Any, until: Any) -> None:
    _letters(deployment)
    deployment.sandbox.set_faults([{"kind": "delay", "seconds": 0.2}])
    first = _replay(deployment)
    until(lambda: deployment.sandbox.stats()["stored"] > 50, "the first replay's first events")
    first.kill()
    deployment.sandbox.set_faults([])
    replays: list[Any] = []

    def went_through() -> bool:
        replays.append(_replay(deployment))
        return bool(replays[-1].wait() == 0)

    # On a busy machine the session may be over before the next one asks.
    until(went_through, "the place to be free")
    assert all("another replay runs" in each.said() for each in replays[:-1])
    assert _passed(replays[-1]) > 0
    assert len(deployment.stored()) == LETTERS
    assert deployment.sandbox.stats()["stored"] == LETTERS
