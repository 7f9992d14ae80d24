"""System limits that a process of `run` needs (address space, threads), checked before anything uses them.

Beyond them C libraries abort the process or wait without end, without any error message.
"""

from __future__ import annotations

import resource
import sys
import threading
from pathlib import Path
from typing import Final

from greenflash_kafka.errors import SystemLimit

ADDRESS_SPACE: Final = 1_200_000_000
"""Bytes of address space (not of memory) that an idle run takes: each thread reserves a stack and an arena."""

THREADS: Final = 24
"""Threads of a run on a cluster of three brokers: three Kafka clients, each with some threads of its own and one for
each broker."""

_CGROUP: Final = Path("/sys/fs/cgroup/memory.max")


def check() -> None:
    """Raises `SystemLimit` when a run would die of a limit of this process before it reads its first message."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and limit < ADDRESS_SPACE:
        raise SystemLimit(
            f"the address space of this process is limited to {_mb(limit)} (ulimit -v), and run takes about "
            f"{_mb(ADDRESS_SPACE * 5 // 4)}: nearly all of it is reserved and never used. Lift that limit; to bound "
            "the memory that is used, give the container or the systemd unit a limit instead"
        )
    started = _threads(THREADS)
    if started < THREADS:
        raise SystemLimit(
            f"the system gives this process no more than {started} further threads, and run takes about {THREADS}. "
            "Raise the limit of processes (ulimit -u, pids.max of the container, TasksMax of the systemd unit)"
        )


def out_of_memory() -> str:
    """The text for a `MemoryError`: the limits of this process."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    found = [] if limit == resource.RLIM_INFINITY else [f"the limit of the address space (ulimit -v) is {_mb(limit)}"]
    try:
        of_group = _CGROUP.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        of_group = ""
    if of_group.isdecimal():
        found.append(f"the container's limit is {_mb(int(of_group))}")
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    found.append(f"this process used {_mb(used)} at most")
    return f"the system gave no more memory: {'; '.join(found)}. Raise the limit: docs/operations.md has the sizes"


def _threads(count: int) -> int:
    """The number of threads, of so many, that can be started at once."""
    over = threading.Event()
    started: list[threading.Thread] = []
    try:
        for _ in range(count):
            thread = threading.Thread(target=over.wait, daemon=True)
            thread.start()
            started.append(thread)
    except (RuntimeError, MemoryError):
        pass
    finally:
        over.set()
    for each in started:
        each.join()
    return len(started)


def _mb(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"
