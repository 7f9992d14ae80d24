"""The ledger: epochs by partition."""

from __future__ import annotations

from greenflash_kafka.offsets.ledger import Ledger


def test_a_new_epoch_ends_the_old_one() -> None:
    ledger = Ledger()
    old = ledger.open(("t", 0), 0)
    old.take(0)
    new = ledger.open(("t", 0), 0)
    old.ack(0)
    assert ledger.get("t", 0) is new
    assert new.committable() == 0


def test_only_what_is_new_is_stored() -> None:
    ledger = Ledger()
    for partition in (0, 1):
        ledger.open(("t", partition), 0).skip(4)
    assert ledger.to_store(lambda _: None) == {("t", 0): 5, ("t", 1): 5}
    assert ledger.to_store(lambda _: None) == {}
    assert ledger.to_store(lambda key: 9 if key == ("t", 1) else None) == {("t", 1): 9}
