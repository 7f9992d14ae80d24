"""The bridge over pages that move, change and are refused, at random: every interaction is in the topic as it is at
last, whoever dies in between, and no request comes sooner than the rate and the service allow."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest

from greenflash_kafka.interactions.interaction import Interaction
from greenflash_kafka.interactions.page_answers import PageAnswer
from tests.unit.interactions.served import BEGAN, Bridge
from tests.unit.interactions.walked import item

SECONDS = 200.0
"""So long items come, change, move and go."""


class ScriptedPages:
    """A list in some order, which changes at any time, also between two pages of one walk."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.order = random.choice(("newest", "oldest", "updated", "unordered", "shuffled"))
        self.items = {number: item(number, BEGAN - 5_000 + number) for number in range(random.randrange(50, 500))}
        self.changes = sorted(random.random() * SECONDS for _ in range(random.randrange(60)))
        self.listing = self._sorted()

    def __call__(self, now: float) -> Sequence[Interaction]:
        while self.changes and self.changes[0] <= now:
            self._change(self.changes.pop(0))
            self.listing = self._sorted()
        if self.order == "shuffled" and now < SECONDS and self.random.random() < 0.1:
            self.listing = self._sorted()
        return self.listing

    def _change(self, at: float) -> None:
        number = self.random.choice(sorted(self.items))
        match self.random.choice(("new", "new", "changed", "gone")):
            case "new":
                number = max(self.items) + 1
                self.items[number] = item(number, BEGAN + at - self.random.choice((0, 5, 300)), BEGAN + at)
            case "changed":
                self.items[number] = item(number, BEGAN - 5_000 + number, BEGAN + at, rating=int(at))
            case _:
                del self.items[number]

    def _sorted(self) -> list[Interaction]:
        items = list(self.items.values())
        match self.order:
            case "newest":
                return sorted(items, key=lambda each: -(each.created or 0))
            case "oldest":
                return sorted(items, key=lambda each: each.created or 0)
            case "updated":
                return sorted(items, key=lambda each: -(each.updated or 0))
            case "shuffled":
                self.random.shuffle(items)
        return items


@pytest.mark.parametrize("seed", range(12))
def test_every_interaction_is_in_the_topic_and_no_request_is_too_early(seed: int) -> None:
    random = Random(seed)
    pages, rate = ScriptedPages(random), random.choice((2.0, 10.0))
    bridge = Bridge(pages, rate=rate, every=random.choice((5, 20)))
    get, earliest = bridge.service.get, 0.0

    def answer(offset: int, limit: int) -> PageAnswer:
        nonlocal earliest
        assert bridge.time.at >= earliest, "sooner than the rate or Retry-After allow"
        refused, wait = random.random() < 0.1 and bridge.puller.pulled.requests > 0, random.choice((1, 3, 8))
        if refused:
            bridge.service.answers = [PageAnswer(429, [("retry-after", str(wait))])]
        page = get(offset, limit)
        earliest = bridge.time.at + (wait if refused else 1 / rate) - 1e-6
        return page

    bridge.service.get = answer  # type: ignore[method-assign]
    for until in sorted(random.random() * SECONDS for _ in range(random.randrange(3))):
        bridge.at = until
        bridge.run()
        # What the service asked the process for that died, the next one doesn't know; the rate it keeps.
        earliest = bridge.time.at + 1 / rate - 1e-6
        bridge.again(at=until)
    # Two walks through all pages, each at most a quarter of an hour after the one before.
    bridge.again(at=SECONDS + 2_000)
    last = {each.id: each.raw for each in pages(SECONDS)}
    assert {id: raw for id, raw in bridge.topic.items() if id in last} == last
