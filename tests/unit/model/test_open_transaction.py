"""An open transaction and how it ends."""

from __future__ import annotations

from greenflash_kafka.model.open_transaction import OpenTransaction, ending


def test_how_much_waits_behind_it_is_said() -> None:
    assert OpenTransaction(stable=10, end=17).behind == 7
    assert "7 record(s) from offset 10" in OpenTransaction(10, 17).words


def test_the_commands_can_be_copied() -> None:
    said = ending("a.b", 3, 10, "k1:9092,k2:9092")
    assert (
        "kafka-transactions.sh --bootstrap-server k1:9092,k2:9092 describe-producers --topic a.b --partition 3" in said
    )
    assert "abort --topic a.b --partition 3 --start-offset 10" in said
