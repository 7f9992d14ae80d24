"""What the pipeline tells of itself, under virtual time."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka import reporting
from greenflash_kafka.loading import load
from greenflash_kafka.snapshot import Snapshot
from tests.simulation.world import status
from tests.unit.test_pipeline import P0, P1, RULES, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def count(world: World, metric: str, *labels: str) -> int | None:
    """A counter as it was told; None when it never was."""
    return world.notices.counts.get((metric, labels))


def lag(world: World) -> float:
    return world.notices.gauges["consumer_lag_seconds", ("orders",)]


def test_what_can_be_counted_is_there_at_0_before_the_first_message(world: World) -> None:
    world.run(1)
    assert count(world, "messages_consumed", "orders") == 0
    for outcome in ("filtered", "mapped", "dead_lettered"):
        assert count(world, "messages_settled", "orders", outcome) == 0
    for outcome in ("accepted", "refused"):
        assert count(world, "events", "paid", "upgrade_purchased", outcome) == 0
    for rule, code in (("", "bad-payload"), ("paid", "bad-money"), ("paid", "status-422"), ("paid", "gave-up")):
        assert count(world, "dead_letters", "orders", rule, code) == 0


def test_series_at_0_have_a_bound_and_outcomes_are_there_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "MOST_AT_ZERO", 5)
    world = World(tmp_path)
    world.run(1)
    assert count(world, "dead_letters", "orders", "paid", "bad-money") is None
    assert count(world, "messages_settled", "orders", "dead_lettered") == 0


def test_messages_are_counted_by_what_became_of_them(world: World) -> None:
    for number in range(4):
        world.order(number)
    world.source.append("orders", {"type": "seen"}, 1)
    world.order(9, amount="nothing")  # no event can be made of it
    world.run(5)
    assert count(world, "messages_consumed", "orders") == 6
    outcomes = [count(world, "messages_settled", "orders", each) for each in reporting.SETTLED]
    assert outcomes == [1, 4, 1]
    assert count(world, "events", "paid", "upgrade_purchased", "accepted") == 4
    assert count(world, "message_problems", "paid", "value", "bad-money") == 1


def test_what_was_counted_of_a_partition_that_goes_is_told(world: World) -> None:
    world.order(1)
    world.pipeline.step()
    world.source.rebalance(revoke=[P0, P1])
    world.pipeline.step(0)
    assert count(world, "messages_consumed", "orders") == 1
    assert count(world, "messages_settled", "orders", "mapped") == 1
    assert ("consumer_lag", ("orders", "0")) not in {
        key for key, value in world.notices.gauges.items() if value == value
    }


def test_lag_in_seconds_is_the_age_of_the_oldest_message_that_is_not_settled(world: World) -> None:
    world.run(2)
    assert lag(world) == 0
    age = world.clock.now() - 1_795_000_000
    world.api.latency = lambda _: 600.0
    world.order(1)
    world.run(5)
    assert age < lag(world) < age + 10
    before = lag(world)
    world.run(100)
    assert before + 90 < lag(world) < before + 110
    world.run(600)
    assert lag(world) == 0


def test_lag_in_seconds_of_what_is_not_read_begins_with_the_last_look_that_found_nothing(world: World) -> None:
    world.run(2)
    world.source.paused |= {P0, P1}
    world.order(1)
    world.run(50)
    assert 40 < lag(world) < 55, "never the age of the last message, which may be a year old"


def test_the_first_acceptance_is_said_once(world: World) -> None:
    world.run(3)
    assert "first_event_accepted" not in world.notices.names
    world.order(1)
    world.run(3)
    world.order(2)
    world.run(3)
    assert world.notices.names.count("first_event_accepted") == 1


def test_a_dry_run_says_nothing_of_a_first_acceptance(tmp_path: Path) -> None:
    world = World(tmp_path, commits=False)
    world.order(1)
    world.run(3)
    assert world.dispatcher.accepted == 1
    assert "first_event_accepted" not in world.notices.names


def test_other_rules_replace_what_was_said_of_the_first(world: World, tmp_path: Path) -> None:
    world.run(1)
    (before,) = (labels for name, labels in world.notices.gauges if name == "ruleset_info")
    assert before[1:] == ("1", "1")
    file = tmp_path / "other.yaml"
    file.write_text(RULES.replace("name: paid", "name: bought"))
    loaded = load([file], {})
    assert loaded.ruleset is not None
    world.pipeline.use(Snapshot(loaded.ruleset))
    now = {labels: value for (name, labels), value in world.notices.gauges.items() if name == "ruleset_info"}
    assert [labels for labels, value in now.items() if value == 1] == [(loaded.ruleset.version, "1", "1")]
    assert count(world, "events", "bought", "upgrade_purchased", "accepted") == 0
    assert count(world, "dead_letters", "orders", "bought", "bad-money") == 0


def test_an_event_that_is_refused_is_counted_with_its_rule(world: World) -> None:
    world.order(1)
    world.run(2)
    world.api.answer = lambda _: status(422)
    world.order(2)
    world.run(3)
    assert count(world, "events", "paid", "upgrade_purchased", "refused") == 1
    assert count(world, "http_requests", "422") == 1
    (dead_letter,) = world.dlq.written
    assert (dead_letter.rule, dead_letter.field, dead_letter.code) == ("paid", "", "status-422")
