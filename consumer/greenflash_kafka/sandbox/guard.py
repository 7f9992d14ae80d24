"""Access control of the sandbox: only requests for our own host name, and only from our own pages.

A page of somebody else's in the same browser must reach neither the events (DNS rebinding: a foreign name that
leads to 127.0.0.1) nor the controls (a POST across origins).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Guard:
    """The checks for a sandbox that listens on `host`; on a host that isn't loopback any name is taken."""

    def __init__(self, host: str) -> None:
        self._names = _LOOPBACK_NAMES | {host.lower()} if is_loopback(host) else None
        self._known: set[bytes] = set()

    def refuses_host(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """Whether the `Host` header names somebody else."""
        if self._names is None:
            return False
        for name, value in headers:
            if name == b"host":
                if value in self._known:
                    return False
                if host_name(value.decode("latin-1")) in self._names:
                    self._known.add(value)
                    return False
                return True
        return True

    def refuses_origin(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """Whether a page of another origin sends this; programs send no `Origin` and may."""
        found = {name: value.decode("latin-1") for name, value in headers if name in _ORIGIN_HEADERS}
        if found.get(b"sec-fetch-site", "none") not in ("none", "same-origin"):
            return True
        origin = found.get(b"origin")
        return origin is not None and origin.partition("://")[2] != found.get(b"host")


_ORIGIN_HEADERS = frozenset({b"sec-fetch-site", b"origin", b"host"})


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine's own."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def host_name(value: str) -> str:
    """The name in a `Host` header, without its port, in lower case."""
    name, colon, port = value.rpartition(":")
    return (name if colon and port.isdigit() and not (name.startswith("[") and "]" not in name) else value).lower()
