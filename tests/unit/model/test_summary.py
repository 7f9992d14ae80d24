"""One summary of several processes: what is added up, and what must not be."""

from __future__ import annotations

from consumer.model.summary import PartitionTally, Summary, Tally, summary_of, together


def of(*tallies: Tally) -> Summary:
    return summary_of("broker:9092", together(tallies))


def partition(start: int, committed: int, behind: int | None = None, number: int = 0) -> PartitionTally:
    return PartitionTally("orders", number, start, committed, behind)


def test_what_each_did_is_added_up() -> None:
    one = Tally(consumed=10, filtered=3, mapped=6, dead_lettered=1, events=7, accepted=6, unanswered=1)
    two = Tally(consumed=5, filtered=1, mapped=4, events=4, accepted=4)
    both = of(one, two)
    assert (both.consumed, both.filtered, both.mapped, both.dead_lettered) == (15, 4, 10, 1)
    assert (both.events, both.accepted, both.unanswered) == (11, 10, 1)


def test_partitions_of_different_processes_are_added_up() -> None:
    both = of(Tally(partitions=[partition(0, 90, 10)]), Tally(partitions=[partition(50, 60, 5, number=1)]))
    assert (both.committed, both.lag) == (100, 15)


def test_a_partition_that_changed_hands_and_came_back_counts_once() -> None:
    first = Tally(partitions=[partition(0, 1000, 20)])
    second = Tally(partitions=[partition(400, 700)])
    both = of(first, second)
    assert (both.committed, both.lag) == (1000, 20)


def test_a_partition_told_by_two_at_the_end_has_one_lag() -> None:
    left_first = Tally(partitions=[partition(0, 80, 20)])
    left_last = Tally(partitions=[partition(80, 95, 5)])
    assert of(left_first, left_last).lag == 5


def test_produced_is_what_was_read_and_what_is_left() -> None:
    assert of(Tally(consumed=30, partitions=[partition(0, 30, 12)]), Tally(consumed=4)).produced == 46


def test_nothing_was_done() -> None:
    assert (of().produced, of(Tally()).lag) == (0, 0)
