"""The partitions that may hand on messages."""

from __future__ import annotations

from greenflash_kafka.source.assignment import Assignment

P, Q = ("t", 0), ("t", 1)


def test_a_fresh_partition_waits_for_its_first_commit_and_its_topics_id() -> None:
    assignment = Assignment()
    assignment.begin({P: None, Q: "id"}, {P: 7})
    assignment.anchored(P, 7)
    assert assignment.unready == {P}
    assert assignment.unidentified
    assignment.end([P])
    assignment.begin({P: "id"}, {P: 7})
    assert not assignment.unidentified
    assignment.anchored(P, 6)
    assert assignment.unready == {P}
    before = assignment.unready
    assignment.anchored(P, 7)
    assert assignment.unready == set()
    assert assignment.to_resume(before) == [P]


def test_what_the_pipeline_wants_paused_stays_paused_when_it_becomes_ready() -> None:
    assignment = Assignment()
    assignment.begin({P: "id"}, {P: 0})
    assert assignment.pause([P]) == [P]
    before = assignment.unready
    assignment.anchored(P, 0)
    assert assignment.to_resume(before) == []
    assert assignment.resume([P]) == [P]


def test_a_halted_partition_is_not_resumed_until_it_is_assigned_anew() -> None:
    assignment = Assignment()
    assignment.begin({P: "id"}, {})
    assignment.halt(P)
    assignment.pause([P])
    assert assignment.resume([P]) == []
    assignment.end([P])
    assignment.begin({P: "id"}, {})
    assert not assignment.is_halted(P)
