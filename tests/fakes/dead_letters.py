"""Dead letters in memory: the same promises as the real writer, and failures on demand."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from greenflash_kafka.ports import DeadLetter


class MemoryDeadLetters:
    """`ports.DeadLetterQueue` without Kafka. `written` is what has been confirmed, in order.

    `refuse(reason)` makes every try fail with this reason from then on, until `refuse(None)`. While `silent`, no try
    has an answer.
    """

    def __init__(self) -> None:
        self.written: list[DeadLetter] = []
        self._open: deque[tuple[DeadLetter, Callable[[str | None], None]]] = deque()
        self._reason: str | None = None
        self.silent = False

    def refuse(self, reason: str | None) -> None:
        """Fail every try with this reason; None lets them pass again."""
        self._reason = reason

    def write(self, dead_letter: DeadLetter, settled: Callable[[str | None], None]) -> None:
        """See `ports.DeadLetterQueue`."""
        self._open.append((dead_letter, settled))

    def poll(self) -> None:
        """See `ports.DeadLetterQueue`; each try is made here."""
        if self.silent:
            return
        for _ in range(len(self._open)):
            dead_letter, settled = self._open.popleft()
            if self._reason is None:
                self.written.append(dead_letter)
            else:
                self._open.append((dead_letter, settled))
            settled(self._reason)

    def close(self, timeout: float) -> bool:  # noqa: ARG002 - the port's signature; nothing here takes time
        """See `ports.DeadLetterQueue`."""
        self.poll()
        return not self._open
