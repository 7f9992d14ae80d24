"""The contents of a replay's commit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from greenflash_kafka.dlq.progress import MOST, Progress, committed, to_commit


@given(st.sets(st.integers(0, 5000)), st.integers(0, 6000))
def test_what_is_committed_is_read_back_or_begins_earlier(kept: set[int], ahead: int) -> None:
    progress = Progress(max(kept, default=0) + ahead + 1, frozenset(kept))
    offset, metadata = to_commit(progress)
    assert len(metadata) <= MOST
    back = committed(offset, metadata)
    assert offset <= progress.next_offset
    assert back.kept == {each for each in kept if each < offset}
    assert not any(back.is_settled(each) for each in kept), "a letter that failed is never passed over"


def test_too_many_ranges_end_the_commit_before_the_first_that_has_no_room() -> None:
    kept = frozenset(range(100_000, 110_000, 2))
    offset, metadata = to_commit(Progress(200_000, kept))
    assert offset in kept
    assert committed(offset, metadata).kept == {each for each in kept if each < offset}


def test_an_offset_that_was_set_by_hand_keeps_nothing() -> None:
    assert committed(7, "by hand") == Progress(7)
    assert committed(7, None) == Progress(7)
