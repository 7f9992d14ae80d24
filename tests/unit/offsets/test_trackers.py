"""The ledger: epochs by partition."""

from __future__ import annotations

from greenflash_kafka.offsets.trackers import OffsetTrackers


def test_a_new_epoch_ends_the_old_one() -> None:
    offset_trackers = OffsetTrackers()
    old = offset_trackers.open(("t", 0), 0)
    old.take(0)
    new = offset_trackers.open(("t", 0), 0)
    old.ack(0)
    assert offset_trackers.get("t", 0) is new
    assert new.committable() == 0


def test_only_what_is_new_is_stored() -> None:
    offset_trackers = OffsetTrackers()
    for partition in (0, 1):
        offset_trackers.open(("t", partition), 0).skip(4)
    assert offset_trackers.to_store(lambda _: None) == {("t", 0): 5, ("t", 1): 5}
    assert offset_trackers.to_store(lambda _: None) == {}
    assert offset_trackers.to_store(lambda key: 9 if key == ("t", 1) else None) == {("t", 1): 9}
