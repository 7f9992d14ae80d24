"""A web server made of bare sockets, which answers whatever a test wants, byte by byte: also what isn't HTTP."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from typing import NamedTuple

STORED = b'{"success": true, "eventId": "0b7c8c53-9a8e-4a39-bb7e-0d0b3c1e7f11"}'


def answer(status: int = 200, body: bytes = STORED, *headers: str) -> bytes:
    """A proper HTTP/1.1 answer."""
    lines = [f"HTTP/1.1 {status} Because", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class Received(NamedTuple):
    """A request as it came over the wire; header names in lower case, in order."""

    connection: int
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first header of this name."""
        return next((value for key, value in self.headers if key == name), None)


class Exchange:
    """One request, and the connection to answer it on."""

    def __init__(self, request: Received, connection: socket.socket, ended: threading.Event) -> None:
        self.request = request
        self._connection = connection
        self._ended = ended

    def send(self, data: bytes) -> None:
        """Write these bytes."""
        self._connection.sendall(data)

    def drip(self, data: bytes, every: float) -> None:
        """Write these bytes one by one, so many seconds apart, until the client has enough."""
        for byte in data:
            self._connection.sendall(bytes([byte]))
            if self._ended.wait(every):
                return

    def hang(self) -> None:
        """Say nothing more until the test is over."""
        self._ended.wait()

    def finish(self) -> None:
        """Close properly (FIN)."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def reset(self) -> None:
        """Break the connection (RST)."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # close() would wait for the reader to be done, and say goodbye first over TLS.
        socket.socket(fileno=self._connection.detach()).close()


Script = Callable[[Exchange], object]
"""What to do with a request. The connection stays open afterwards, unless the script closed it."""


class RawServer:
    """Listens on 127.0.0.1 until `close`; every connection has a thread that reads requests and runs the script."""

    def __init__(self, script: Script | None = None, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.script: Script = script or (lambda exchange: exchange.send(answer()))
        self.received: list[Received] = []
        self.connections = 0
        self._tls = tls
        self._ended = threading.Event()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", port), backlog=512)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def base_url(self, scheme: str = "http", host: str = "127.0.0.1") -> str:
        """What to configure as Greenflash's base URL."""
        return f"{scheme}://{host}:{self.port}/api/v1"

    def close(self) -> None:
        """Stop listening and drop every connection."""
        self._ended.set()
        # Closing alone would leave the thread inside accept().
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection, self.connections), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        self._open.add(connection)
        # The client may go away at any moment: that is what the tests are about.
        with contextlib.suppress(OSError, ValueError):
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
                self._open.add(connection)
            with connection, connection.makefile("rb") as reader:
                while (request := _read(reader, number)) is not None:
                    self.received.append(request)
                    self.script(Exchange(request, connection, self._ended))
        self._open.discard(connection)


def _read(reader: object, connection: int) -> Received | None:
    line = reader.readline()  # type: ignore[attr-defined]
    if not line.strip():
        return None
    method, path, _version = line.decode("latin-1").split(" ", 2)
    headers = []
    while (line := reader.readline()).strip():  # type: ignore[attr-defined]
        name, _colon, value = line.decode("latin-1").partition(":")
        headers.append((name.strip().lower(), value.strip()))
    length = int(dict(headers).get("content-length", "0"))
    body = reader.read(length)  # type: ignore[attr-defined]
    return Received(connection, method, path, tuple(headers), body)
