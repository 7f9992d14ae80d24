"""The progress of a sender, as the answering server sees it."""

from __future__ import annotations

import itertools
import time

from bench.api import Api
from bench.usage import Usage


class Progress:
    """How far a sender is, over time, and what it uses meanwhile."""

    def __init__(self, usage: Usage) -> None:
        self.usage = usage
        self._looks = [(time.monotonic(), 0)]

    @property
    def seen(self) -> int:
        """Events so far, at the last look."""
        return self._looks[-1][1]

    def look(self, api: Api) -> bool:
        """Ask the server; whether there are more than before."""
        before = self.seen
        self._looks.append((time.monotonic(), api.seen()))
        return self.seen > before

    def at(self, moment: float) -> int:
        """How many had come at the last look before this moment, or at it."""
        return max(seen for at, seen in self._looks if at <= moment)

    def when(self, events: float) -> float:
        """The moment at which so many had come, in between two looks by proportion."""
        for (at, few), (then, many) in itertools.pairwise(self._looks):
            if many >= events and many > few:
                return at + (then - at) * max(0.0, events - few) / (many - few)
        return self._looks[-1][0]
