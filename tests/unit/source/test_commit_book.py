"""Pending, overdue and confirmed commits."""

from __future__ import annotations

from greenflash_kafka.source.commit_book import OVERDUE_SECONDS, CommitBook

P, Q = ("t", 0), ("t", 1)


def test_commits_are_overdue_once_and_recover_once() -> None:
    commits = CommitBook()
    commits.stored(P, 5)
    assert commits.overdue(0.0) is None
    assert commits.overdue(OVERDUE_SECONDS + 1) == OVERDUE_SECONDS + 1
    assert commits.overdue(OVERDUE_SECONDS + 2) is None
    commits.confirm(P, 5)
    assert commits.overdue(OVERDUE_SECONDS + 3) is None
    assert commits.recovered()
    assert not commits.recovered()


def test_commits_that_are_confirmed_while_more_is_stored_are_never_overdue() -> None:
    commits = CommitBook()
    for second in range(int(3 * OVERDUE_SECONDS)):
        commits.stored(P, second + 1)
        assert commits.overdue(second) is None
        assert not commits.recovered()
        commits.answered(P, second + 1)


def test_commits_of_one_partition_are_overdue_though_those_of_another_are_confirmed_and_recover_in_the_flow() -> None:
    commits, other, told, recovered = CommitBook(), ("t", 1), [], []
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
    commits = CommitBook()
    commits.stored(P, 100)
    commits.forget([P])
    commits.stored(P, 3)
    assert not commits.answered(P, 100)
    assert commits.pending
    assert commits.answered(P, 3)
    assert not commits.pending


def test_only_what_is_stored_and_not_confirmed_yet_is_to_be_committed_again() -> None:
    commits = CommitBook()
    commits.stored(P, 5)
    commits.stored(Q, 9)
    commits.confirm(Q, 9)
    assert commits.unconfirmed() == {P: 5}
    assert commits.unconfirmed([Q, ("t", 7)]) == {}
    commits.forget([P])
    assert not commits.pending


def test_an_offset_at_or_below_what_this_client_has_committed_went_back_also_in_a_later_assignment() -> None:
    commits = CommitBook()
    commits.stored(P, 5)
    commits.answered(P, 5)
    commits.forget([P])
    assert [commits.went_back(P, offset) for offset in (4, 5, 6)] == [True, True, False]
    assert not commits.went_back(Q, 0)
