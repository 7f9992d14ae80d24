"""A socket that listens on 127.0.0.1, with the connections that were made of it."""

from __future__ import annotations

import contextlib
import socket
import threading


class Listening:
    """Listens until `close`; `accepted` is called for each connection, on the thread that waits for them. A subclass
    calls `listen` when it is ready for that."""

    def listen(self) -> None:
        """Begin."""
        self.sockets: list[socket.socket] = []
        """Everything that `close` drops beside the listener."""
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop listening and drop every connection."""
        for each in (self._listener, *self.sockets):
            # Closing alone would leave the thread inside accept() or recv().
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def accepted(self, connection: socket.socket) -> None:
        """Serve it, without waiting. An OSError ends the listening."""
        raise NotImplementedError

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.sockets.append(connection)
                self.accepted(connection)
