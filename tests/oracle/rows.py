"""`row_as_of` for many questions about large logs: the versions of a table, sorted by key once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from tests.oracle.conversations import Version


class TableOracle:
    """`logs`: by partition its offsets and what stands there, in order. What compaction took must be among them."""

    def __init__(self, logs: Mapping[int, Iterable[tuple[int, Version]]]) -> None:
        self._told: defaultdict[str, list[tuple[int, int, int, str | None]]] = defaultdict(list)
        for partition, log in logs.items():
            logged = -1
            for offset, version in log:
                logged = max(logged, version.stamp)
                self._told[version.key].append((logged, offset, partition, version.row))
        for told in self._told.values():
            told.sort(key=lambda each: each[:3])

    def find(self, key: str, horizon: int) -> str | None:
        """The row as of a horizon (milliseconds); None if there is none, or it is deleted."""
        return max(
            (each for each in self._told.get(key, ()) if each[0] <= horizon), key=lambda e: e[:3], default=_NONE
        )[3]

    def earlier(self, key: str, horizon: int) -> frozenset[str | None]:
        """What was told of it before its row as of the horizon."""
        told = [each[3] for each in self._told.get(key, ()) if each[0] <= horizon]
        return frozenset(told[:-1])

    def later(self, key: str, horizon: int) -> frozenset[str | None]:
        """What was told of it after the horizon: each may stand for a version that compaction took."""
        return frozenset(each[3] for each in self._told.get(key, ()) if each[0] > horizon)


_NONE: tuple[int, int, int, str | None] = (0, 0, 0, None)
