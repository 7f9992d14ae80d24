"""A range of a partition's offsets."""

from __future__ import annotations

import msgspec


class OffsetRange(msgspec.Struct, frozen=True, order=True):
    """Offsets of one partition, from `start` up to `end`, which isn't in it."""

    topic: str
    partition: int
    start: int
    end: int

    @property
    def count(self) -> int:
        """The number of offsets; not all of them need have a message."""
        return max(0, self.end - self.start)

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition} {self.start} to {self.end - 1}"
