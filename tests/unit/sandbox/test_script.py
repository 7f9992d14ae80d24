"""The fault that each request meets."""

from __future__ import annotations

from typing import Any

from greenflash_kafka.sandbox.fault_files import build
from greenflash_kafka.sandbox.script import Script


def script(*faults: dict[str, Any], seed: int = 0) -> Script:
    return Script(build({"seed": seed, "faults": list(faults)}, "faults"), 100.0)


def kinds(script: Script, count: int, now: float = 100.0, event: dict[str, Any] | None = None) -> list[tuple[str, ...]]:
    return [script.post(now, event or {}).kinds for _ in range(count)]


def test_without_conditions_it_always_happens() -> None:
    assert kinds(script({"kind": "reset"}), 3) == [("reset",)] * 3


def test_by_request_number() -> None:
    assert kinds(script({"kind": "reset", "requests": [2, 4]}), 5) == [(), ("reset",), (), ("reset",), ()]
    assert kinds(script({"kind": "reset", "every": 3}), 6) == [(), (), ("reset",)] * 2


def test_at_most_so_often() -> None:
    assert kinds(script({"kind": "reset", "times": 2}), 4) == [("reset",), ("reset",), (), ()]


def test_by_schedule_once_and_again_and_again() -> None:
    once = script({"kind": "reset", "between": [5, 10]})
    assert [bool(once.post(100 + at, {}).kinds) for at in (0, 4.9, 5, 9.9, 10, 65)] == [0, 0, 1, 1, 0, 0]
    cycle = script({"kind": "reset", "between": [5, 10], "cycle": 60})
    assert [bool(cycle.post(100 + at, {}).kinds) for at in (0, 5, 10, 64, 65, 69, 70, 605)] == [0, 1, 0, 0, 1, 1, 0, 1]


def test_a_rate_is_a_share_and_the_same_from_the_same_seed() -> None:
    fault = {"kind": "reset", "rate": 0.2}
    first, again, other = (kinds(script(fault, seed=seed), 2000) for seed in (1, 1, 2))
    assert first == again != other
    assert 300 < sum(map(bool, first)) < 500


def test_a_rate_is_of_what_the_other_conditions_leave() -> None:
    one = script({"kind": "reset", "rate": 0.5, "event_type": "paid"})
    met = [one.post(100, {"eventType": "paid" if number % 2 else "seen"}).kinds for number in range(2000)]
    assert not any(met[0::2])
    assert 400 < sum(map(bool, met[1::2])) < 600


def test_by_event_type_and_insert_id_with_patterns() -> None:
    one = script({"kind": "reset", "event_type": ["paid", "refund_*"], "insert_id": "*:o?"})
    for event, met in (
        ({"eventType": "paid", "insertId": "paid:o1"}, True),
        ({"eventType": "refund_asked", "insertId": "x:o2"}, True),
        ({"eventType": "paid", "insertId": "paid:o10"}, False),
        ({"eventType": "seen", "insertId": "paid:o1"}, False),
        ({"eventType": "paid"}, False),
        ({}, False),
    ):
        assert bool(one.post(100, event).kinds) is met, event


def test_a_conversation_that_is_not_known() -> None:
    for known, unknown in (([], ["c-1", "c-22"]), ("c-?", ["c-22"]), (["c-1", "c-22"], [])):
        one = script({"kind": "unknown_conversation", "known": known})
        assert one.reads_event
        for name in ("externalConversationId", "conversationId"):
            for conversation in ("c-1", "c-22"):
                assert bool(one.post(100, {name: conversation}).kinds) is (conversation in unknown)
        assert not one.post(100, {"eventType": "paid", "externalConversationId": None}).kinds
        assert not one.post(100, {}).kinds


def test_the_first_attempts_of_each_insert_id() -> None:
    one = script({"kind": "reset", "attempts": 2})
    seen = [one.post(100, {"insertId": name}).kinds for name in ("a", "b", "a", "a", "b", "b")]
    assert [bool(each) for each in seen] == [True, True, True, False, True, False]
    assert one.post(100, {}).kinds == ()


def test_delays_add_up_and_the_first_answer_counts() -> None:
    one = script(
        {"kind": "delay", "seconds": 1},
        {"kind": "delay", "seconds": 0.5},
        {"kind": "html", "requests": [1]},
        {"kind": "reset"},
    )
    first, second = one.post(100, {}), one.post(100, {})
    assert (first.seconds, first.kinds) == (1.5, ("delay", "delay", "html"))
    assert second.kinds == ("delay", "delay", "reset")


def test_reads_meet_only_what_is_said_of_reads() -> None:
    one = script({"kind": "status", "status": 500}, {"kind": "revoked"})
    assert one.read(100).kinds == ("revoked",)
    other = script({"kind": "status", "status": 500, "on": "reads"})
    assert other.read(100).kinds == ("status",)
    assert other.post(100, {}).kinds == ()
