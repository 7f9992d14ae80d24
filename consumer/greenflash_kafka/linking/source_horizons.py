"""Horizons of the sources: how far their logs are read, and what messages wait for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from greenflash_kafka.linking.decision import ALWAYS
from greenflash_kafka.linking.frontier import MARGIN_MS, least
from greenflash_kafka.linking.table import TableFailed
from greenflash_kafka.model.conversations import LATE_MS
from greenflash_kafka.ports import Clock

FUTURE_MS: Final = 5 * 60_000
"""Milliseconds before our clock from which on a message's timestamp isn't believed, nor waited for."""

_OVERDUE_MS: Final = 2_000
"""Milliseconds that a horizon may be late in the ordinary course: the questions are asked once a second."""

_ASKED_SECONDS: Final = 2.0


class LoggedSource(Protocol):
    """What is read of logs: a conversation source, or a table from a topic. `max_delay_ms`: milliseconds that a record
    may be late."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def max_delay_ms(self) -> int:
        """As above."""
        ...


class SourceHorizons:
    """What the reader of the logs says of them, and what messages ask.

    `lookback`: the longest of all links; `late`: how much later than it happened an outcome may be recorded, with all
    of its lookback; `margin`: how much clocks may differ; in milliseconds. `give_up_after`: seconds after which
    messages are linked to nothing rather than wait longer for logs that can't be read; None: never.
    """

    def __init__(
        self,
        sources: Sequence[LoggedSource],
        clock: Clock,
        *,
        lookback: int,
        late: int = LATE_MS,
        give_up_after: float | None = None,
        margin: int = MARGIN_MS,
    ) -> None:
        self._clock = clock
        self._reach = lookback + late
        self._give_up_after = give_up_after
        self._margin = margin
        self.delays: Mapping[str, int] = {each.name: each.max_delay_ms for each in sources}
        """How late records of each source may be, in milliseconds."""
        self.frontiers: dict[str, int] = {}
        """How far each source is read, in milliseconds since 1970."""
        self.floor = -ALWAYS
        """What happened from this time on is, or will be, in the table, in milliseconds since 1970."""
        self._since: dict[str, int] = {}
        self._from = -ALWAYS
        self._limits: dict[tuple[str, ...], int] = {}
        self._troubled: dict[tuple[str, ...], float] = {}
        self.wanted: dict[tuple[str, ...], int] = {}
        """By sources the earliest timestamp that was asked for and isn't known; the reader clears it."""
        self.earliest: int | None = None
        """The earliest timestamp that was asked for and that reaches back before the history in the table."""
        self.furthest = ALWAYS
        """The latest timestamp that was asked for and wasn't known."""
        self.failed: TableFailed | None = None
        """The error of a look-up; the reader deals with it, and clears it."""
        self._asked: dict[tuple[str, ...], float] = {}
        self._overdue_asked = float("-inf")

    # --- for the reader -------------------------------------------------------------------------------------------

    def publish(self, frontiers: Mapping[str, int]) -> None:
        """All that these sources tell up to these times is in the table. Never goes back."""
        for source, ms in frontiers.items():
            if ms > self.frontiers.get(source, ALWAYS):
                self.frontiers[source] = ms
        self._limits.clear()

    def complete_since(self, floor: int, since: Mapping[str, int]) -> None:
        """The table has what happened from `floor` on; of a source, what its topics still have begins at `since`.
        Milliseconds since 1970."""
        self.floor = floor
        self._from = floor + self._reach
        self._since = {source: max(floor, ms) for source, ms in since.items()}

    def begin_anew(self) -> None:
        """The table is empty: nothing is known."""
        self.frontiers.clear()
        self._limits.clear()
        self.floor = self._from = -ALWAYS
        self._since = {}

    def waits_overdue(self) -> bool:
        """True if a message has waited within the last two seconds, longer than it should."""
        return self._clock.monotonic() - self._overdue_asked < _ASKED_SECONDS

    def waited_for(self) -> set[str]:
        """The sources that a message has waited for within the last two seconds."""
        since = self._clock.monotonic() - _ASKED_SECONDS
        return {source for sources, asked in self._asked.items() if asked > since for source in sources}

    # --- for messages ---------------------------------------------------------------------------------------------

    def known(self, sources: tuple[str, ...], recorded: int) -> bool:
        """See `model.conversations.Conversations`."""
        limit = self._limits.get(sources)
        if limit is None:
            limit = self._limits[sources] = least(self.frontiers, self.delays, sources)
        if self._from <= recorded <= limit:
            if self._troubled:
                self._troubled.pop(sources, None)
            return True
        return self._nobody_waits(sources, recorded)

    def _nobody_waits(self, sources: tuple[str, ...], recorded: int) -> bool:
        """Note what is wanted; true if the message goes on without."""
        now = self._clock.now() * 1000
        if recorded > now + FUTURE_MS:
            return True
        self.wanted[sources] = min(recorded, self.wanted.get(sources, recorded))
        self.furthest = max(self.furthest, recorded)
        if recorded < self._from and (self.earliest is None or recorded < self.earliest):
            self.earliest = recorded
        self._asked[sources] = self._clock.monotonic()
        overdue = self._is_overdue(sources, recorded, now)
        if overdue:
            self._overdue_asked = self._asked[sources]
        if self._give_up_after is None or not overdue:
            return False
        since = self._troubled.setdefault(sources, self._clock.monotonic())
        return self._clock.monotonic() - since >= self._give_up_after

    def _is_overdue(self, sources: tuple[str, ...], recorded: int, now: float) -> bool:
        """True if the horizon should have been reached by now (milliseconds since 1970), were all brokers and topics
        read as fast as they are written."""
        delay = max((self.delays[each] for each in sources), default=0)
        return recorded + delay + self._margin + _OVERDUE_MS < now

    def reached(self, source: str, recorded: int) -> bool:
        """True if all that this source may tell for a message with this timestamp (milliseconds) is in the table."""
        return self._from <= recorded <= self.frontiers.get(source, ALWAYS) - self.delays[source]
