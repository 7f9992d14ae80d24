"""A Greenflash that does nothing but answer: as fast as one process can, so that the sender is what is measured.

`python -m bench.answering [--delay SECONDS] [--certificate PEM [--http2]]` prints the port it listens on, and answers
until its input ends. Every `POST` succeeds. `GET /seen` tells what came since the last taking, `GET /count` takes it;
both over HTTP/1.1.
"""

from __future__ import annotations

import argparse
import asyncio
import ssl
import sys
import time
from array import array
from pathlib import Path
from typing import Final, cast

import msgspec
import uvloop

from bench.streams import Streams

STAMP: Final = b"evt_T"
"""A message id that begins so goes on with the 16 digits of the microsecond (monotonic clock) of its sending."""

_BODY: Final = b'{"success": true, "eventId": "0b7c8c53-9a8e-4a39-bb7e-0d0b3c1e7f11"}'
_HEAD: Final = (
    b"HTTP/1.1 200 OK\r\ndate: Mon, 23 Nov 2026 21:00:00 GMT\r\ncontent-type: application/json\r\n"
    b"x-request-id: req_0b7c8c539a8e4a39\r\ncontent-length: %d\r\n\r\n%b"
)
_ANSWER: Final = _HEAD % (len(_BODY), _BODY)


class Count(msgspec.Struct):
    """What came since the last taking; times are the system's monotonic clock, `cpu` seconds in all."""

    events: int = 0
    first: float = 0.0
    last: float = 0.0
    cpu: float = 0.0
    stamped: int = 0
    p50_ms: float = 0.0
    """Of the stamped ones, half came sooner after their sending than this."""
    p99_ms: float = 0.0


class Answering(asyncio.Protocol):
    """One connection: reads requests by their Content-Length, and answers each."""

    count = Count()
    waits = array("d")
    delay = 0.0

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport to answer on; over HTTP/2 others go on."""
        self._transport = cast(asyncio.Transport, transport)
        tls = transport.get_extra_info("ssl_object")
        if tls is not None and tls.selected_alpn_protocol() == "h2":
            streams = Streams(_BODY, Answering.delay, _came)
            self._transport.set_protocol(streams)
            streams.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        buffer = self._buffer + data if self._buffer else data
        while (end := buffer.find(b"\r\n\r\n")) >= 0:
            # Found in either spelling without making all of it lower case.
            at = buffer.find(b"ontent-length:", 0, end + 2)
            at = at if at >= 0 else buffer.find(b"ontent-Length:", 0, end + 2)
            length = 0 if at < 0 else int(buffer[at + 14 : buffer.find(b"\r\n", at)])
            if len(buffer) < end + 4 + length:
                break
            self._answer(buffer)
            buffer = buffer[end + 4 + length :]
        self._buffer = buffer

    def _answer(self, request: bytes) -> None:
        if request.startswith(b"POST"):
            _came(request)
            if Answering.delay:
                asyncio.get_running_loop().call_later(Answering.delay, self._transport.write, _ANSWER)
            else:
                self._transport.write(_ANSWER)
        elif request.startswith(b"GET /seen"):
            self._tell(Answering.count)
        elif request.startswith(b"GET /count"):
            self._tell(_taken())
        else:
            self._transport.write(_ANSWER)

    def _tell(self, count: Count) -> None:
        told = msgspec.json.encode(count)
        self._transport.write(_HEAD % (len(told), told))


def _came(request: bytes) -> None:
    count, now = Answering.count, time.monotonic()
    if not count.events:
        count.first = now
    count.last = now
    count.events += 1
    if (at := request.find(STAMP)) >= 0:
        Answering.waits.append(now * 1e3 - int(request[at + 5 : at + 21]) / 1e3)


def _taken() -> Count:
    count, waits = Answering.count, sorted(Answering.waits)
    count.cpu, count.stamped = time.process_time(), len(waits)
    if waits:
        count.p50_ms, count.p99_ms = waits[len(waits) // 2], waits[len(waits) * 99 // 100]
    Answering.count, Answering.waits = Count(), array("d")
    return count


async def serve() -> None:
    """Listen on a free port until standard input ends, which it does at the latest with whoever started this."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds from a request to its answer")
    parser.add_argument("--certificate", type=Path, help="speak TLS, with this certificate and key (PEM)")
    parser.add_argument("--http2", action="store_true", help="offer HTTP/2 over TLS")
    given = parser.parse_args()
    Answering.delay = given.delay
    tls = None
    if given.certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(given.certificate)
        tls.set_alpn_protocols(["h2", "http/1.1"] if given.http2 else ["http/1.1"])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Answering, "127.0.0.1", 0, backlog=1024, ssl=tls)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.buffer.read)
    server.close()


if __name__ == "__main__":
    uvloop.run(serve())
