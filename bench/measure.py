"""Runs a sender on a core of its own, and measures it from outside: the same way for every contender."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from bench.answering import Count

SENDERS_CORE = 0
"""The sender has this core for itself where there are two; broker and answering server share the others."""


class Result(msgspec.Struct):
    """What a sender did between its first request and its last: starting up and joining the group don't count."""

    name: str
    events: int
    seconds: float
    cpu_us: float
    memory_mb: float
    server_busy: float

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds


class AnsweringServer:
    """The answering server in a child process."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("answering.py")
        self._process = subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self._port = int(self._process.stdout.readline())
        self.base_url = f"http://127.0.0.1:{self._port}/api/v1"

    def count(self) -> Count:
        """What came since the last asking."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/count") as answer:
            return msgspec.json.decode(answer.read(), type=Count)

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()


def keep_off_the_senders_core() -> None:
    """Leave the sender's core to the sender; children inherit it, so this comes before the broker is started."""
    if hasattr(os, "sched_setaffinity"):
        others = os.sched_getaffinity(0) - {SENDERS_CORE}
        if others:
            os.sched_setaffinity(0, others)


def measure(
    name: str, command: Sequence[str], environment: Mapping[str, str], server: AnsweringServer, events: int
) -> Result:
    """Run a sender to its end; raises SystemExit with its output when it fails or sends another number of events."""
    before = server.count()
    process = subprocess.Popen(
        list(command), env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if hasattr(os, "sched_setaffinity"):
        with contextlib.suppress(OSError):
            os.sched_setaffinity(process.pid, {SENDERS_CORE})
    usage = _watch(process)
    output = process.communicate()[0]
    count = server.count()
    if process.returncode != 0 or count.events < events:
        raise SystemExit(f"{name} ended with {process.returncode} after {count.events} of {events} events:\n{output}")
    seconds = count.last - count.first
    return Result(
        name,
        count.events,
        seconds,
        (usage.cpu_at(count.last) - usage.cpu_at(count.first)) / count.events * 1e6,
        usage.memory_mb,
        (count.cpu - before.cpu) / seconds,
    )


class Usage:
    """CPU seconds of a process over time, and the most memory it had."""

    def __init__(self) -> None:
        self.memory_mb = 0.0
        self._samples: list[tuple[float, float]] = []

    def sample(self, pid: int) -> None:
        """Look now; nothing once it has ended, or where there is no /proc."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            self._samples.append((time.monotonic(), cpu))
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    self.memory_mb = int(line.split()[1]) / 1024

    def cpu_at(self, moment: float) -> float:
        """CPU seconds that had been used at this moment, in between two samples by proportion."""
        earlier, later = (0.0, 0.0), self._samples[-1] if self._samples else (1.0, 0.0)
        for at, cpu in self._samples:
            if at > moment:
                later = (at, cpu)
                break
            earlier = (at, cpu)
        else:
            return later[1]
        share = (moment - earlier[0]) / (later[0] - earlier[0])
        return earlier[1] + share * (later[1] - earlier[1])


def _watch(process: subprocess.Popen[str]) -> Usage:
    usage = Usage()
    while process.poll() is None:
        usage.sample(process.pid)
        time.sleep(0.02)
    return usage
