"""The requests that a broker knows (Kafka's ApiVersions), asked over a connection of our own.

The Kafka client sends the same request, and doesn't expose the response. A broker responds to it before
authentication, so neither SASL nor any permission is needed.
"""

from __future__ import annotations

import socket
import ssl
import struct
import time
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.source.background import aside

CONSUMER_GROUP_HEARTBEAT: Final = 68
"""The request by which members of a KIP-848 group talk to the coordinator."""

HEARTBEAT_VERSION: Final = 1
"""librdkafka supports this version alone, of Apache Kafka 4.0; 3.7 to 3.9 have another one."""

NO_SUCH_GROUPS: Final = (
    "the brokers at {} don't know kafka.group_protocol: consumer (KIP-848, Apache Kafka 4.0 or later): {}. "
    "Set kafka.group_protocol: classic"
)
_API_VERSIONS: Final = 18
_LARGEST: Final = 65_536
_NOT_FOR_PYTHON: Final = ("ssl.keystore.location", "ssl.certificate.pem", "ssl.key.pem", "ssl.engine.location")
"""Sources of a client's certificate that Python can't read."""


class GroupProtocol(msgspec.Struct, frozen=True):
    """A query in progress: do the brokers support groups under KIP-848? `seconds` is its time limit."""

    servers: str
    asked: Future[Mapping[int, tuple[int, int]] | None]
    seconds: float

    def known(self) -> bool | None:
        """True or False; None when no broker responded, or none can be asked with these settings."""
        return None if (found := self._answer()) is None else _speaks(found)

    def require(self) -> None:
        """Raise ConfigInvalid if they don't; without a response the group itself has to show it."""
        found = self._answer()
        if found is not None and not _speaks(found):
            first, last = found.get(CONSUMER_GROUP_HEARTBEAT, (-1, -1))
            why = "they have no ConsumerGroupHeartbeat"
            if last >= 0:
                why = f"they have ConsumerGroupHeartbeat in versions {first} to {last}, not {HEARTBEAT_VERSION}"
            raise ConfigInvalid(NO_SUCH_GROUPS.format(self.servers, why))

    def _answer(self) -> Mapping[int, tuple[int, int]] | None:
        try:
            return self.asked.result(self.seconds)
        except TimeoutError:
            return None


def _speaks(found: Mapping[int, tuple[int, int]]) -> bool:
    first, last = found.get(CONSUMER_GROUP_HEARTBEAT, (-1, -1))
    return first <= HEARTBEAT_VERSION <= last


def ask_group_protocol(properties: Mapping[str, str], seconds: float) -> GroupProtocol:
    """Start the query, on a thread of its own: connecting can take some time."""
    answer = aside(lambda: api_versions(properties, seconds))
    return GroupProtocol(properties["bootstrap.servers"], answer, seconds + 1)


def api_versions(properties: Mapping[str, str], seconds: float) -> Mapping[int, tuple[int, int]] | None:
    """The first and last version of each request, by its number, from the first broker that responds; None when none
    does. `properties` are those of an admin client. Never raises for network errors."""
    until = time.monotonic() + seconds
    try:
        context = _tls(properties)
    except (OSError, ValueError):
        return None
    for server in properties["bootstrap.servers"].split(","):
        left = until - time.monotonic()
        if left <= 0:
            break
        with suppress(OSError, ValueError, struct.error):
            return _ask(server.strip(), context, left)
    return None


def _ask(server: str, context: ssl.SSLContext | None, seconds: float) -> dict[int, tuple[int, int]]:
    host, _, port = server.rpartition("://")[2].rpartition(":")
    host = host.strip("[]")
    until = time.monotonic() + seconds
    with socket.create_connection((host, int(port)), seconds) as plain:
        connection = plain if context is None else context.wrap_socket(plain, server_hostname=host)
        with connection:
            # Version 0, which all brokers know: the client's name is all that it holds.
            name = b"greenflash-kafka"
            request = struct.pack(f">hhih{len(name)}s", _API_VERSIONS, 0, 1, len(name), name)
            connection.sendall(struct.pack(">i", len(request)) + request)
            (size,) = struct.unpack(">i", _read(connection, 4, until))
            if not 0 < size <= _LARGEST:
                raise ValueError("no broker answers like this")
            answer = _read(connection, size, until)
    _, error, count = struct.unpack_from(">ihi", answer)
    if error:
        raise ValueError("the broker refuses to answer")
    rows = [struct.unpack_from(">hhh", answer, 10 + 6 * number) for number in range(count)]
    return {key: (first, last) for key, first, last in rows}


def _read(connection: socket.socket, size: int, until: float) -> bytes:
    found = b""
    while len(found) < size:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.settimeout(left)
        part = connection.recv(size - len(found))
        if not part:
            raise ConnectionError
        found += part
    return found


def _tls(properties: Mapping[str, str]) -> ssl.SSLContext | None:
    """The same TLS settings as the Kafka client's; raises OSError and ValueError for those that Python can't use."""
    protocol = properties.get("security.protocol", "plaintext").strip().lower()
    if protocol in ("plaintext", "sasl_plaintext"):
        return None
    if protocol not in ("ssl", "sasl_ssl") or any(name in properties for name in _NOT_FOR_PYTHON):
        raise ValueError("not for Python")
    place = properties.get("ssl.ca.location", "")
    place = "" if place == "probe" else place
    folder = Path(place).is_dir() if place else False
    context = ssl.create_default_context(
        cafile=None if folder else place or None,
        capath=place if folder else None,
        cadata=properties.get("ssl.ca.pem"),
    )
    identifies = properties.get("ssl.endpoint.identification.algorithm", "https").strip().lower() == "https"
    verifies = properties.get("enable.ssl.certificate.verification", "true").strip().lower() in ("true", "t", "1")
    context.check_hostname = identifies and verifies
    if not verifies:
        context.verify_mode = ssl.CERT_NONE
    certificate = properties.get("ssl.certificate.location")
    if certificate:
        # A password is always given: Python would ask for one at the terminal.
        password = properties.get("ssl.key.password", "")
        context.load_cert_chain(certificate, properties.get("ssl.key.location"), password)
    return context
