"""Return of free memory to the system: glibc keeps the pages of a burst until it is asked to give them back."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from greenflash_kafka.ports import Clock

LOOK_SECONDS = 10.0
"""Seconds between two checks."""

QUIET_MESSAGES = 1000
"""With no more messages than these since the last check the loop has time: returning memory takes some milliseconds."""

WORTH_BYTES = 16 * 1024 * 1024
"""Least number of bytes that is returned."""


class Allocator(Protocol):
    """The memory that C code allocates."""

    def kept(self) -> int:
        """Resident bytes that no C code uses, including those of other allocators.

        Raises OSError when the system doesn't say.
        """

    def give_back(self) -> None:
        """Return all free pages to the system."""


class _Counts(ctypes.Structure):
    """glibc's `struct mallinfo2`, mallinfo(3)."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks")
    ] + [("keepcost", ctypes.c_size_t)]


class Glibc:
    """glibc 2.33 or later, on Linux; raises AttributeError or OSError at anything else."""

    def __init__(self) -> None:
        library = ctypes.CDLL(None)
        self._counts, self._trim = library.mallinfo2, library.malloc_trim
        self._counts.restype, self._trim.argtypes = _Counts, [ctypes.c_size_t]
        self._resident = Path("/proc/self/statm")
        self._page = os.sysconf("SC_PAGE_SIZE")
        self.kept()

    def kept(self) -> int:
        """See `Allocator`. Takes less than a millisecond."""
        counts = self._counts()
        used: int = counts.uordblks + counts.hblkhd
        return int(self._resident.read_text().split()[1]) * self._page - used

    def give_back(self) -> None:
        """See `Allocator`."""
        self._trim(0)


def allocator() -> Allocator | None:
    """The C library's, or None where it can't report and return free memory."""
    try:
        return Glibc()
    except (AttributeError, OSError, ValueError, IndexError):
        return None


class FreeMemory:
    """Gives memory back when there is enough of it and the pipeline has time."""

    def __init__(self, clock: Clock, allocator: Allocator | None) -> None:
        self._clock = clock
        self._allocator = allocator
        self._next_look = clock.monotonic()
        self._messages = 0
        self._at_rest: int | None = None

    def turn(self, messages: int) -> None:
        """Check, if it is time; `messages` is the number taken since the start. The first call returns free memory."""
        now = self._clock.monotonic()
        if self._allocator is None or now < self._next_look:
            return
        self._next_look = now + LOOK_SECONDS
        quiet, self._messages = messages - self._messages <= QUIET_MESSAGES, messages
        if quiet:
            # Looking takes a file descriptor, and there may be none left: then the next look is soon enough.
            with suppress(OSError):
                self._look(self._allocator)

    def _look(self, allocator: Allocator) -> None:
        # Code and Python's own memory are resident too, so what is kept is held against what no giving back changed.
        if self._at_rest is None or allocator.kept() - self._at_rest > WORTH_BYTES:
            allocator.give_back()
            self._at_rest = allocator.kept()
