"""The early end of a pass over messages of the past, with somebody waiting for it: a replay, a backfill."""

from __future__ import annotations

from typing import Final

from greenflash_kafka.deadlines import Deadlines
from greenflash_kafka.delivery.dispatcher import Dispatcher
from greenflash_kafka.ports import Clock

PAUSED_SECONDS: Final = 20.0
"""Seconds for which delivery may be paused before a pass ends: an operator is present."""

DRAIN_SECONDS: Final = 30.0
"""Time limit for requests in flight after Ctrl-C, in seconds."""

COMMIT_SECONDS: Final = 1.0


class PassStop:
    """Whether to stop before the end, and why. `dispatcher` is None where nothing is sent."""

    def __init__(self, clock: Clock, dispatcher: Dispatcher | None) -> None:
        self._clock = clock
        self._dispatcher = dispatcher
        self._paused_since: float | None = None
        self._until: float | None = None
        self.stopping = False
        """Nothing new is begun."""
        self.reason = ""
        """In words; empty while there is none."""

    def ask(self, reason: str) -> None:
        """Stop at the next look, unless there is another reason."""
        self.reason = self.reason or reason

    def look(self, asked: bool) -> None:
        """Once a turn; `asked`: somebody wants it to end."""
        now = self._clock.monotonic()
        paused = None if self._dispatcher is None else self._dispatcher.pause_reason
        self._paused_since = None if paused is None else now if self._paused_since is None else self._paused_since
        if paused and self._paused_since is not None and now - self._paused_since > PAUSED_SECONDS:
            self.reason = paused.text
        if (self.reason or asked) and not self.stopping:
            self.stopping, self._until = True, now + DRAIN_SECONDS
            self.ask("it was asked to stop")

    @property
    def overdue(self) -> bool:
        """True if what is in flight has had its time."""
        return self._until is not None and self._clock.monotonic() > self._until


def drive(dispatcher: Dispatcher, deadlines: Deadlines, clock: Clock) -> None:
    """Send what may be sent, and wait a little for responses."""
    dispatcher.pump()
    if dispatcher.in_flight:
        dispatcher.poll(deadlines.wait(0.05))
    elif dispatcher.outstanding:
        clock.sleep(deadlines.wait(0.05))
