"""The order of `GET /interactions`, which nobody documents: learned from the pages themselves. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, Literal

import msgspec

from greenflash_kafka.interactions.interaction import Interaction


class PageOrder(msgspec.Struct, frozen=True):
    """By which time items are sorted, and which come first."""

    by: Literal["createdAt", "updatedAt"]
    first: Literal["newest", "oldest"]

    def time_of(self, item: Interaction) -> float | None:
        """The time by which an item is sorted, in seconds since 1970."""
        return item.created if self.by == "createdAt" else item.updated

    def holds(self, items: Sequence[Interaction]) -> bool:
        """True if these items of one page can stand in this order."""
        return not any(_step(self, *pair) is False for pair in pairwise(items))

    def __str__(self) -> str:
        return f"{self.first} first by {self.by}"


# Of two that fit the one that promises less is taken: where creation decides, changes must be looked for.
ORDERS: Final = (
    PageOrder("createdAt", "newest"),
    PageOrder("createdAt", "oldest"),
    PageOrder("updatedAt", "newest"),
    PageOrder("updatedAt", "oldest"),
)


class OrderEvidence:
    """What pages say about their order. Only neighbours of one page are compared: between two requests items move."""

    def __init__(self) -> None:
        self._possible = dict.fromkeys(ORDERS, False)
        """The orders that nothing contradicts; True where two neighbours differ, so that something speaks for it."""

    def add(self, items: Sequence[Interaction]) -> None:
        """Take the items of one page."""
        for order in list(self._possible):
            steps = [_step(order, *pair) for pair in pairwise(items)]
            if False in steps:
                del self._possible[order]
            elif True in steps:
                self._possible[order] = True

    @property
    def order(self) -> PageOrder | None:
        """The order that all pages have; None if they have none, or nothing says which."""
        return next((order for order, supported in self._possible.items() if supported), None)


def _step(order: PageOrder, before: Interaction, after: Interaction) -> bool | None:
    """True if two neighbours speak for this order, False if against it, None if they are of one time."""
    first, second = order.time_of(before), order.time_of(after)
    if first is None or second is None:
        return False
    if first == second:
        return None
    return (first > second) == (order.first == "newest")
