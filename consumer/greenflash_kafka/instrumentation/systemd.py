"""State of the process for systemd: sd_notify messages to the datagram socket that NOTIFY_SOCKET names."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping

from greenflash_kafka.instrumentation.health import Health

NOTIFY_SECONDS = 1.0
"""Seconds between two messages, or half of WATCHDOG_USEC if that is less."""

READY_SECONDS = 30.0
"""After so many seconds of iterations READY=1 is sent though the group hasn't answered: it may wait for another member
for minutes, and a unit that isn't ready in time is killed, which makes the group wait again."""


class Systemd:
    """Tells systemd when the process is ready, that its loop turns, and that it ends; nothing without NOTIFY_SOCKET.

    Only the loop's thread may call it: a loop that hangs sends no WATCHDOG=1, and the unit's WatchdogSec restarts the
    process. It never raises or waits; a message that the socket doesn't take at once is sent again.
    """

    def __init__(
        self, environ: Mapping[str, str], health: Health, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._health = health
        self._monotonic = monotonic
        self._socket: socket.socket | None = None
        if address.startswith(("/", "@")):
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)
        ours = environ.get("WATCHDOG_PID") in (None, str(os.getpid()))
        usec = environ.get("WATCHDOG_USEC", "") if ours else ""
        self._watched = usec.isdecimal() and int(usec) > 0
        self._every = min(NOTIFY_SECONDS, int(usec) / 2e6) if self._watched else NOTIFY_SECONDS
        self._next_at = 0.0
        self._turned_at: float | None = None
        self._ready = False
        self._status = ""

    def beat(self) -> None:
        """Note an iteration of the loop."""
        if self._socket is None:
            return
        now = self._monotonic()
        if now < self._next_at:
            return
        self._next_at = now + self._every
        if self._turned_at is None:
            self._turned_at = now
        # Whatever else keeps events from going out, no restart cures it.
        ready = self._ready or self._health.started or now - self._turned_at >= READY_SECONDS
        status = _status(self._health)
        lines = ["READY=1"] if ready and not self._ready else []
        lines += ["WATCHDOG=1"] if self._watched else []
        lines += [f"STATUS={status}"] if status != self._status else []
        if lines and self._send(lines):
            self._ready, self._status = ready, status

    def stopping(self) -> None:
        """Report that the process finishes its pending work, and ends."""
        self._send(["STOPPING=1", "STATUS=finishing what is under way"])

    def _send(self, lines: list[str]) -> bool:
        if self._socket is None:
            return False
        try:
            self._socket.sendto("\n".join(lines).encode(), self._address)
        except OSError:
            return False
        return True


def _status(health: Health) -> str:
    conditions = health.conditions()
    return f"not ready: {', '.join(dict.fromkeys(each.name for each in conditions))}" if conditions else "ready"
