"""A Greenflash that does nothing but answer: as fast as one process can, so that the sender is what is measured.

`python bench/answering.py [CORE]` prints the port it listens on, and answers every `POST` with success until its
standard input ends; then it prints how many requests it answered and the CPU seconds that took.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from typing import Final, cast

import uvloop

_BODY: Final = b'{"success": true, "eventId": "0b7c8c53-9a8e-4a39-bb7e-0d0b3c1e7f11"}'
_ANSWER: Final = (
    b"HTTP/1.1 200 OK\r\ndate: Mon, 23 Nov 2026 21:00:00 GMT\r\ncontent-type: application/json\r\n"
    b"x-request-id: req_0b7c8c539a8e4a39\r\ncontent-length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
)


class Answering(asyncio.Protocol):
    """One connection: reads requests by their Content-Length, and answers each."""

    answered = 0

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport to answer on."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        buffer = self._buffer + data if self._buffer else data
        while True:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                break
            at = buffer.lower().find(b"content-length:", 0, end + 2)
            length = 0 if at < 0 else int(buffer[at + 15 : buffer.find(b"\r\n", at)])
            if len(buffer) < end + 4 + length:
                break
            buffer = buffer[end + 4 + length :]
            Answering.answered += 1
            self._transport.write(_ANSWER)
        self._buffer = buffer


async def serve() -> None:
    """Listen on a free port until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Answering, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.buffer.read)
    print(Answering.answered, time.process_time(), flush=True)
    os._exit(0)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        os.sched_setaffinity(0, {int(sys.argv[1])})
    uvloop.run(serve())
