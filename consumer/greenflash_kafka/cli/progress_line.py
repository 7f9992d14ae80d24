"""The line of a terminal that says how far a verb is."""

from __future__ import annotations

import sys
from typing import Self

from greenflash_kafka.terminal import is_terminal


class ProgressLine:
    """Writes to standard error, over what it wrote before; nothing where nobody reads along. The block that it is
    opened for ends the line."""

    def __init__(self) -> None:
        self._out = sys.stderr
        self._read = is_terminal(self._out)
        self._width = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._width:
            self._write("\n")

    def say(self, text: str) -> None:
        """How far it is by now."""
        if self._read:
            self._write(f"\r{text:<{self._width}}")
            self._width = len(text)

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()
