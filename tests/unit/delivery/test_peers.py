"""What a worker tells the others, and what being told does: it waits or probes sooner, and loses nothing."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.simulation.world import Answer, accepted, status
from tests.unit.test_pipeline import P0, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def requests_after(world: World, moment: float) -> int:
    return sum(at >= moment for at, _ in world.api.requests)


def test_a_wish_for_time_is_told(world: World) -> None:
    world.api.answer = lambda _: status(429, [("retry-after", "30")])
    world.order(1)
    world.run(1)
    assert world.peers.told == [("status-429", 30.0)]


def test_who_is_told_to_wait_sends_nothing_and_goes_on_afterwards(world: World) -> None:
    world.dispatcher.told_to_wait(20, "status-429")
    began = world.clock.time
    world.order(1)
    world.run(19)
    assert world.api.requests == []
    assert world.dispatcher.waits_for == pytest.approx(1, abs=0.1)
    world.run(3)
    assert [at - began >= 20 for at, _ in world.api.requests] == [True]
    assert world.source.group[P0] == 1
    assert world.peers.told == [], "hearsay isn't told on"


def test_a_longer_wait_of_ones_own_is_not_shortened(world: World) -> None:
    world.api.answer = lambda _: status(429, [("retry-after", "60")])
    world.order(1)
    world.run(1)
    world.dispatcher.told_to_wait(5, "status-429")
    assert world.dispatcher.waits_for > 55


@pytest.mark.parametrize("code", [401, 403])
def test_a_refused_key_and_its_end_are_told_once(world: World, code: int) -> None:
    world.order(1)
    world.run(1)
    world.api.answer = lambda _: status(code)
    for number in range(2, 20):
        world.order(number)
    world.run(60)
    assert world.peers.told == [("paused", f"status-{code}")]
    world.api.answer = lambda _: accepted
    world.run(60)
    assert world.peers.told == [("paused", f"status-{code}"), ("resumed", None)]
    assert world.source.group[P0] == 19


def test_what_holds_for_one_event_alone_is_not_told(world: World) -> None:
    world.order(1)
    world.run(1)
    world.api.answer = lambda _: status(500)
    for number in range(2, 8):
        world.order(number)
    world.run(5)
    assert world.peers.told == []


def test_who_is_told_of_a_pause_probes_and_finds_its_end_by_itself(world: World) -> None:
    world.dispatcher.told_paused("status-401", "the key")
    for number in range(1, 50):
        world.order(number)
    world.run(0.5)
    assert world.api.requests == []
    assert (world.dispatcher.pause_is_hearsay, world.dispatcher.wants_no_more) == (True, True)
    world.run(2)
    assert world.probes == 1
    assert world.source.group[P0] == 49
    assert world.peers.told == [("resumed", None)], "the first to find out tells the others"


def test_a_pause_of_ones_own_is_not_replaced_by_hearsay(world: World) -> None:
    world.api.answer = lambda _: status(404)
    world.order(1)
    world.run(0.5)
    world.dispatcher.told_paused("tls", "certificate")
    assert world.dispatcher.pause_reason is not None
    assert world.dispatcher.pause_reason.code == "status-404"


def test_a_recovery_elsewhere_is_a_probe_now(world: World) -> None:
    world.api.answer = lambda _: status(401)
    world.order(1)
    world.run(50)
    sent, probes = len(world.api.requests), world.probes
    world.api.answer = lambda _: accepted
    world.dispatcher.told_resumed()
    world.run(0.2)
    assert (len(world.api.requests), world.probes) == (sent + 1, probes + 1)
    assert world.dispatcher.pause_reason is None


def test_a_recovery_elsewhere_does_not_cut_short_a_time_that_was_asked_for(world: World) -> None:
    world.api.answer = lambda _: status(401, [("retry-after", "600")])
    world.order(1)
    world.run(1)
    began = world.clock.time
    world.dispatcher.told_resumed()
    world.run(500)
    assert requests_after(world, began) == 0


def test_who_has_nothing_to_probe_with_believes_that_it_is_over(world: World) -> None:
    world.dispatcher.told_paused("status-401", "the key")
    world.run(5)
    assert world.dispatcher.pause_reason is not None
    looked = world.probes
    world.dispatcher.told_resumed()
    assert world.dispatcher.pause_reason is None
    assert world.probes == looked + 1, "the key file was read again: another worker may have found the new key there"


@pytest.mark.parametrize("seed", range(25))
def test_whatever_is_told_at_any_time_nothing_is_lost_or_settled_otherwise(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    world = World(tmp_path, order=random.choice(["none", "key"]))
    world.order(0)
    world.run(1)
    for number in range(1, 120):
        world.order(number, partition=number % 2, key=b"%d" % (number % 5))

    def answer(_: object) -> Answer:
        return random.choices([accepted, status(503), status(429, [("retry-after", "2")]), status(401)], [20, 5, 1, 1])[
            0
        ]

    world.api.answer = answer
    for _ in range(60):
        random.choice(
            [
                lambda: world.dispatcher.told_to_wait(random.random() * 10, "status-429"),
                lambda: world.dispatcher.told_paused("status-401", "the key"),
                lambda: world.dispatcher.told_paused("tls", "the certificate"),
                world.dispatcher.told_resumed,
            ]
        )()
        world.run(random.random() * 3)
    world.api.answer = lambda _: accepted
    world.run(180)
    assert len(world.api.stored) == 120
    assert sum(world.source.group.values()) == 120
    assert world.dlq.letters == []
    assert world.dispatcher.outstanding == 0
