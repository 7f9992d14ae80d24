"""The number of different values of a path, exact as long as that is cheap, and the part that two paths share."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

EXACT: Final = 100_000
"""So many different values of one path are counted exactly."""

MOST_HASHES: Final = 1_000_000
"""So many hashes are kept of all paths of one table."""

KEPT: Final = 1024
"""So many of the smallest hashes are kept of a path that has more: an estimate that is right to about 3 %."""

_HASHES: Final = 1 << 64


class HashBudget:
    """How many more hashes the paths of one table may keep together."""

    __slots__ = ("left",)

    def __init__(self, left: int = MOST_HASHES) -> None:
        self.left = left


class DistinctHashes:
    """Hashes of 8 bytes of the different values; all of them, or the smallest ones."""

    __slots__ = ("_added", "_budget", "_hashes", "_limit")

    def __init__(self, budget: HashBudget) -> None:
        self._added = 0
        self._budget = budget
        self._hashes: set[int] = set()
        self._limit = _HASHES

    def add(self, text: str) -> None:
        """Count a value."""
        self._added += 1
        self._keep(int.from_bytes(blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest(), "big"))

    def take(self, other: DistinctHashes) -> None:
        """Count the values of another path, too."""
        self._added += other._added
        if other._limit < self._limit:
            self._limit = other._limit
            self._budget.left += sum(each >= self._limit for each in self._hashes)
            self._hashes = {each for each in self._hashes if each < self._limit}
        for found in other._hashes:
            self._keep(found)
        other._budget.left += len(other._hashes)

    def _keep(self, found: int) -> None:
        if found < self._limit and found not in self._hashes:
            self._hashes.add(found)
            self._budget.left -= 1
            most = 2 * KEPT if self._limit < _HASHES or self._budget.left < 0 else EXACT
            if len(self._hashes) > most:
                self._shrink()

    @property
    def exact(self) -> bool:
        """Whether `count` is no estimate."""
        return self._limit == _HASHES

    @property
    def count(self) -> int:
        """How many different values there were."""
        if self.exact:
            return len(self._hashes)
        return min(self._added, int(len(self._hashes) / (self._limit / _HASHES)))

    def shared(self, other: DistinctHashes) -> tuple[float, int]:
        """The share of these values that the other has, too, and of how many this was looked up."""
        limit = min(self._limit, other._limit)
        own = [each for each in self._hashes if each < limit]
        return (sum(each in other._hashes for each in own) / len(own) if own else 0.0), len(own)

    def _shrink(self) -> None:
        kept = sorted(self._hashes)[: KEPT + 1]
        self._budget.left += len(self._hashes) - KEPT
        self._limit = kept.pop()
        self._hashes = set(kept)
