"""Whether the group has said which partitions are this member's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from consumer.ports import Listener

GROUP_SECONDS: Final = 15.0
"""Without an answer for so long the group is silent: longer than it waits for a member that was killed."""


class Membership:
    """Tells when this member has no partitions because the group, which should give it some or say that there are
    none, doesn't.

    The broker holds an answer back until all members of before have asked too, or their `max.poll.interval.ms` is
    over. One that was killed is out after its session, but one that stands still is waited for.
    """

    def __init__(self, tell: Listener, monotonic: Callable[[], float], *, always_answers: bool) -> None:
        """`always_answers`: the group also tells a member that there is nothing for it. A classic one does."""
        self._tell = tell
        self._monotonic = monotonic
        self._always_answers = always_answers
        self._since: float | None = None
        self._silent = False

    def waits(self) -> None:
        """This member has no partitions (any more), and has asked for some."""
        if self._always_answers and self._since is None:
            self._since = self._monotonic()

    def answered(self) -> None:
        """The group has said what is this member's, be it nothing."""
        self._since = None
        if self._silent:
            self._silent = False
            self._tell.notice("group_answers")

    def watch(self) -> None:
        """Tell if it has been too long; once a turn of the loop."""
        if self._since is None or self._silent:
            return
        seconds = self._monotonic() - self._since
        if seconds > GROUP_SECONDS:
            self._silent = True
            self._tell.notice("group_silent", seconds=round(seconds))
