"""The shipped mappings, and messages of the demo evaluated by them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from greenflash_kafka.demo.made import Made, Maker, Moment
from greenflash_kafka.loading import load
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.resolve import resolve
from greenflash_kafka.snapshot import Snapshot

MAPPINGS = Path(__file__).parents[3] / "mappings"
START_MS = 1_795_000_000_000

Check = Callable[[Maker], None]


@pytest.fixture(scope="session")
def shipped() -> Snapshot:
    """The shipped mappings."""
    loaded = load([MAPPINGS], {"GREENFLASH_PRODUCT_ID": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"})
    assert loaded.ruleset is not None, loaded.findings
    return Snapshot(loaded.ruleset)


@pytest.fixture
def becomes_what_it_means(shipped: Snapshot) -> Check:
    """Make some messages of a kind, and see that they become exactly the facts that their maker tells of."""

    def outcome(made: Made, moment: Moment) -> Outcome:
        return resolve(Message(made.topic, 0, moment.n, moment.ms, made.key.encode(), made.value), shipped)

    def check(maker: Maker) -> None:
        for n in range(40):
            moment = Moment(n, START_MS + n, Random(n))
            first = maker(moment)
            # What is told again is the same facts, by another message where the world has one.
            for made in (first, first.again() if first.again is not None else first):
                found = outcome(made, moment)
                values = {event.insert_id: str(event.fields["value"]) for event in found.events}
                assert values == {fact.insert_id: fact.value for fact in made.facts}, made
                assert bool(found.problems) == made.broken, (made, found.problems)
            again = first.again() if first.again is not None else first
            assert {(each.insert_id, each.value) for each in first.facts} <= {
                (each.insert_id, each.value) for each in again.facts
            }

    return check
