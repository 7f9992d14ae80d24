"""File descriptors of this process: the number it needs, the limit, and a check for exhaustion."""

from __future__ import annotations

import errno
import os
import resource
from contextlib import suppress
from typing import Final

from greenflash_kafka.errors import ConfigInvalid

OWN: Final = 40
"""What a process has open without brokers and requests: 16 counted, 16 connections to its HTTP server, 4 that are kept
for that, and 4 for a moment (the key's file, a name that is resolved)."""

A_BROKER: Final = 9
"""Three clients (consumer, administration, dead letters) have a connection and a pipe for each broker."""

A_READER: Final = 10
"""What reading conversations, or tables, has open without brokers: 8 counted, and a file for a moment."""

A_BROKER_A_READER: Final = 3
"""One client more."""

REGISTRY: Final = 10
"""What asking a schema registry has open: 4 connections, 3 of libcurl's own, and secrets and names for a moment."""

LIMIT: Final = "all {} are in use (RLIMIT_NOFILE); raise `ulimit -n` or LimitNOFILE, or lower delivery.in_flight"
"""The error of a request for which no descriptor was left; the soft limit is filled in."""

OUT_OF_THEM: Final = (errno.EMFILE, errno.ENFILE)


def needed(in_flight: int, brokers: int, readers: int = 0, registry: bool = False) -> int:
    """The number of descriptors that a process needs: each request in flight may have a connection of its own.
    `readers`: so many clients read conversation topics, and those of tables; `registry`: a schema registry is asked."""
    return in_flight + _own(readers, registry) + _a_broker(readers) * brokers


def limits() -> tuple[int, int]:
    """The soft and the hard limit (RLIMIT_NOFILE) of this process; none is a very large number."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _number(soft), _number(hard)


def provide(in_flight: int, brokers: int, readers: int = 0, registry: bool = False) -> None:
    """Raise the soft limit to the hard one if the soft one is too low. Raises ConfigInvalid when that isn't enough."""
    need = needed(in_flight, brokers, readers, registry)
    soft, hard = limits()
    if soft < need <= hard:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        soft, _ = limits()
    if soft < need:
        raise ConfigInvalid(too_few(in_flight, brokers, hard if hard < need else soft, readers, registry))


def too_few(in_flight: int, brokers: int, limit: int, readers: int = 0, registry: bool = False) -> str:
    """The text of `ConfigInvalid`."""
    need = needed(in_flight, brokers, readers, registry)
    possible = limit - needed(0, brokers, readers, registry)
    or_less = f", or set delivery.in_flight to {possible} or less" if possible > 0 else ""
    own, each = _own(readers, registry), _a_broker(readers)
    return (
        f"delivery.in_flight {in_flight} needs {need} file descriptors (one a request, {own} for the process, "
        f"{each} for each of {brokers} broker(s)), and this process may have {limit} (RLIMIT_NOFILE). Raise the "
        f"limit: `ulimit -n {need}`, LimitNOFILE={need} in a systemd unit, or the container's nofile{or_less}"
    )


def exhausted() -> bool:
    """True if none is left at this moment; called after a failure."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as failure:
        return failure.errno in OUT_OF_THEM
    return False


def _own(readers: int, registry: bool) -> int:
    return OWN + A_READER * readers + REGISTRY * registry


def _a_broker(readers: int) -> int:
    return A_BROKER + A_BROKER_A_READER * readers


def _number(limit: int) -> int:
    return _ENOUGH if limit == resource.RLIM_INFINITY else limit


_ENOUGH: Final = 1_048_576
"""The value used for "no limit": some systems reject more as a soft limit."""
