"""A proxy in front of a broker, whose metadata responses name no broker while a test wants that.

So answers a broker for a moment that was frozen for longer than its own session, if it is the only one of its cluster.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from typing import Final

from tests.fakes.listening import Listening

_METADATA: Final = 3
_FIRST_FLEXIBLE: Final = 9
"""The version of Metadata from which on lengths are varints, and structures have tagged fields."""


class BrokerlessProxy(Listening):
    """Listens on 127.0.0.1 until `close`. Clients learn no other address: in responses this one replaces the broker's,
    which has to be on 127.0.0.1 too."""

    def __init__(self, bootstrap_servers: str) -> None:
        host, _, port = bootstrap_servers.partition(":")
        assert host == "127.0.0.1", bootstrap_servers
        self._broker = (host, int(port))
        self.without_brokers = False
        """While this is True metadata responses have topics, and no broker."""
        self.listen()
        self.bootstrap_servers = f"127.0.0.1:{self.port}"

    def accepted(self, connection: socket.socket) -> None:
        """See `Listening`."""
        broker = socket.create_connection(self._broker)
        self.sockets.append(broker)
        pending = _Connection()
        for source, sink, through in (
            (connection, broker, pending.request),
            (broker, connection, lambda frame: self._response(pending.version(frame), frame)),
        ):
            threading.Thread(target=_pump, args=(source, sink, through), daemon=True).start()

    def _response(self, version: int | None, frame: bytes) -> bytes:
        if version is not None and self.without_brokers:
            return _without_brokers(frame, version)
        theirs, ours = (b"127.0.0.1" + struct.pack(">i", port) for port in (self._broker[1], self.port))
        return frame.replace(theirs, ours)


class _Connection:
    """The metadata requests of one connection that have no response yet."""

    def __init__(self) -> None:
        self._versions: dict[int, int] = {}

    def request(self, frame: bytes) -> bytes:
        """The same frame, once it is noted."""
        key, version, correlation = struct.unpack_from(">hhi", frame)
        if key == _METADATA:
            self._versions[correlation] = version
        return frame

    def version(self, response: bytes) -> int | None:
        """The version of a metadata response, None of any other."""
        return self._versions.pop(struct.unpack_from(">i", response)[0], None)


def _pump(source: socket.socket, sink: socket.socket, through: Callable[[bytes], bytes]) -> None:
    with contextlib.suppress(OSError), source.makefile("rb") as stream:
        while len(size := stream.read(4)) == 4:
            frame = through(stream.read(struct.unpack(">i", size)[0]))
            sink.sendall(struct.pack(">i", len(frame)) + frame)
    for each in (source, sink):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def _without_brokers(frame: bytes, version: int) -> bytes:
    assert version >= _FIRST_FLEXIBLE, f"Metadata version {version}"
    begin = 4 + 1 + 4  # correlation id, tagged fields of the header, throttle time
    number, at = _varint(frame, begin)
    for _ in range(number - 1):
        length, at = _varint(frame, at + 4)  # after the node id: the host
        length, at = _varint(frame, at + length - 1 + 4)  # after the port: the rack
        tags, at = _varint(frame, at + max(0, length - 1))
        assert not tags, "a broker with tagged fields"
    return frame[:begin] + b"\x01" + frame[at:]


def _varint(frame: bytes, at: int) -> tuple[int, int]:
    """An unsigned varint, and where it ends."""
    value = shift = 0
    while frame[at] >= 128:
        value |= (frame[at] & 127) << shift
        at, shift = at + 1, shift + 7
    return value | frame[at] << shift, at + 1
