"""Expiry: rows that no message can ask for any more are deleted, some keys each second."""

from __future__ import annotations

from typing import Final

from greenflash_kafka.linking.table import ActivityTable
from greenflash_kafka.ports import Clock

KEYS: Final = 500
_STEP_SECONDS: Final = 1.0
_HOLD_SECONDS: Final = 3_600.0
_WORTH_MS: Final = 60_000


class Sweeper:
    """Deletes by the progress of the messages, not by the clock: what is behind by days keeps its history."""

    def __init__(self, table: ActivityTable, kept: int, clock: Clock) -> None:
        """`kept`: how long before the message that is furthest behind activities are kept, in milliseconds."""
        self._table = table
        self._kept = kept
        self._clock = clock
        self._at: int | None = None
        self._before: int | None = None
        self._next = 0.0
        self._held_until = 0.0
        self.oldest: int | None = None
        """The timestamp of the message that is furthest behind, in milliseconds; None: not known, nothing expires."""

    def hold(self) -> None:
        """Delete nothing for an hour: a message asked for history that was gone, others may too."""
        self._held_until = self._clock.monotonic() + _HOLD_SECONDS
        self._before = None
        self._at = None

    def step(self, now: float, floor: int) -> int:
        """Delete a part, about once a second; the time (milliseconds) from which on the table is complete after it.
        `floor` is the one before. Raises TableFailed."""
        if now < self._next or now < self._held_until or self.oldest is None:
            return floor
        self._next = now + _STEP_SECONDS
        if self._before is None:
            before = self.oldest - self._kept
            if before < floor + _WORTH_MS:
                return floor
            # First the note, then the deletion.
            self._table.note("floor", before)
            self._before = before
        self._at = self._table.sweep(self._at, KEYS, self._before)
        floor = max(floor, self._before)
        if self._at is None:
            self._before = None
        return floor
