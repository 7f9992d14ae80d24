"""Reach of the brokers: the client says that all connections are down, and never that one stands again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from greenflash_kafka.ports import Listener

GRACE_SECONDS: Final = 5.0
"""So long the client is given to connect again: a connection that is cut takes it a second."""

AGAIN_SECONDS: Final = 10.0
"""It is told again so often while it is so."""


class Reachability:
    """Tells that no broker can be reached once nothing has come of any for a while, and that one can. `ask` is a short
    question through the same client: True if a broker has answered it."""

    def __init__(
        self, listener: Listener, ask: Callable[[], bool], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._listener = listener
        self._ask = ask
        self._monotonic = monotonic
        self._next: float | None = None
        self._told = self._drained = False

    @property
    def doubted(self) -> bool:
        """True if the client has said so, and nothing has shown the contrary."""
        return self._next is not None

    def down(self) -> None:
        """The client says that all connections are down."""
        if self._next is None:
            self._next = self._monotonic() + GRACE_SECONDS
            self._drained = False

    def took(self, number: int, limit: int) -> None:
        """So many messages were taken where so many might have been. Those that the client had before don't count."""
        if number and self._drained:
            self.answered()
        elif number < limit:
            self._drained = True

    def answered(self) -> None:
        """A broker has answered: it confirmed a commit, say."""
        self._next = None
        if self._told:
            self._told = False
            self._listener.notice("brokers_reachable")

    def watch(self) -> None:
        """Ask if it is time to, and tell what comes of it."""
        if self._next is None or self._monotonic() < self._next:
            return
        if self._ask():
            self.answered()
            return
        self._next, self._told = self._monotonic() + AGAIN_SECONDS, True
        self._listener.notice("brokers_unreachable", text="all connections are down, and no broker answers")
