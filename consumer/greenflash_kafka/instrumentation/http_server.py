"""HTTP server of a few threads. It answers also when no file descriptor is left."""

from __future__ import annotations

import io
import os
import socket
import threading
import time
from contextlib import suppress
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import ErrorStream

from greenflash_kafka.descriptors import OUT_OF_THEM

CONNECTIONS = 16
"""Most clients that are served at once; the connection of one more is closed."""

SPARES = 4
"""File descriptors reserved for the time when all others are in use: health checks matter most then."""

REQUEST_SECONDS = 10
"""Time limit of a client's request, in seconds."""

BUSY_SECONDS = 0.1
"""Seconds for which no connection is accepted when no descriptor is left at all."""


class ThreadedServer(ThreadingMixIn, WSGIServer):
    """One thread a connection, at most `CONNECTIONS`; nothing of a client's is written to standard error."""

    daemon_threads = True

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._room = threading.BoundedSemaphore(CONNECTIONS)
        self._spares = _Spares(SPARES)
        super().__init__(*arguments, **named)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection; with a reserved descriptor if no other is left."""
        while True:
            try:
                return super().get_request()
            except OSError as failure:
                if failure.errno not in OUT_OF_THEM:
                    raise
                if not self._spares.give_up():
                    # It is ready at once again, and again.
                    time.sleep(BUSY_SECONDS)
                    raise

    def process_request(self, request: Any, client_address: Any) -> None:
        """Respond on a thread of its own, if there aren't too many."""
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._room.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """The thread: respond, close the connection, release the slot."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def close_request(self, request: Any) -> None:
        """Close a connection, and reserve its descriptor if one was given up."""
        if not self._spares.take(request):
            super().close_request(request)

    def server_close(self) -> None:
        """Close the listening socket and the reserved descriptors."""
        super().server_close()
        self._spares.close()

    def server_bind(self) -> None:
        # http.server's own asks DNS for this host's name, which can take seconds in a container.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore a client that closed its connection; the default prints a traceback."""


class ThreadedServer6(ThreadedServer):
    """The same for an IPv6 address."""

    address_family = socket.AF_INET6


class TimedRequest(WSGIRequestHandler):
    """A request that must be complete within `REQUEST_SECONDS`."""

    timeout = REQUEST_SECONDS

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a line for each scrape would fill the log."""

    def get_stderr(self) -> ErrorStream:
        return io.StringIO()


class _Spares:
    """Descriptors that are reserved until all others are in use."""

    def __init__(self, count: int) -> None:
        self._wanted = count
        self._lock = threading.Lock()
        self._null = os.open(os.devnull, os.O_RDONLY)
        self._kept: list[int] = []
        with suppress(OSError):
            while len(self._kept) < count:
                self._kept.append(os.dup(self._null))

    def give_up(self) -> bool:
        """Close one, so that another part can use it; False when there is none."""
        with self._lock:
            if self._kept:
                os.close(self._kept.pop())
                return True
            return False

    def take(self, connection: socket.socket) -> bool:
        """Close a connection and reserve its descriptor, in one step, so that no other part gets it in between; False
        when none is needed."""
        with self._lock:
            if len(self._kept) >= self._wanted or connection.fileno() < 0:
                return False
            descriptor = connection.detach()
            os.dup2(self._null, descriptor, inheritable=False)
            self._kept.append(descriptor)
            return True

    def close(self) -> None:
        """Close all of them."""
        with self._lock:
            self._wanted = 0
            for each in [self._null, *self._kept]:
                os.close(each)
            self._kept.clear()
