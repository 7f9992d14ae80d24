"""Membership in the group: detects that the group has not assigned partitions to this member."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from greenflash_kafka.ports import Listener

GROUP_SECONDS: Final = 15.0
"""Without an answer for so long the group is silent: longer than it waits for a member that was killed."""

ASK_SECONDS: Final = 1.0
"""How often the coordinator of a KIP-848 group is asked whether there is nothing for this member."""


class Membership:
    """Tells when this member has no partitions because the group, which should give it some or say that there are
    none, doesn't.

    The broker of a classic group holds an answer back until all members of before have asked too, or their
    `max.poll.interval.ms` is over. One that was killed is out after its session, but one that stands still is waited
    for. A KIP-848 group lets nobody wait, but doesn't tell a member that there is nothing for it.
    """

    def __init__(
        self, tell: Listener, monotonic: Callable[[], float], ask: Callable[[], Future[bool]] | None = None
    ) -> None:
        """`ask` starts asking the coordinator whether it knows this member and has given all partitions to others: for
        a group that doesn't tell by itself."""
        self._tell = tell
        self._monotonic = monotonic
        self._ask = ask
        self._since: float | None = None
        self._silent = False
        self._asked: Future[bool] | None = None
        self._ask_at = 0.0

    def waits(self) -> None:
        """This member has no partitions (any more), and has asked for some."""
        if self._since is None:
            self._since = self._monotonic()
            self._ask_at = self._since + ASK_SECONDS

    def answered(self) -> None:
        """The group has said what is this member's, be it nothing."""
        self._since = self._asked = None
        if self._silent:
            self._silent = False
            self._tell.notice("group_answers")

    def watch(self, nothing: bool = False) -> bool:
        """Tell if it has been too long; once a turn of the loop. `nothing`: there is no topic, so nobody is asked.

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
            self._tell.notice("group_silent", seconds=round(now - self._since))
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
