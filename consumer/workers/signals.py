"""Signals as something that a loop can wait for."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import suppress
from typing import Any, Final, NoReturn

STOPPING: Final = (signal.SIGTERM, signal.SIGINT)


class Signals:
    """SIGTERM, SIGINT, and the end of a child. Each is a byte to read from `socket`, whatever the loop is doing."""

    def __init__(self) -> None:
        self.socket, self._in = socket.socketpair()
        self.socket.setblocking(False)
        self._in.setblocking(False)
        self._before: dict[int, Any] = {}

    def install(self) -> None:
        """Take them over; only on the main thread."""
        signal.set_wakeup_fd(self._in.fileno(), warn_on_full_buffer=False)
        for each in (*STOPPING, signal.SIGCHLD):
            self._before[each] = signal.signal(each, lambda *_: None)

    def uninstall(self) -> None:
        """Give them back."""
        signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self.socket.close()
        self._in.close()

    def stopping(self) -> list[int]:
        """Every SIGTERM and SIGINT since the last call."""
        found: list[int] = []
        with suppress(BlockingIOError):
            while received := self.socket.recv(4096):
                found += [each for each in received if each in STOPPING]
        return found


def die(number: int) -> NoReturn:
    """End this process by a signal, as whoever sent it expects."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    # A container's first process doesn't die of signals that it doesn't handle.
    os._exit(128 + number)
