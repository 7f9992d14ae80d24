"""Messages over a stream socket, both ways, without ever waiting for the other side."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any, Final, Generic, TypeVar

import msgspec

_LENGTH: Final = 4
_CHUNK: Final = 256 * 1024
_LARGEST: Final = 64 * 1024 * 1024

_Message = TypeVar("_Message")


class Channel(Generic[_Message]):
    """One end; `_Message` is what comes in. Each message is its length in four bytes, and msgpack."""

    def __init__(self, end: socket.socket, incoming: Any) -> None:
        """`incoming` is the type, or union of types, that is expected; anything else closes the channel."""
        end.setblocking(False)
        self.socket = end
        self.closed = False
        """The other side has gone, or talks nonsense: nothing more comes."""
        self.broken = False
        """It talks nonsense."""
        self._decoder = msgspec.msgpack.Decoder(incoming)
        self._encoder = msgspec.msgpack.Encoder()
        self._in = bytearray()
        self._out = bytearray()

    @property
    def backlog(self) -> int:
        """Bytes that the other side hasn't taken yet, beyond what the system holds for it."""
        return len(self._out)

    def send(self, message: object) -> None:
        """Send as much as goes at once; the rest goes with the next `flush`."""
        body = self._encoder.encode(message)
        self._out += len(body).to_bytes(_LENGTH, "big")
        self._out += body
        self.flush()

    def flush(self) -> None:
        """Go on with what couldn't be sent before."""
        if not self._out:
            return
        try:
            while self._out:
                del self._out[: self.socket.send(self._out)]
        except BlockingIOError:
            return
        except OSError:
            # Nobody will ever read it; that the other side has gone is seen when reading.
            self._out.clear()

    def finish(self, seconds: float) -> None:
        """Send what is left, waiting for the other side at most so long: for the last words of a process."""
        with suppress(OSError):
            self.socket.settimeout(seconds)
            self.socket.sendall(self._out)
        self._out.clear()

    def receive(self) -> list[_Message]:
        """Every message that is there as a whole, in order."""
        try:
            while not self.closed:
                received = self.socket.recv(_CHUNK)
                self._in += received
                self.closed = not received
        except BlockingIOError:
            pass
        except OSError:
            self.closed = True
        return self._whole() if self._in else []

    def _whole(self) -> list[_Message]:
        found: list[_Message] = []
        at = 0
        while len(self._in) - at >= _LENGTH:
            length = int.from_bytes(self._in[at : at + _LENGTH], "big")
            end = at + _LENGTH + length
            if length > _LARGEST:
                self.closed = self.broken = True
                break
            if len(self._in) < end:
                break
            try:
                found.append(self._decoder.decode(bytes(self._in[at + _LENGTH : end])))
            except msgspec.MsgspecError:
                self.closed = self.broken = True
                break
            at = end
        del self._in[:at]
        return found

    def close(self) -> None:
        """Close this end; the other side then sees that it is `closed`."""
        self.closed = True
        self.socket.close()
