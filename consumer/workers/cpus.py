"""How many CPUs this process may use: what `--workers auto` is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath


def usable_cpus(allowed: int | None = None, root: Path = Path("/")) -> int:
    """At least 1. `allowed` are the CPUs that the scheduler may put this process on (None: asked of the system);
    `root` is where /proc and /sys are. Part of a CPU that a container's quota gives beyond whole ones isn't counted."""
    return max(1, int(min([_scheduled() if allowed is None else allowed, *_quotas(root)])))


def _scheduled() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quotas(root: Path) -> Iterator[float]:
    """CPUs that each control group above this process allows; those without a limit are left out."""
    try:
        groups = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in groups:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers and "cpu" not in controllers.split(","):
            continue
        folder = root / "sys/fs/cgroup" / controllers
        # A container often sees its own group as the topmost one, whatever its path is called outside.
        for above in (PurePosixPath(path), *PurePosixPath(path).parents):
            yield from _quota(folder / str(above).lstrip("/"))


def _quota(folder: Path) -> Iterator[float]:
    try:
        if (folder / "cpu.max").exists():
            quota, period = (folder / "cpu.max").read_text().split()
        else:
            quota = (folder / "cpu.cfs_quota_us").read_text().strip()
            period = (folder / "cpu.cfs_period_us").read_text().strip()
        if quota.isdigit() and int(period):
            yield int(quota) / int(period)
    except (OSError, ValueError):
        return
