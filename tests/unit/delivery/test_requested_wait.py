"""A wait that the service asks for, of any length: kept, probed when it is beyond reason, and told once."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from tests.simulation.world import Answer, accepted, status
from tests.unit.test_pipeline import P0, World

YEARS = "Wed, 21 Oct 2099 07:28:00 GMT"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.order(0)
    world.run(1)
    world.api.answer = lambda _: status(429, [("retry-after", YEARS)])
    for number in range(1, 40):
        world.order(number)
    world.run(5)
    return world


def notices(world: World, *names: str) -> list[str]:
    return [name for name in world.notices.names if name in names]


def requests_since(world: World, moment: float) -> list[float]:
    return [at - moment for at, _ in world.api.requests if at > moment]


def test_a_wait_beyond_reason_is_probed_every_five_minutes_and_an_accepted_probe_ends_it(world: World) -> None:
    asked = world.clock.time
    world.run(3600)
    probes = requests_since(world, asked)
    assert 11 <= len(probes) <= 12
    assert all(280 < later - earlier < 310 for earlier, later in pairwise(probes))
    world.api.answer = lambda _: accepted
    world.run(320)
    assert world.source.group[P0] == 40, "all that waited goes out, not in ten years"
    assert world.dispatcher.pause_reason is None
    assert world.dispatcher.waits_for == 0


def test_a_long_wait_and_its_end_are_told_once_however_many_answers_ask_for_it(world: World) -> None:
    world.run(7200)
    assert world.dispatcher.failing_for == 0, "it is the wait that is told of"
    world.api.answer = lambda _: accepted
    world.run(320)
    said = [each for each in world.notices.seen if each[0].startswith("delivery_")]
    assert [name for name, _ in said] == ["delivery_waits_long", "delivery_wait_over"]
    assert str(said[0][1]["until"]).startswith("2036-"), "cut to ten years"
    assert "every 5 minutes" in str(said[0][1]["text"])
    assert 7200 < int(str(said[1][1]["seconds"])) < 7600


@pytest.mark.parametrize(("seconds", "name"), [(60, "delivery_waiting"), (901, "delivery_waits_long")])
def test_a_wait_of_up_to_an_hour_gets_no_probe_and_is_told_once(tmp_path: Path, seconds: int, name: str) -> None:
    world = World(tmp_path)
    world.order(0)
    world.run(1)
    # Each answer asks for a little more than the one before.
    more = iter(range(1000))
    world.api.answer = lambda _: status(429, [("retry-after", str(seconds + next(more)))])
    for number in range(1, 20):
        world.order(number)
    world.run(1)
    asked = world.clock.time
    world.api.answer = lambda _: accepted
    world.run(seconds - 2)
    assert requests_since(world, asked) == []
    world.run(30)
    assert world.source.group[P0] == 20
    assert notices(world, "delivery_waiting", "delivery_waits_long") == [name]
    assert ("delivery_wait_over" in world.notices.names) == (seconds > 900)


def test_a_short_wait_that_becomes_a_long_one_is_told_again(world: World) -> None:
    world.api.answer = lambda _: accepted
    world.run(320)
    seconds = iter([5, 1000, 5000, 5001])
    world.api.answer = lambda _: status(429, [("retry-after", str(next(seconds, 5002)))])
    for number in range(40, 48):
        world.order(number)
    before = len(world.notices.names)
    world.run(2)
    assert [name for name in world.notices.names[before:] if name.startswith("delivery_")] == [
        "delivery_waiting", "delivery_waits_long", "delivery_waits_long"
    ]  # fmt: skip


def test_a_probe_that_is_asked_to_wait_again_renews_the_wait_also_to_a_shorter_one(world: World) -> None:
    world.api.answer = lambda _: status(429, [("retry-after", "7200")])
    world.run(310)
    assert 6800 < world.dispatcher.waits_for <= 7200
    world.api.answer = lambda _: status(429, [("retry-after", "20")])
    world.run(300)
    world.api.answer = lambda _: accepted
    assert world.dispatcher.waits_for <= 20
    world.run(60)
    assert world.source.group[P0] == 40
    assert notices(world, "delivery_waits_long", "delivery_wait_over") == ["delivery_waits_long", "delivery_wait_over"]


@pytest.mark.parametrize("code", [503, 500])
def test_a_probe_that_fails_in_another_way_ends_no_wait_and_brings_no_more_probes(world: World, code: int) -> None:
    world.api.answer = lambda _: status(code)
    began = world.clock.time
    world.run(1800)
    assert 5 <= len(requests_since(world, began)) <= 7
    assert world.dispatcher.waits_for > 86400


def test_what_was_in_flight_when_it_was_asked_for_does_not_end_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.api.latency = lambda event: 1.0 if str(event["insertId"]).endswith(":o0") else 5.0
    world.api.answer = lambda event: (
        status(429, [("retry-after", "86400")]) if str(event["insertId"]).endswith(":o0") else accepted
    )
    for number in range(30):
        world.order(number)
    world.run(60)
    assert world.dispatcher.waits_for > 86000
    assert len(world.api.requests) == 8, "what was in flight, and nothing after it"


def test_a_refused_key_with_a_wait_of_years_is_probed_too(world: World) -> None:
    world.api.answer = lambda _: accepted
    world.run(320)
    world.api.answer = lambda _: status(401, [("retry-after", YEARS)])
    world.order(40)
    world.run(10)
    world.api.answer = lambda _: accepted
    world.run(310)
    assert world.source.group[P0] == 41


def test_a_key_that_is_refused_during_a_long_wait_is_told(world: World) -> None:
    world.api.answer = lambda _: status(401)
    world.run(310)
    assert notices(world, "delivery_paused") == ["delivery_paused"]
    world.api.answer = lambda _: accepted
    world.run(310)
    assert world.source.group[P0] == 40
    assert notices(world, "delivery_resumed", "delivery_wait_over") == ["delivery_wait_over", "delivery_resumed"]


def test_a_service_that_fails_and_recovers_all_the_time_is_told_once_a_minute(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.api.latency = lambda _: 0.2
    fails = {"now": False}

    def answer(_: Mapping[str, object]) -> Answer:
        return status(503) if fails["now"] else accepted

    world.api.answer = answer
    number = 0
    for _ in range(60):
        for _ in range(60):
            world.order(number)
            number += 1
        fails["now"] = True
        world.run(0.9)
        fails["now"] = False
        world.run(3)
    told = notices(world, "delivery_paused", "delivery_resumed", "delivery_unsteady")
    assert told[:2] == ["delivery_paused", "delivery_resumed"]
    assert set(told[2:]) == {"delivery_unsteady"}
    assert 3 <= len(told[2:]) <= 4
    pauses = [int(str(facts["pauses"])) for name, facts in world.notices.seen if name == "delivery_unsteady"]
    assert sum(pauses) > 20
    world.run(60)
    assert world.source.group[P0] == number


def test_an_outage_soon_after_another_is_told_within_a_minute_if_it_lasts(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in range(200):
        world.order(number)
    world.api.answer = lambda _: status(503)
    world.run(10)
    world.api.answer = lambda _: accepted
    world.run(15)
    world.api.answer = lambda _: status(500)
    for number in range(200, 400):
        world.order(number)
    world.run(10)
    assert notices(world, "delivery_paused", "delivery_resumed") == ["delivery_paused", "delivery_resumed"]
    world.run(50)
    assert notices(world, "delivery_paused", "delivery_resumed")[2:] == ["delivery_paused"]
    assert [facts["code"] for name, facts in world.notices.seen if name == "delivery_paused"][1] == "status-500"
