"""What a backfill may read, and how it remembers how far it is."""

from __future__ import annotations

import pytest

from greenflash_kafka.backfill.backfill_progress import (
    BackfillProgress,
    before_live,
    left_of,
    progress_in,
    rules_fingerprint,
)
from greenflash_kafka.model.offset_range import OffsetRange


@pytest.mark.parametrize(("committed", "end"), [(50, None), (10, None), (11, 11), (30, 30), (40, 40), (99, 40)])
def test_what_the_live_group_has_not_committed_is_its_own(committed: int, end: int | None) -> None:
    start = 50 if committed == 50 else 10
    found, unread = before_live([OffsetRange("a", 0, start, 40 if start < 40 else 60)], {("a", 0): committed})
    assert [each.end for each in found] == ([] if end is None else [end])
    assert unread == []


def test_a_partition_without_a_commit_is_left_out_and_named() -> None:
    ranges = [OffsetRange("a", 0, 0, 9), OffsetRange("a", 1, 0, 9)]
    assert before_live(ranges, {("a", 1): 9}) == ([ranges[1]], [ranges[0]])


def test_progress_is_read_as_it_was_written() -> None:
    progress = BackfillProgress(17, 400, rules_fingerprint(["b", "a"]))
    assert progress_in(17, progress.metadata) == progress
    assert progress.rules == rules_fingerprint(["a", "b"]) != rules_fingerprint(["a"])
    assert rules_fingerprint(["a"]) != rules_fingerprint(["a"], ["b"]) != rules_fingerprint(["a", "b"])


@pytest.mark.parametrize("metadata", ["", "v=2;topic=x;to=9", "backfill=1;to=x", "backfill=1;rules=a"])
def test_commits_of_others_are_no_progress(metadata: str) -> None:
    assert progress_in(3, metadata) is None


def test_what_is_left_ends_where_it_was_to_end_at_its_begin() -> None:
    done, half = BackfillProgress(40, 40, "r"), BackfillProgress(10, 40, "r")
    assert left_of({("b", 0): half, ("a", 0): done}) == [OffsetRange("b", 0, 10, 40)]
