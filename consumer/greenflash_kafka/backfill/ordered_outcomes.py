"""Outcomes of messages of the past, one after another: the first of them may wait for conversations or tables."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet, Want, words
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.ports import Clock, ConversationReader

WAITING_SECONDS: Final = 20.0
"""How long a message may wait for what a reader has nothing more to read for, beside the `max_delay` of its sources."""

LOOK_SECONDS: Final = 0.01
"""Seconds between two looks at whether it is known, when there is nothing else to do."""


class OrderedOutcomes:
    """`outcome` gives NotYet for what `reader` hasn't read yet; without a reader nothing waits. `patience`: seconds for
    which a message may wait while there is nothing to read."""

    def __init__(
        self,
        outcome: Callable[[Message], Outcome | NotYet],
        clock: Clock,
        reader: ConversationReader | None = None,
        patience: float = WAITING_SECONDS,
    ) -> None:
        self._outcome = outcome
        self._clock = clock
        self._reader = reader
        self._patience = patience
        self._messages: deque[Message] = deque()
        self._want: Want | None = None
        self._busy_at = clock.monotonic()

    @property
    def waits(self) -> bool:
        """True while not all that was added is ready: no more should be."""
        return bool(self._messages)

    def add(self, messages: Sequence[Message]) -> None:
        """Messages behind those that are here."""
        self._messages.extend(messages)

    def turn(self) -> None:
        """Read a part of what is waited for."""
        if self._reader is not None:
            self._reader.turn()

    def report(self) -> None:
        """Once a second: the reader judges whether it stands still."""
        if self._reader is not None:
            self._reader.report()

    def ready(self) -> Iterator[tuple[Message, Outcome]]:
        """The messages whose outcome is known, up to the first that waits."""
        while self._messages:
            found = self._outcome(self._messages[0])
            if isinstance(found, NotYet):
                self._want = found.want
                return
            self._want, self._busy_at = None, self._clock.monotonic()
            yield self._messages.popleft(), found

    def stuck(self) -> str:
        """Why the first message will not be ready, in words; empty while there is hope. Waits a little."""
        if self._want is None or self._reader is None:
            return ""
        stalled = self._reader.stalled
        if self._reader.wait == 0.0 and not stalled:
            self._busy_at = self._clock.monotonic()
            return ""
        self._clock.sleep(LOOK_SECONDS)
        if not stalled and self._clock.monotonic() - self._busy_at <= self._patience:
            return ""
        return f"{words(self._want)} isn't known yet" + (f": {stalled}" if stalled else "")
