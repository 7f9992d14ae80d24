"""Readiness of sockets: epoll on Linux, the standard library's selectors elsewhere.

libcurl's own `select` spins without an error above file descriptor 1024, and asyncio's loop would be a second loop.
"""

from __future__ import annotations

import contextlib
import select
import selectors
from typing import Final, Protocol

READ: Final = 1
WRITE: Final = 2
"""Bits of an interest, and of what is ready; the same as libcurl's POLL_IN, POLL_OUT and CSELECT_IN, CSELECT_OUT."""

LET_GO: Final = 4
"""No interest any more; libcurl's POLL_REMOVE."""


class Readiness(Protocol):
    """Watches sockets by their file descriptors."""

    def watch(self, interest: int, descriptor: int, *_: object) -> None:
        """Watch this socket for READ, WRITE or both, from now on; LET_GO to stop. libcurl calls this directly at every
        request, so the signature is that of its socket callback."""
        ...

    def wait(self, timeout: float) -> list[tuple[int, int]]:
        """Sockets that are ready, and for what; waits at most `timeout` seconds. An error is readiness for both."""
        ...

    def close(self) -> None:
        """Stop watching everything."""
        ...


def readiness() -> Readiness:
    """The most efficient implementation for this system."""
    return Epoll() if hasattr(select, "epoll") else Selected()


SILENT_SECONDS: Final = 0.05
"""Seconds without any event after which every watched socket is registered with the kernel again."""


class Epoll:
    """epoll on Linux, used directly, since `selectors` costs 3 us more for each request.

    A connection is watched, not watched, and watched again with every request. So one that is let go stays
    registered until the next `wait`: by then it is mostly wanted again, and the kernel isn't asked at all. A new
    connection is watched for writing first, so that another socket under the same number is noticed. What is only
    read (libcurl's own resolver has such) could go unnoticed: that is what `SILENT_SECONDS` bounds.
    """

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._registered: dict[int, int] = {}
        self._let_go: set[int] = set()
        self._silent = 0.0

    def watch(self, interest: int, descriptor: int, *_: object) -> None:
        """See `Readiness.watch`."""
        if interest == LET_GO:
            self._let_go.add(descriptor)
            return
        self._let_go.discard(descriptor)
        if self._registered.get(descriptor) != interest:
            self._register(descriptor, interest)

    def wait(self, timeout: float) -> list[tuple[int, int]]:
        """See `Readiness.wait`."""
        if self._let_go:
            self._forget()
        ready = self._epoll.poll(min(timeout, SILENT_SECONDS))
        if ready:
            self._silent = 0.0
        else:
            ready = self._after_silence(timeout)
        return [(descriptor, _READY[mask & 0x1F]) for descriptor, mask in ready]

    def close(self) -> None:
        """See `Readiness.close`."""
        self._epoll.close()

    def _after_silence(self, waited: float) -> list[tuple[int, int]]:
        """The sockets that are ready after a silence of so long, or after the first part of it."""
        self._silent += waited
        if self._silent >= SILENT_SECONDS:
            self._silent = 0.0
            for descriptor, interest in list(self._registered.items()):
                with contextlib.suppress(OSError):
                    self._register(descriptor, interest)
        return self._epoll.poll(waited - SILENT_SECONDS) if waited > SILENT_SECONDS else []

    def _register(self, descriptor: int, interest: int) -> None:
        mask = _MASKS[interest]
        if descriptor in self._registered:
            try:
                self._epoll.modify(descriptor, mask)
            except FileNotFoundError:
                pass  # Another socket: the kernel has forgotten the old one when it was closed.
            else:
                self._registered[descriptor] = interest
                return
        self._registered[descriptor] = interest
        try:
            self._epoll.register(descriptor, mask)
        except FileExistsError:
            self._epoll.modify(descriptor, mask)

    def _forget(self) -> None:
        for descriptor in self._let_go:
            if self._registered.pop(descriptor, None) is not None:
                with contextlib.suppress(OSError):
                    # Closed sockets the kernel has forgotten by itself.
                    self._epoll.unregister(descriptor)
        self._let_go.clear()


_IN: Final = 0x001
_OUT: Final = 0x004
_FAILED: Final = 0x008 | 0x010
"""EPOLLIN, EPOLLOUT; EPOLLERR and EPOLLHUP: part of Linux's interface, and absent from `select` elsewhere."""

_MASKS: Final = {READ: _IN, WRITE: _OUT, READ | WRITE: _IN | _OUT}
_READY: Final = tuple(
    READ | WRITE if mask & _FAILED else (READ if mask & _IN else 0) | (WRITE if mask & _OUT else 0)
    for mask in range(0x20)
)


class Selected:
    """Other systems: the standard library's selectors."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def watch(self, interest: int, descriptor: int, *_: object) -> None:
        """See `Readiness.watch`."""
        known = descriptor in self._selector.get_map()
        if known:
            self._selector.unregister(descriptor)
        if interest != LET_GO:
            events = (selectors.EVENT_READ if interest & READ else 0) | (
                selectors.EVENT_WRITE if interest & WRITE else 0
            )
            self._selector.register(descriptor, events)

    def wait(self, timeout: float) -> list[tuple[int, int]]:
        """See `Readiness.wait`."""
        if not self._selector.get_map():
            # kqueue and select refuse to wait for nothing on some systems.
            select.select([], [], [], timeout)
            return []
        return [
            (key.fd, (READ if events & selectors.EVENT_READ else 0) | (WRITE if events & selectors.EVENT_WRITE else 0))
            for key, events in self._selector.select(timeout)
        ]

    def close(self) -> None:
        """See `Readiness.close`."""
        self._selector.close()
