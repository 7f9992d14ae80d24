"""Notices about the reading of conversation topics: what begins, what stands still, and what ends that."""

from __future__ import annotations

from typing import Final

from greenflash_kafka.linking.source_horizons import SourceHorizons
from greenflash_kafka.ports import Clock, Listener, TopicPartition

STALL_SECONDS: Final = 45.0
"""How long messages wait for conversations that should be known, with nothing read meanwhile, until it is told."""

_RESTORE_SECONDS: Final = 60.0


class Trouble:
    """Tells each state once, and its end."""

    def __init__(self, conversations: SourceHorizons, clock: Clock, listener: Listener) -> None:
        self._conversations = conversations
        self._clock = clock
        self._listener = listener
        self._table_text = ""
        self._frontier = 0
        self._moved = clock.monotonic()
        self.stalled = ""
        """What holds the reading up, once it was told; empty while it goes on."""
        self._restoring: float | None = None

    def rebuilt(self, why: str) -> None:
        """The table is thrown away."""
        self._listener.notice("conversations_rebuilt", text=why)

    def restoring(self, since: int) -> None:
        """The logs are read from this time on (milliseconds)."""
        self._listener.notice("conversations_restoring", since_ms=since)
        self._restoring = self._clock.monotonic() + _RESTORE_SECONDS

    def history_missing(self, partition: TopicPartition, begin: int) -> None:
        """A partition has no longer what a lookback may reach."""
        self._listener.notice("conversations_history_missing", topic=partition[0], partition=partition[1], offset=begin)

    def table_fails(self, text: str) -> None:
        """The table can't be read or written now."""
        self._table_text = text

    def table_works(self) -> None:
        """It can."""
        self._table_text = ""

    def report(self, holding: str) -> None:
        """Tell a stall or a restore that goes on; `holding` says what holds the frontier back. About once a second."""
        now = self._clock.monotonic()
        waited_for, frontiers = self._conversations.waited_for(), self._conversations.frontiers
        frontier = min((frontiers.get(each, 0) for each in waited_for), default=0)
        if frontier != self._frontier or not waited_for:
            self._frontier, self._moved = frontier, now
        # In the ordinary course the frontier moves every second: no need to wait until a message is overdue.
        stands = now - self._moved >= STALL_SECONDS
        if not stands and not self._conversations.waits_overdue():
            if self.stalled or (self._restoring is not None and frontiers):
                self._listener.notice("conversations_ready")
                self.stalled, self._restoring = "", None
            return
        if stands and not self.stalled:
            self.stalled = self._table_text or holding
            self._listener.notice("conversations_stalled", text=self.stalled)
        elif self._restoring is not None and now >= self._restoring:
            self._restoring = now + _RESTORE_SECONDS
            behind = round(self._clock.now() - frontier / 1000)
            self._listener.notice("conversations_restoring", behind_seconds=behind, text=holding)
