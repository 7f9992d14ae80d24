"""Walks through the pages of `GET /interactions`. Pure: offsets out, pages in.

Items move while pages are read: new ones come, some are deleted, a change may move one to the front. So each page
overlaps the one before; where it doesn't, some have moved past the gap, and the walk goes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from greenflash_kafka.interactions.interaction import Interaction
from greenflash_kafka.interactions.page_order import PageOrder

LIMIT: Final = 100
"""Items of a page, the most that the API gives."""

OVERLAP: Final = 5
"""Items of the page before that are requested again."""

STEPS_BACK: Final = 3
"""So often a walk goes back in a row; then the list changes faster than it can be read, and it goes on."""

LATE_SECONDS: Final = 600.0
"""An interaction may appear so long after its time: Greenflash says that data appears within about 5 minutes."""


class PagesRepeat(Exception):
    """Another offset gave the same full page: the service doesn't page by `offset`."""


class PageWalk:
    """The whole list, from the beginning to the end."""

    def __init__(self, began: float) -> None:
        """`began`: now, in seconds since 1970."""
        self.offset: int | None = 0
        """The offset of the next request; None: the walk is over."""
        self.last = 0
        """The offset of the last page that was read."""
        self.requests = 0
        self.written = 0
        self.horizon = began - LATE_SECONDS
        """What appears after this walk is no older, in seconds since 1970."""
        self._largest = 0
        self._before: list[str] = []
        self._steps_back = 0

    def took(self, items: Sequence[Interaction], unknown: int) -> None:
        """The page at `offset` is this, and so many of its items weren't known. Raises `PagesRepeat`."""
        assert self.offset is not None
        self.requests += 1
        self.written += unknown
        ids = [each.id for each in items]
        if self._repeats(ids):
            raise PagesRepeat
        if self._moved(ids):
            self._go_back(self._largest)
            return
        self._steps_back = 0
        self.last = self.offset
        if self._is_end(ids) or self.may_end(items, unknown):
            self.offset = None
            return
        self._largest = max(self._largest, len(ids))
        self._before = ids
        self.offset += len(ids) - OVERLAP

    def may_end(self, items: Sequence[Interaction], unknown: int) -> bool:
        """True if what follows this page needn't be read."""
        del items, unknown
        return False

    def _go_back(self, size: int) -> None:
        assert self.offset is not None
        self._steps_back += 1
        self.offset = max(0, self.offset - (size - OVERLAP))

    def _moved(self, ids: list[str]) -> bool:
        if not self._before or self.offset == 0 or self._steps_back == STEPS_BACK:
            return False
        return self._before[-1] not in ids

    def _repeats(self, ids: list[str]) -> bool:
        return len(ids) > 2 * OVERLAP and ids == self._before and not self._steps_back

    def _is_end(self, ids: list[str]) -> bool:
        # The service may give fewer than we ask for: a first page that isn't full needn't be the last.
        if len(ids) <= 2 * OVERLAP or len(ids) < self._largest:
            return True
        return bool(self._before) and ids[-1] == self._before[-1]


class NewestWalk(PageWalk):
    """What is new where the newest come first: until a page is known, and older than what may have appeared since."""

    def __init__(self, order: PageOrder, began: float, horizon: float) -> None:
        """`horizon`: that of the walk before."""
        super().__init__(began)
        self._order = order
        self._until = horizon

    def may_end(self, items: Sequence[Interaction], unknown: int) -> bool:
        """See `PageWalk`."""
        oldest = self._order.time_of(items[-1])
        return not unknown and oldest is not None and oldest < self._until


class OldestWalk(PageWalk):
    """What is new where the oldest come first: from the last page that was read, or further in front.

    The list may have become shorter, and what changed may have moved to its end: a first page that doesn't begin before
    what may have appeared since isn't far enough in front.
    """

    def __init__(self, order: PageOrder, began: float, horizon: float, last: int) -> None:
        """`horizon` and `last`: those of the walk before."""
        super().__init__(began)
        self.offset = last
        self._order = order
        self._since = horizon
        self._begun = False

    def took(self, items: Sequence[Interaction], unknown: int) -> None:
        """See `PageWalk`."""
        first = self._order.time_of(items[0]) if items else None
        if not self._begun and self.offset and (first is None or first >= self._since):
            self.requests += 1
            self.written += unknown
            self._go_back(LIMIT)
            return
        self._begun = True
        super().took(items, unknown)
