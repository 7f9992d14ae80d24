"""Records of others between our own: a second process writes to the same topic. Pure."""

from __future__ import annotations

from collections.abc import Iterable


class ForeignRecords:
    """Compares the offsets of what this process has written: those of one writer alone follow each other."""

    def __init__(self) -> None:
        self._next: dict[int, int] = {}

    def between(self, written: Iterable[tuple[int, int]]) -> bool:
        """True if others have written since our last records, or between these (partition, offset)."""
        found = False
        for partition, offset in sorted(written):
            found = found or offset > self._next.get(partition, offset)
            self._next[partition] = offset + 1
        return found

    def forget(self) -> None:
        """Something failed: what was written all the same isn't known."""
        self._next.clear()
