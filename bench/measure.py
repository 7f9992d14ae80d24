"""Runs a sender on a core of its own, and measures it from outside: the same way for every contender."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from typing import IO, NamedTuple

from bench.answering import Count
from bench.api import Api
from bench.progress import Progress
from bench.usage import Usage

SENDERS_CORE = 0
"""The sender has this core for itself where there are two; broker and answering server share the others."""

ALL_CORES = frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else frozenset()
"""What a sender of several processes gets: then it shares with broker and server."""

_STALLED = 60.0
"""Seconds without any event after which a sender has failed."""

_ENDING = 40.0
"""Seconds that a sender may take to end when it is told to."""


class SenderFailed(Exception):
    """It ended with an error, stood still, or sent another number of events; the text has its last output."""


class Sender(NamedTuple):
    """What is run: it sends what a topic holds until it gets SIGTERM."""

    command: Sequence[str]
    environment: Mapping[str, str] = {}
    cores: frozenset[int] = frozenset({SENDERS_CORE})


class Run(NamedTuple):
    """What a sender did between its first request and its last: starting up and joining the group don't count."""

    answered: Count
    share: float
    """Of the events, those that lie in the time that counts."""
    seconds: float
    cpu: float
    """Its CPU seconds in that time."""
    others: float
    """Share of its core that everybody else had meanwhile."""
    server_busy: float
    peak_mb: float
    largest_mb: float
    """The most memory of any one process of it."""
    growth: float
    first_after: float
    """Seconds from its start to the first request."""

    def figures(self, messages: int) -> dict[str, float]:
        """For so many messages: by name what the tables show."""
        return {
            "rate": messages * self.share / self.seconds,
            "cpu_us": self.cpu / (messages * self.share) * 1e6,
            "busy": self.cpu / self.seconds,
            "others": self.others,
            "server_busy": self.server_busy,
            "memory_mb": self.peak_mb,
            "largest_mb": self.largest_mb,
            "growth": self.growth,
            "p50_ms": self.answered.p50_ms,
            "p99_ms": self.answered.p99_ms,
        }


def keep_off_the_senders_core() -> None:
    """Leave the sender's core to the sender; children inherit it, so this comes before the broker is started."""
    others = ALL_CORES - {SENDERS_CORE}
    if others:
        os.sched_setaffinity(0, others)


def start(sender: Sender, output: IO[bytes]) -> subprocess.Popen[bytes]:
    """The sender's process, on its cores before its first instruction."""
    cores = sender.cores & ALL_CORES
    pin = functools.partial(os.sched_setaffinity, 0, cores) if cores else None
    environment = {**os.environ, **sender.environment}
    return subprocess.Popen(
        list(sender.command), env=environment, stdout=output, stderr=output, preexec_fn=pin, start_new_session=True
    )


def measure(
    sender: Sender, api: Api, events: int, when_ready: Callable[[], object] | None = None, until: float = 1.0
) -> Run:
    """Run a sender until it has sent so many events; raises `SenderFailed`.

    What counts is the time from the first event to the last. With `when_ready`, which is called after the first event,
    it begins when that returns; with `until` it ends when this share of the events has come.
    """
    before, began = api.take(), time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = start(sender, output)
        alone = SENDERS_CORE if sender.cores == {SENDERS_CORE} and len(ALL_CORES) > 1 else -1
        progress = Progress(Usage(process.pid, alone))
        try:
            ready = _watch(process, api, events, progress, when_ready)
            end(process)
        except SenderFailed as failure:
            raise SenderFailed(f"{failure}; the end of its output:\n{_tail(output)}") from None
        finally:
            stop(process)
        count = api.take()
        if process.returncode not in (0, -15) or count.events != events:
            said = f"it ended with {process.returncode} after {count.events} of {events} events"
            raise SenderFailed(f"{said}; the end of its output:\n{_tail(output)}")
    usage = progress.usage
    first = ready if when_ready else count.first
    last = progress.when(until * events) if until < 1 else count.last
    if when_ready and first >= last:
        raise SenderFailed(f"{events} events were sent before it was ready: give it more")
    seconds = max(last - first, 1e-6)  # a single event has no duration
    return Run(
        count,
        share=until - progress.at(first) / events if when_ready else until,
        seconds=seconds,
        cpu=usage.cpu(first, last),
        others=usage.others(first, last) / seconds,
        server_busy=(count.cpu - before.cpu) / max(count.last - count.first, 1e-6),
        peak_mb=usage.peak_mb,
        largest_mb=usage.largest_mb,
        growth=usage.growth(first, last),
        first_after=count.first - began,
    )


def _watch(
    process: subprocess.Popen[bytes],
    api: Api,
    events: int,
    progress: Progress,
    when_ready: Callable[[], object] | None,
) -> float:
    """Look on until all events have come; the moment at which it was ready."""
    moved = ready = time.monotonic()
    while progress.seen < events:
        for _ in range(5):
            progress.usage.sample()
            time.sleep(0.02)
        if process.poll() is not None:
            raise SenderFailed(f"it ended by itself with {process.returncode} after {api.seen()} of {events} events")
        if progress.look(api):
            moved = time.monotonic()
        elif time.monotonic() - moved > _STALLED:
            raise SenderFailed(f"nothing came for {_STALLED:.0f} s, after {progress.seen} of {events} events")
        if progress.seen and when_ready is not None:
            when_ready()
            when_ready, ready = None, time.monotonic()
            progress.look(api)
    return ready


def end(process: subprocess.Popen[bytes]) -> None:
    """Tell it to end, and wait for that; what came twice has arrived by then."""
    time.sleep(0.2)
    process.terminate()
    try:
        process.wait(_ENDING)
    except subprocess.TimeoutExpired:
        raise SenderFailed(f"it didn't end within {_ENDING:.0f} s of SIGTERM") from None


def stop(process: subprocess.Popen[bytes]) -> None:
    """End it at once, with the processes that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _tail(output: IO[bytes]) -> str:
    output.seek(0)
    return output.read()[-3000:].decode(errors="replace")
