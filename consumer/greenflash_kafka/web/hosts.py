"""Kinds of hosts that a configuration may name."""

from __future__ import annotations

import ipaddress
import socket


def is_this_machine(host: str) -> bool:
    """True if a host name or address is the loopback interface."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def is_link_local(host: str) -> bool:
    """True if a host is a link-local address: cloud machines have their credentials at one."""
    address = _address(host)
    return address is not None and address.is_link_local


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        try:
            # As libcurl reads it: 2852039166 and 0xa9.0xfe.43518 are 169.254.169.254, too.
            return ipaddress.IPv4Address(socket.inet_aton(host))
        except (OSError, ValueError):
            return None
    return getattr(address, "ipv4_mapped", None) or address
