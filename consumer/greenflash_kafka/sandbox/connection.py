"""The HTTP connection of a request, for an action that ASGI cannot express: breaking it."""

from __future__ import annotations

import socket
import struct
from collections.abc import MutableMapping
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_KEY: Final = "greenflash_sandbox.connection"


class Connection(HttpToolsProtocol):
    """Uvicorn's own protocol, which also puts itself into the scope's extensions."""

    def on_message_begin(self) -> None:
        """Called by the parser at the start of each request."""
        super().on_message_begin()
        self.scope["extensions"] = {_KEY: {"connection": self}}

    def reset(self) -> None:
        """Break the connection: the client sees a TCP reset. A client that has gone already sees nothing."""
        if self.transport.is_closing():
            return
        self._linger(0)
        self.transport.abort()

    def cut(self, data: bytes) -> None:
        """Write some raw bytes, then reset."""
        if not self.transport.is_closing():
            self.transport.write(data)
        self.reset()

    def _linger(self, seconds: int) -> None:
        # SO_LINGER of 0 makes close() send RST in place of FIN.
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, seconds))


def connection_of(scope: MutableMapping[str, Any]) -> Connection:
    """The connection that a request came over."""
    connection: Connection = scope["extensions"][_KEY]["connection"]
    return connection
