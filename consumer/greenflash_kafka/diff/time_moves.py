"""Events that happened at another time: by how much, from the least to the most."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1))


class TimeMoves(msgspec.Struct):
    """Milliseconds from the old time to the new one: later ones are positive."""

    count: int = 0
    least: int = 0
    most: int = 0

    def move(self, old: str, new: str) -> None:
        """Count an event; both times are in ISO 8601."""
        by = (datetime.fromisoformat(new) - datetime.fromisoformat(old)) // timedelta(milliseconds=1)
        self.add(TimeMoves(1, by, by))

    def add(self, other: TimeMoves) -> None:
        """Count what another has counted."""
        if other.count:
            self.least = min(self.least, other.least) if self.count else other.least
            self.most = max(self.most, other.most) if self.count else other.most
            self.count += other.count

    @property
    def words(self) -> str:
        """By how much, in the two largest units."""
        if self.least == self.most:
            return _shift(self.least) if self.count == 1 else f"every one {_shift(self.least)}"
        return f"from {_shift(self.least)} to {_shift(self.most)}"


def _shift(ms: int) -> str:
    """So much earlier or later, in words."""
    if not ms:
        return "less than 1 ms"
    left, said = abs(ms), []
    for name, size in _UNITS:
        count, left = divmod(left, size)
        if count:
            said.append(f"{count:,} {name}")
    return f"{' '.join(said[:2])} {'later' if ms > 0 else 'earlier'}"
