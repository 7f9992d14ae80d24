"""Access control and security headers of every page and endpoint that this program serves.

A page of somebody else in the same browser must reach neither what is served (DNS rebinding: a foreign name that
leads to 127.0.0.1) nor what can be changed (a POST across origins).
"""

from __future__ import annotations

import ipaddress
from typing import Final

_LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})

NO_CONTENT: Final = "default-src 'none'; frame-ancestors 'none'"
"""The content security policy of what is no page."""


class Guard:
    """The checks for a server that listens on `host`; on a host that isn't loopback any name is taken."""

    def __init__(self, host: str) -> None:
        self._names = _LOOPBACK_NAMES | {host.lower()} if is_loopback(host) else None

    def refuses_host(self, host: str) -> bool:
        """True if the `Host` header, "" if there is none, names another host."""
        return self._names is not None and host_name(host) not in self._names

    def refuses_origin(self, host: str, origin: str | None, fetch_site: str | None) -> bool:
        """True if a page of another origin sends this; programs send neither `Origin` nor `Sec-Fetch-Site`, and may."""
        if fetch_site not in (None, "none", "same-origin"):
            return True
        return origin is not None and origin.partition("://")[2] != host


def security_headers(content_policy: str = NO_CONTENT) -> dict[str, str]:
    """The headers of every response: never stored, framed, sniffed, or read by another origin."""
    return {
        "Content-Security-Policy": content_policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


def is_loopback(host: str) -> bool:
    """True if a host's name or address is this machine's own."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        # The resolver also takes short forms, such as 127.1.
        return host.startswith("127.")


def host_name(value: str) -> str:
    """The name in a `Host` header, without its port, in lower case."""
    name, colon, port = value.rpartition(":")
    return (name if colon and port.isdigit() and not (name.startswith("[") and "]" not in name) else value).lower()
