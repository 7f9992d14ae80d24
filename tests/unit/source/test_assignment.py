"""The partitions that may hand on messages."""

from __future__ import annotations

from greenflash_kafka.source.assignment import Assignment
from greenflash_kafka.source.commits import OVERDUE_SECONDS, Commits

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


def test_commits_are_overdue_once_and_recover_once() -> None:
    commits = Commits()
    commits.stored(P, 5)
    assert commits.overdue(0.0) is None
    assert commits.overdue(OVERDUE_SECONDS + 1) == OVERDUE_SECONDS + 1
    assert commits.overdue(OVERDUE_SECONDS + 2) is None
    commits.confirm(P, 5)
    assert commits.overdue(OVERDUE_SECONDS + 3) is None
    assert commits.recovered()
    assert not commits.recovered()


def test_commits_that_are_confirmed_while_more_is_stored_are_never_overdue() -> None:
    commits = Commits()
    for second in range(int(3 * OVERDUE_SECONDS)):
        commits.stored(P, second + 1)
        assert commits.overdue(second) is None
        assert not commits.recovered()
        commits.answered(P, second + 1)


def test_commits_of_one_partition_are_overdue_though_those_of_another_are_confirmed_and_recover_in_the_flow() -> None:
    commits, other, told, recovered = Commits(), ("t", 1), [], []
    for second in range(int(3 * OVERDUE_SECONDS)):
        commits.stored(P, second + 1)
        commits.stored(other, second + 1)
        if commits.overdue(second) is not None:
            told.append(second)
        elif commits.recovered():
            recovered.append(second)
        commits.answered(P, second + 1)
        if second >= 2 * OVERDUE_SECONDS:
            commits.answered(other, second + 1)
    assert told == [OVERDUE_SECONDS + 1]
    assert recovered == [2 * OVERDUE_SECONDS + 1]


def test_the_answer_to_a_commit_of_an_earlier_assignment_confirms_nothing_of_the_next() -> None:
    commits = Commits()
    commits.stored(P, 100)
    commits.forget([P])
    commits.stored(P, 3)
    assert not commits.answered(P, 100)
    assert commits.pending
    assert commits.answered(P, 3)
    assert not commits.pending
