"""A Greenflash that does nothing but answer: as fast as one process can, so that the sender is what is measured.

`python bench/answering.py` prints the port it listens on, and answers until its input ends. Every `POST` succeeds;
`GET /count` tells how many there were since the last asking, when the first and the last came, and its own CPU time.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Final, cast

import msgspec
import uvloop

_BODY: Final = b'{"success": true, "eventId": "0b7c8c53-9a8e-4a39-bb7e-0d0b3c1e7f11"}'
_HEAD: Final = (
    b"HTTP/1.1 200 OK\r\ndate: Mon, 23 Nov 2026 21:00:00 GMT\r\ncontent-type: application/json\r\n"
    b"x-request-id: req_0b7c8c539a8e4a39\r\ncontent-length: %d\r\n\r\n%b"
)
_ANSWER: Final = _HEAD % (len(_BODY), _BODY)


class Count(msgspec.Struct):
    """What came since the last asking; times are the system's monotonic clock, `cpu` seconds in all."""

    events: int = 0
    first: float = 0.0
    last: float = 0.0
    cpu: float = 0.0


class Answering(asyncio.Protocol):
    """One connection: reads requests by their Content-Length, and answers each."""

    count = Count()

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport to answer on."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        buffer = self._buffer + data if self._buffer else data
        while (end := buffer.find(b"\r\n\r\n")) >= 0:
            at = buffer.lower().find(b"content-length:", 0, end + 2)
            length = 0 if at < 0 else int(buffer[at + 15 : buffer.find(b"\r\n", at)])
            if len(buffer) < end + 4 + length:
                break
            self._answer(buffer)
            buffer = buffer[end + 4 + length :]
        self._buffer = buffer

    def _answer(self, request: bytes) -> None:
        count = Answering.count
        if request.startswith(b"POST"):
            count.last = time.monotonic()
            if not count.events:
                count.first = count.last
            count.events += 1
            self._transport.write(_ANSWER)
        elif request.startswith(b"GET /count"):
            count.cpu = time.process_time()
            told = msgspec.json.encode(count)
            self._transport.write(_HEAD % (len(told), told))
            Answering.count = Count()
        else:
            self._transport.write(_ANSWER)


async def serve() -> None:
    """Listen on a free port until standard input ends, which it does at the latest with whoever started this."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Answering, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.buffer.read)
    server.close()


if __name__ == "__main__":
    uvloop.run(serve())
