"""The commits of a tracker, compared with a model over random histories with gaps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from greenflash_kafka.offsets.tracker import OffsetTracker


@given(st.data())
def test_committable_never_passes_an_unfinished_message(data: st.DataObject) -> None:
    gaps = data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=40))
    start = data.draw(st.integers(0, 10**12))
    tracker = OffsetTracker(("t", 0), start)
    offsets, at = [], start
    for gap in gaps:
        at += gap
        offsets.append(at)
    unfinished: set[int] = set()
    taken: list[int] = []
    while offsets or unfinished:
        if offsets and (not unfinished or data.draw(st.booleans())):
            offset = offsets.pop(0)
            taken.append(offset)
            if data.draw(st.booleans()):
                tracker.take(offset)
                unfinished.add(offset)
            else:
                tracker.skip(offset)
        else:
            offset = data.draw(st.sampled_from(sorted(unfinished)))
            tracker.ack(offset)
            unfinished.discard(offset)
        assert tracker.committable() == (min(unfinished) if unfinished else taken[-1] + 1)
    # Markers behind the last message: only the client's position is past them.
    assert tracker.committable(at + 7) == at + 7


def test_a_closed_epoch_takes_no_acks() -> None:
    tracker = OffsetTracker(("t", 0), 5)
    tracker.take(5)
    tracker.close()
    tracker.ack(5)
    assert tracker.closing
    assert tracker.unfinished == 0


def test_the_position_does_not_pass_an_unfinished_message() -> None:
    tracker = OffsetTracker(("t", 0), 0)
    tracker.take(3)
    assert tracker.committable(10) == 3
    assert tracker.ahead == 1


def test_what_a_crash_would_send_again_is_what_gave_events_since_the_confirmed_commit() -> None:
    tracker = OffsetTracker(("t", 0), 0)
    for offset in range(10):
        (tracker.take if offset % 2 else tracker.skip)(offset)
    assert (tracker.uncommitted, tracker.floor) == (5, 1)
    for offset in (1, 3, 7):
        tracker.ack(offset)
    tracker.confirm(tracker.committable())
    assert (tracker.uncommitted, tracker.floor) == (3, 5)
    for offset in (5, 9):
        tracker.ack(offset)
    tracker.confirm(tracker.committable())
    assert (tracker.uncommitted, tracker.floor) == (0, 10)
