"""The order in which events go out."""

from __future__ import annotations

from greenflash_kafka.delivery.queue import Send, SendQueue
from tests.fakes.owner import MemoryOwner, event


def add(lanes: SendQueue, owner: MemoryOwner, *names: str) -> None:
    for name in names:
        lanes.add(event(name), owner)


def take_all(lanes: SendQueue, slots: int = 100) -> list[str]:
    found = []
    while (send := lanes.take(slots)) is not None:
        found.append(send.event.insert_id)
    return found


def take(lanes: SendQueue, slots: int = 100) -> Send:
    send = lanes.take(slots)
    assert send is not None
    return send


def test_partitions_take_turns_and_each_keeps_its_order() -> None:
    lanes = SendQueue(by_key=False)
    add(lanes, MemoryOwner(0), "a1", "a2", "a3", "a4")
    add(lanes, MemoryOwner(1), "b1", "b2")
    assert lanes.ready == 6
    assert take_all(lanes) == ["a1", "b1", "a2", "b2", "a3", "a4"]
    assert lanes.ready == 0


def test_a_partition_whose_requests_take_long_leaves_slots_for_the_others() -> None:
    lanes = SendQueue(by_key=False)
    add(lanes, MemoryOwner(0), *(f"slow{number}" for number in range(8)))
    for _ in range(4):
        take(lanes, 8)
    add(lanes, MemoryOwner(1), *(f"quick{number}" for number in range(8)))
    assert [take(lanes, 8).event.insert_id for _ in range(4)] == ["quick0", "quick1", "quick2", "quick3"]


def test_an_event_of_a_key_waits_until_the_one_before_is_settled() -> None:
    lanes = SendQueue(by_key=True)
    one, other, keyless = MemoryOwner(0, b"k"), MemoryOwner(0, b"other"), MemoryOwner(0)
    add(lanes, one, "k1", "k2", "k3")
    add(lanes, other, "o1")
    add(lanes, keyless, "n1", "n2")
    assert (lanes.ready, lanes.waiting) == (4, 2)
    first = take(lanes)
    assert take_all(lanes) == ["o1", "n1", "n2"]
    lanes.completed(first)
    lanes.done(first)
    assert (lanes.ready, lanes.waiting) == (1, 1)
    assert take_all(lanes) == ["k2"], "k3 waits for k2"


def test_the_same_key_in_another_partition_waits_for_nobody() -> None:
    lanes = SendQueue(by_key=True)
    add(lanes, MemoryOwner(0, b"k"), "a")
    add(lanes, MemoryOwner(1, b"k"), "b")
    assert take_all(lanes) == ["a", "b"]


def test_without_order_events_of_one_key_go_out_together() -> None:
    lanes = SendQueue(by_key=False)
    add(lanes, MemoryOwner(0, b"k"), "k1", "k2")
    assert take_all(lanes) == ["k1", "k2"]


def test_what_waits_for_its_next_try_comes_before_the_others_of_its_partition() -> None:
    lanes = SendQueue(by_key=False)
    owner = MemoryOwner(0)
    add(lanes, owner, "first", "second")
    failed = take(lanes)
    lanes.completed(failed)
    lanes.later(failed)
    assert lanes.waits(owner.partition)
    assert (lanes.ready, lanes.waiting, lanes.ready_elsewhere()) == (1, 1, 0)
    assert lanes.due(failed)
    assert not lanes.due(failed), "it waits no more"
    lanes.again(failed)
    assert take_all(lanes) == ["first", "second"]
    assert not lanes.waits(owner.partition)


def test_after_an_outage_all_that_waits_is_ready() -> None:
    lanes = SendQueue(by_key=False)
    add(lanes, MemoryOwner(0), "a1", "a2")
    add(lanes, MemoryOwner(1), "b1")
    for failed in [take(lanes) for _ in range(3)]:
        lanes.completed(failed)
        lanes.later(failed)
    assert {send.event.insert_id for send in lanes.probes(retried=True)} == {"a1", "a2", "b1"}
    assert list(lanes.probes(retried=False)) == []
    lanes.all_due()
    assert (lanes.ready, lanes.waiting) == (3, 0)
    assert sorted(take_all(lanes)) == ["a1", "a2", "b1"]


def test_a_probe_leaves_its_turn_and_is_not_taken_again() -> None:
    lanes = SendQueue(by_key=False)
    add(lanes, MemoryOwner(0), "a1", "a2")
    probe = next(lanes.probes(retried=False))
    lanes.mark_in_flight(probe)
    assert take_all(lanes) == ["a2"]


def test_what_may_not_be_sent_any_more_is_let_go_wherever_it_waits() -> None:
    lanes = SendQueue(by_key=True)
    going, staying = MemoryOwner(0, b"k"), MemoryOwner(1, b"k")
    add(lanes, going, "head", "follower")
    add(lanes, MemoryOwner(0, b"k2"), "same-partition")
    add(lanes, staying, "stays", "stays-behind")
    retried = MemoryOwner(2)
    add(lanes, retried, "retried")
    sends = {}
    while (send := lanes.take(100)) is not None:
        sends[send.event.insert_id] = send
    for name in ("retried", "head"):
        lanes.completed(sends[name])
        lanes.later(sends[name])
    going.may_send = retried.may_send = False
    assert {send.event.insert_id for send in lanes.drop()} == {"head", "follower", "retried"}
    assert (lanes.ready, lanes.waiting) == (0, 1)
    lanes.completed(sends["stays"])
    lanes.done(sends["stays"])
    assert take_all(lanes) == ["stays-behind"]
