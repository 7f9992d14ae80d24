"""A dead-letter queue for dry runs: prints each dead letter and reports it as written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from greenflash_kafka.ports import DeadLetter
from greenflash_kafka.redaction import visible


class ConsoleDeadLetters:
    """`ports.DeadLetterQueue` that writes a line a dead letter and keeps nothing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._settled: list[Callable[[str | None], None]] = []

    def write(self, dead_letter: DeadLetter, settled: Callable[[str | None], None]) -> None:
        """Print it."""
        self._stream.write(
            visible(f"dead letter: {dead_letter.message.coordinates}: {dead_letter.code}: {dead_letter.text}") + "\n"
        )
        self._settled.append(settled)

    def poll(self) -> None:
        """Confirm everything printed."""
        done, self._settled = self._settled, []
        for settled in done:
            settled(None)

    def close(self, timeout: float) -> bool:  # noqa: ARG002 - there is nothing to wait for
        """Confirm everything shown; nothing is open."""
        self.poll()
        return True
