"""The answering server's HTTP/2 (RFC 9113): every request that ends gets the same answer.

What a request says in its headers is of no interest to it, so they are never unpacked; that is what makes it fast.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from typing import Final, cast

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _SETTINGS, _PING, _WINDOW = 0x0, 0x1, 0x4, 0x6, 0x8
_END_STREAM = _ACK = 0x1
_END_HEADERS = 0x4
_CONCURRENT_STREAMS, _STREAM_WINDOW = 0x3, 0x4
_WINDOW_BYTES: Final = 1 << 30
_HEAD: Final = struct.Struct(">HBBBI")


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return _HEAD.pack(len(payload) >> 8, len(payload) & 0xFF, kind, flags, stream) + payload


def _answer_headers(length: int) -> bytes:
    # HPACK (RFC 7541) without a table: ":status: 200" by its number, the other two names by theirs.
    kind, size = b"application/json", str(length).encode()
    return b"\x88" + b"\x0f\x10" + bytes([len(kind)]) + kind + b"\x0f\x0d" + bytes([len(size)]) + size


class Streams(asyncio.Protocol):
    """One connection that carries many requests."""

    def __init__(self, body: bytes, delay: float, came: Callable[[bytes], None]) -> None:
        """`came` is given the last part of each request's body; the answer's is `body`, `delay` seconds later."""
        self._headers, self._body = _answer_headers(len(body)), body
        self._delay = delay
        self._came = came
        self._buffer = b""
        self._room = _WINDOW_BYTES
        self._greeted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say how much may come at once."""
        self._transport = cast(asyncio.Transport, transport)
        settings = struct.pack(">HIHI", _CONCURRENT_STREAMS, 1000, _STREAM_WINDOW, 1 << 20)
        self._transport.write(_frame(_SETTINGS, 0, 0, settings) + self._more_room())

    def _more_room(self) -> bytes:
        return _frame(_WINDOW, 0, 0, struct.pack(">I", _WINDOW_BYTES))

    def data_received(self, data: bytes) -> None:
        """Go through the frames that are complete."""
        buffer = self._buffer + data if self._buffer else data
        at = 0
        if not self._greeted:
            if len(buffer) < len(PREFACE):
                self._buffer = buffer
                return
            self._greeted, at = True, len(PREFACE)
        answers: list[bytes] = []
        while len(buffer) - at >= _HEAD.size:
            high, low, kind, flags, stream = _HEAD.unpack_from(buffer, at)
            end = at + _HEAD.size + (high << 8 | low)
            if len(buffer) < end:
                break
            if kind == _DATA:
                self._room -= end - at
                if flags & _END_STREAM:
                    self._came(buffer[at + _HEAD.size : end])
                    answers.append(self._answer(stream))
            elif kind == _HEADERS and flags & _END_STREAM:
                answers.append(self._answer(stream))
            elif kind in (_SETTINGS, _PING) and not flags & _ACK:
                payload = buffer[at + _HEAD.size : end] if kind == _PING else b""
                self._transport.write(_frame(kind, _ACK, 0, payload))
            at = end
        self._buffer = buffer[at:]
        if self._room < _WINDOW_BYTES // 2:
            self._room += _WINDOW_BYTES
            answers.append(self._more_room())
        if answers:
            self._write(b"".join(answers))

    def _answer(self, stream: int) -> bytes:
        return _frame(_HEADERS, _END_HEADERS, stream, self._headers) + _frame(_DATA, _END_STREAM, stream, self._body)

    def _write(self, answers: bytes) -> None:
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._transport.write, answers)
        else:
            self._transport.write(answers)
