"""CPU and memory of a process and its children, sampled from outside by /proc."""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Sample(NamedTuple):
    """A look at a moment of the monotonic clock: CPU seconds so far, and megabytes resident now."""

    at: float
    cpu: float
    rss_mb: float
    core: float
    """CPU seconds that its core was busy for anybody."""


class Usage:
    """What a process and its descendants used, over time. Empty where there is no /proc."""

    def __init__(self, pid: int, core: int = -1) -> None:
        """`core` is the one that it has for itself, -1 for none."""
        self._pid = pid
        self._core = core
        self._cpu: dict[int, float] = {}
        self._peak: dict[int, float] = {}
        self.samples: list[Sample] = []

    def sample(self) -> None:
        """Look now. What a descendant had used when it ended stays counted."""
        rss = sum(self._look(pid) for pid in _family(self._pid))
        self.samples.append(Sample(time.monotonic(), sum(self._cpu.values()), rss, _busy(self._core)))

    def _look(self, pid: int) -> float:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
            self._cpu[pid] = (int(fields[11]) + int(fields[12])) / _TICKS
            self._peak[pid] = _megabytes(status["VmHWM"])
            return _megabytes(status["VmRSS"])
        except (OSError, ValueError, IndexError, KeyError):
            return 0.0  # it has ended

    def exact_cpu(self) -> float:
        """CPU seconds of the threads that live now, to the microsecond; for what hardly uses any."""
        seconds = 0.0
        for pid in _family(self._pid):
            for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
                with contextlib.suppress(OSError):
                    seconds += int(thread.read_text().split()[0]) / 1e9
        return seconds

    @property
    def peak_mb(self) -> float:
        """The most memory that each had at any time, added up."""
        return sum(self._peak.values())

    @property
    def largest_mb(self) -> float:
        """The most memory that any one of them had."""
        return max(self._peak.values(), default=0.0)

    def cpu(self, first: float, last: float) -> float:
        """CPU seconds that were used between two moments."""
        return self._at(last).cpu - self._at(first).cpu

    def others(self, first: float, last: float) -> float:
        """CPU seconds that everybody else used on its core between two moments, the system for the network included."""
        return max(0.0, self._at(last).core - self._at(first).core - self.cpu(first, last)) if self._core >= 0 else 0.0

    def _at(self, moment: float) -> Sample:
        """In between two samples by proportion."""
        earlier = later = Sample(0.0, 0.0, 0.0, 0.0)
        for earlier, later in itertools.pairwise(self.samples):
            if later.at > moment:
                share = max(0.0, (moment - earlier.at) / (later.at - earlier.at))
                between = (before + share * (after - before) for before, after in zip(earlier, later, strict=True))
                return Sample(*between)
        return later

    def growth(self, first: float, last: float) -> float:
        """The most memory of the last half of this time, by the most of the first half: about 1 when it is flat."""
        middle = (first + last) / 2
        early = max((each.rss_mb for each in self.samples if first <= each.at < middle), default=0.0)
        late = max((each.rss_mb for each in self.samples if middle <= each.at <= last), default=0.0)
        return late / early if early else 0.0


def _family(pid: int) -> list[int]:
    """The process and its descendants."""
    found = [pid]
    for each in found:
        for children in Path(f"/proc/{each}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += [int(child) for child in children.read_text().split()]
    return found


def _megabytes(text: str) -> float:
    return int(text.split()[0]) / 1024


def _busy(core: int) -> float:
    """Seconds since the machine's start in which a core wasn't idle; 0 where nobody tells."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        for line in Path("/proc/stat").read_text().splitlines():
            if line.startswith(f"cpu{core} "):
                user, nice, system, _idle, _waiting, *interrupts = (int(field) for field in line.split()[1:9])
                return (user + nice + system + sum(interrupts)) / _TICKS
    return 0.0
