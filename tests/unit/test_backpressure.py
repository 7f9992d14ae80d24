"""Order, and who holds whom, under virtual time: one bad key, partition or service doesn't hold the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.simulation.world import Answer, accepted, status
from tests.unit.test_pipeline import P0, P1, World


def _number(event: Mapping[str, object]) -> int:
    return int(str(event["insertId"]).rpartition(":o")[2])


def _numbers(world: World) -> list[int]:
    return [_number(event) for _, event in world.api.requests]


def test_events_of_one_key_go_out_one_after_another_whatever_fails(tmp_path: Path) -> None:
    world = World(tmp_path, order="key")
    failures: Counter[int] = Counter()

    def answer(event: Mapping[str, object]) -> Answer:
        failures[_number(event)] += 1
        return status(503) if failures[_number(event)] % 3 else accepted

    world.api.answer = answer
    for number in range(30):
        world.order(number, key=b"%d" % (number % 3))
    world.run(300)
    assert world.source.group[P0] == 30
    for key in range(3):
        mine = [each for each in _numbers(world) if each % 3 == key]
        assert mine == sorted(mine), "none is sent before the one before it is settled"


def test_a_key_whose_event_waits_holds_only_its_own_followers(tmp_path: Path) -> None:
    world = World(tmp_path, order="key")
    world.order(1000, key=b"first")
    world.run(1)
    world.api.answer = lambda event: status(503) if _number(event) == 0 else accepted
    for number in range(40):
        world.order(number, key=b"%d" % (number % 4))
    world.run(60)
    assert set(world.api.stored) == {
        f"upgrade_purchased:o{number}" for number in [1000, *range(40)] if number % 4 or number == 1000
    }
    world.api.answer = lambda _: accepted
    world.run(60)
    assert world.source.group[P0] == 41


def test_an_event_that_is_refused_for_good_lets_the_next_of_its_key_go(tmp_path: Path) -> None:
    world = World(tmp_path, order="key")
    world.order(100, key=b"k")
    world.run(1)
    world.api.answer = lambda event: status(422) if _number(event) == 0 else accepted
    world.order(0, key=b"k")
    world.order(1, key=b"k")
    world.run(3)
    assert [dead_letter.code for dead_letter in world.dlq.written] == ["status-422"]
    assert world.source.group[P0] == 3


def test_messages_without_a_key_have_no_order(tmp_path: Path) -> None:
    world = World(tmp_path, order="key")
    world.api.latency = lambda _: 1.0
    for number in range(8):
        world.order(number)
    world.run(0.5)
    assert world.api.most_in_flight == 8


def test_followers_of_a_revoked_partition_do_not_go_out_and_come_again_in_order(tmp_path: Path) -> None:
    world = World(tmp_path, order="key")
    world.api.latency = lambda _: 2.0
    for number in range(10):
        world.order(number, key=b"k")
    world.run(0.5)
    world.source.rebalance(revoke=[P0])
    world.run(20)
    assert _numbers(world) == [0]
    world.source.rebalance(give=[P0])
    world.run(60)
    assert _numbers(world) == list(range(10))
    assert world.source.group[P0] == 10
    assert world.dispatcher.outstanding == 0


def test_hundreds_of_events_that_fail_alone_hold_nobody_else(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.order(5000, partition=1)
    world.run(1)
    world.api.answer = lambda event: status(500) if _number(event) < 500 else accepted
    for number in range(500):
        world.order(number)
        world.order(5001 + number, partition=1)
    world.run(120)
    assert world.source.group[P1] == 501
    assert world.dlq.written == []
    world.api.answer = lambda _: accepted
    world.run(120)
    assert world.source.group[P0] == 500


def test_a_partition_whose_events_wait_may_take_its_share_of_the_memory_and_no_more(tmp_path: Path) -> None:
    world = World(tmp_path, max_in_hand_bytes=2_000_000)
    world.order(90_000, partition=1)
    world.run(1)
    world.api.answer = lambda event: status(409) if _number(event) < 5000 else accepted
    for number in range(5000):
        world.order(number)
    world.run(30)
    for number in range(500):
        world.order(90_001 + number, partition=1)
    world.run(60)
    assert world.source.paused == {P0}
    assert world.source.group[P1] == 501
    assert "partition_held" in world.notices.names
    assert world.dispatcher.outstanding < 1000
    world.api.answer = lambda _: accepted
    world.run(300)
    assert world.source.group[P0] == 5000


def test_a_slow_partition_leaves_slots_for_the_others(tmp_path: Path) -> None:
    world = World(tmp_path, in_flight=20)
    world.api.latency = lambda event: 5.0 if _number(event) < 1000 else 0.01
    for number in range(30):
        world.order(number)
        world.order(1000 + number, partition=1)
    world.run(2)
    assert world.source.group[P1] == 30


def test_a_service_that_is_down_gets_one_probe_at_a_time_and_then_a_gentle_ramp(tmp_path: Path) -> None:
    world = World(tmp_path, in_flight=128)
    world.order(0)
    world.run(1)
    world.api.answer = lambda _: status(503)
    for number in range(1, 501):
        world.order(number)
    world.run(10)
    sent, began = len(world.api.requests), world.clock.time
    world.run(300)
    assert world.dispatcher.outage
    assert len(world.api.requests) - sent <= 15, "only probes"
    assert world.dlq.written == []
    world.api.answer = lambda _: accepted
    world.api.latency = lambda _: 0.1
    assert world.clock.time > began
    before = len(world.api.requests)
    while world.dispatcher.pause_reason is not None:
        world.run(0.05)
    world.run(0.25)
    assert 1 <= len(world.api.requests) - before <= 20, "the 500 that waited don't all go at once"
    world.run(30)
    assert world.source.group[P0] == 501
    assert world.notices.names.count("delivery_resumed") == 1


def test_an_outage_honours_retry_after_of_its_probes(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.api.answer = lambda _: status(503)
    for number in range(50):
        world.order(number)
    world.run(10)
    assert world.dispatcher.outage
    world.api.answer = lambda _: status(503, [("retry-after", "600")])
    world.run(60)
    sent = len(world.api.requests)
    world.run(500)
    assert len(world.api.requests) == sent


def test_an_outage_during_which_the_key_is_revoked_ends_with_the_right_key(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.order(0)
    world.run(1)
    world.api.answer = lambda _: status(503)
    for number in range(1, 11):
        world.order(number)
    world.run(60)
    assert world.dispatcher.outage
    world.api.answer = lambda _: status(401)
    world.run(100)
    assert world.dispatcher.pause_reason is not None
    assert world.dispatcher.pause_reason.code == "status-401"
    world.api.answer = lambda _: accepted
    world.run(60)
    assert world.source.group[P0] == 11


@pytest.mark.parametrize("rate", [5.0, 200.0])
def test_the_rate_limit_is_kept_and_used(tmp_path: Path, rate: float) -> None:
    world = World(tmp_path, max_events_per_second=rate, in_flight=128)
    for number in range(2000):
        world.order(number)
    began = world.clock.time
    world.run(8)
    seconds = Counter(int(at - began) for at, _ in world.api.requests)
    assert all(rate * 0.8 <= seconds[each] <= rate * 1.1 + 1 for each in range(1, 7)), seconds


@pytest.mark.parametrize(("adaptive", "allowed"), [(True, 11), (False, 16)])
def test_a_429_allows_fewer_requests_at_once_unless_they_are_fixed(
    tmp_path: Path, adaptive: bool, allowed: int
) -> None:
    world = World(tmp_path, in_flight=16, adaptive=adaptive)
    world.api.latency = lambda _: 0.1
    world.order(0)
    world.run(1)
    world.api.answer = lambda _: status(429, [("retry-after", "3")])
    for number in range(1, 17):
        world.order(number)
    world.run(1)
    assert world.dispatcher.slots == allowed
    world.api.answer = lambda _: accepted
    for number in range(17, 500):
        world.order(number)
    world.run(30)
    assert world.dispatcher.slots == 16
    assert world.source.group[P0] == 500


def test_the_age_of_a_message_holds_no_partition_while_delivery_is_paused(tmp_path: Path) -> None:
    world = World(tmp_path, max_uncommitted_seconds=1.0)
    world.api.answer = lambda event: status(422) if _number(event) == 0 else accepted
    world.order(0)
    world.run(5)
    assert world.dispatcher.pause_reason is not None, "nothing was accepted yet, so it may be a wrong address"
    world.order(1)
    world.run(40)
    assert [dead_letter.code for dead_letter in world.dlq.written] == ["status-422"], (
        "the next message showed that it isn't"
    )
    assert world.source.group[P0] == 2


def _again(world: World) -> int:
    """How many stored events a crash at this moment would send again."""
    return sum(_number(event) >= world.source.group.get(P0, 0) for event in world.api.stored.values())


@pytest.mark.parametrize("commit_seconds", [0.2, 60.0])
@pytest.mark.parametrize("stuck", [True, False])
@pytest.mark.parametrize("silent", [True, False])
def test_a_crash_sends_no_more_again_than_is_allowed_and_one_batch(
    tmp_path: Path, commit_seconds: float, stuck: bool, silent: bool
) -> None:
    world = World(tmp_path, max_uncommitted=100, commit_seconds=commit_seconds, in_flight=8)
    world.api.latency = lambda _: 0.0
    world.api.answer = lambda event: status(500) if stuck and _number(event) == 50 else accepted
    world.source.silent = silent
    for number in range(5000):
        world.order(number)
    batch, until, most = 4 * 8, world.clock.time + 30, 0
    while world.clock.time < until and len(world.api.stored) < 5000:
        world.pipeline.step()
        most = max(most, _again(world))
    assert most <= 100 + 8 + batch
    held = [facts for name, facts in world.notices.seen if name == "partition_held"]
    if stuck or silent:
        assert len(world.api.stored) < 300
        (facts,) = held
        assert facts["reason"] == ("commits" if silent else "ahead")
        assert facts["offset"] == (50 if stuck else 0)
    else:
        assert len(world.api.stored) == 5000
        assert not held, "a commit on its way is no news"


def test_a_partition_that_waited_for_commits_goes_on_as_soon_as_they_are_confirmed(tmp_path: Path) -> None:
    world = World(tmp_path, max_uncommitted=10, commit_seconds=1.0)
    world.source.silent = True
    for number in range(200):
        world.order(number)
        world.order(1000 + number, partition=1)
    world.run(20)
    assert {P0, P1} == world.source.paused
    assert world.notices.names.count("partition_held") == 2
    world.source.silent = False
    world.run(10)
    assert world.source.group == {P0: 200, P1: 200}
    assert world.notices.names.count("partition_goes_on") == 2


def test_messages_that_no_rule_asks_for_need_no_commit(tmp_path: Path) -> None:
    world = World(tmp_path, max_uncommitted=10, commit_seconds=60.0)
    world.source.silent = True
    for _ in range(500):
        world.source.append("orders", {"type": "seen"})
    world.run(5)
    assert world.pipeline.totals.filtered == 500
    assert not world.source.paused


def test_a_dry_run_that_commits_nothing_is_not_held(tmp_path: Path) -> None:
    world = World(tmp_path, max_uncommitted=10, commits=False)
    world.source.silent = True
    for number in range(500):
        world.order(number)
    world.run(10)
    assert len(world.api.stored) == 500


def test_an_outage_ends_without_words_about_partitions_that_waited_silently(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.order(0)
    world.run(1)
    world.api.answer = lambda _: status(503)
    for number in range(1, 200):
        world.order(number)
    world.run(60)
    assert P0 in world.source.paused
    world.api.answer = lambda _: accepted
    world.run(60)
    assert world.source.group[P0] == 200
    assert "partition_held" not in world.notices.names
    assert "partition_goes_on" not in world.notices.names
