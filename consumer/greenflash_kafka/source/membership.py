"""Membership in the group: detects that the group has not assigned partitions to this member."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from greenflash_kafka.ports import Listener

GROUP_SECONDS: Final = 15.0
"""Without a response for so many seconds the group counts as silent: longer than it waits for a member that was
killed."""

ASK_SECONDS: Final = 1.0
"""Seconds between queries to the coordinator of a KIP-848 group whether it has no partition for this member."""


class Membership:
    """Reports that this member has no partitions because the group has neither assigned any nor said that there are
    none.

    The broker of a classic group holds an answer back until all members of before have asked too, or their
    `max.poll.interval.ms` is over. One that was killed is removed after its session, but one that hangs is waited
    for. A KIP-848 group makes no member wait, but doesn't report that there is no partition for a member.
    """

    def __init__(
        self, listener: Listener, monotonic: Callable[[], float], ask: Callable[[], Future[bool]] | None = None
    ) -> None:
        """`ask` starts a query to the coordinator: does it know this member, with all partitions given to others? For a
        group that doesn't say so by itself."""
        self._listener = listener
        self._monotonic = monotonic
        self._ask = ask
        self._since: float | None = None
        self._silent = False
        self._asked: Future[bool] | None = None
        self._ask_at = 0.0

    def waits(self) -> None:
        """Note that this member has no partitions (any more), and has requested some."""
        if self._since is None:
            self._since = self._monotonic()
            self._ask_at = self._since + ASK_SECONDS

    def answered(self) -> None:
        """Note that the group has assigned this member's partitions, be it none."""
        self._since = self._asked = None
        if self._silent:
            self._silent = False
            self._listener.notice("group_answers")

    def watch(self, nothing: bool = False) -> bool:
        """Report a wait that is too long; once an iteration of the loop. `nothing`: there is no topic, so no query is
        sent.

        True once the coordinator was asked, and has nothing for this member.
        """
        if self._since is None:
            return False
        now = self._monotonic()
        if self._stands_by(now):
            self.answered()
            return True
        if nothing and not self._silent:
            self._since = now
        elif not self._silent and now - self._since > GROUP_SECONDS:
            self._silent = True
            self._listener.notice("group_silent", seconds=round(now - self._since))
        return False

    def _stands_by(self, now: float) -> bool:
        if self._ask is None:
            return False
        if self._asked is None:
            if now >= self._ask_at:
                self._asked = self._ask()
            return False
        if not self._asked.done():
            return False
        asked, self._asked = self._asked, None
        self._ask_at = now + ASK_SECONDS
        return asked.exception() is None and asked.result()
