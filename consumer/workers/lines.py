"""Whole lines out of a pipe that another process writes to, so that those of several don't mix."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

_CHUNK: Final = 64 * 1024
LONGEST: Final = 1024 * 1024
"""A line is handed on when it gets so long, whole or not: nobody may fill our memory."""


class Lines:
    """The reading end of a pipe; `whole` gets one or more lines at a time, without the last line break."""

    def __init__(self, descriptor: int, whole: Callable[[str], None]) -> None:
        os.set_blocking(descriptor, False)
        self.descriptor = descriptor
        self._whole = whole
        self._rest = b""

    def read(self) -> bool:
        """Hand on what is there; False once nobody can write any more."""
        while True:
            try:
                chunk = os.read(self.descriptor, _CHUNK)
            except BlockingIOError:
                return True
            if not chunk:
                return False
            self._take(chunk)
            if len(chunk) < _CHUNK:
                return True

    def _take(self, chunk: bytes) -> None:
        content = self._rest + chunk
        end = content.rfind(b"\n") + 1
        if not end and len(content) >= LONGEST:
            end = len(content)
        self._rest = content[end:]
        if end:
            self._hand_on(content[:end])

    def close(self) -> None:
        """Hand on what is left without a line break, and close this end."""
        self.read()
        if self._rest:
            self._hand_on(self._rest)
        os.close(self.descriptor)

    def _hand_on(self, content: bytes) -> None:
        self._whole(content.decode(errors="replace").removesuffix("\n"))
