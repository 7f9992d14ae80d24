"""An open transaction of a partition: the offsets behind it, and the way to end it."""

from __future__ import annotations

import msgspec


class OpenTransaction(msgspec.Struct, frozen=True):
    """`stable` is the last stable offset, where the oldest open transaction begins; `end` the high watermark."""

    stable: int
    end: int

    @property
    def behind(self) -> int:
        """The number of offsets that can't be read before it is committed or aborted."""
        return self.end - self.stable

    @property
    def words(self) -> str:
        """A description of the transaction."""
        return f"{self.behind} record(s) from offset {self.stable} on wait behind an open transaction"


def ending(topic: str, partition: int, stable: int, servers: str) -> str:
    """The ways in which a transaction ends: by its producer, by the brokers after the producer's time limit, or by an
    operator."""
    tool, where = f"kafka-transactions.sh --bootstrap-server {servers}", f"--topic {topic} --partition {partition}"
    return (
        "Its producer commits or aborts it, or the brokers abort it after the producer's transaction.timeout.ms. If it "
        f"stays, it hangs: `{tool} describe-producers {where}` shows the producer, "
        f"`{tool} abort {where} --start-offset {stable}` aborts it"
    )
