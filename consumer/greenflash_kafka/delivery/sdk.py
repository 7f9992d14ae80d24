"""Events to Greenflash over the SDK's own `AsyncGreenflash`, for those who need its hooks; some 50 times slower.

The client lives on an event loop in a thread of its own. What the bare SDK gets wrong for us (it follows
redirects, takes web pages for successes, has no total deadline, reads answers of any size) is set right in the
HTTP client that it is given.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import threading
from collections import deque
from collections.abc import Iterator
from time import monotonic
from typing import Final

import greenflash
import httpx

from greenflash_kafka.delivery.endpoint import Endpoint, causes_of, untrusted, without_sdk_environment
from greenflash_kafka.descriptors import LIMIT, OUT_OF_THEM, limits
from greenflash_kafka.ports import Reply, Request, TransportFault
from greenflash_kafka.web.trust import check_ca_file

CONNECT_SECONDS: Final = 10.0
"""Seconds that a new connection may take."""


POOL: Final = 8
"""Connections in one pool of httpx. It looks at every pair of them with every request: 2.5 ms of CPU for 128."""


class SdkTransport:
    """`ports.Transport` over `AsyncGreenflash`; arguments as for `curl.CurlTransport`.

    `Request.fresh` has no effect here: httpx never sends a request twice by itself.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        timeout: float = 30.0,
        in_flight: int = 128,
        ca_file: str | None = None,
        proxy: str | None = None,
        max_body: int = 1024 * 1024,
    ) -> None:
        _quiet()
        self._timeout = timeout
        self._http = httpx.AsyncClient(
            transport=_Careful(check_ca_file(ca_file), proxy, in_flight, max_body),
            follow_redirects=False,
            trust_env=False,
            # Each step of a request may take as long as the whole; the whole is watched in `_send`.
            timeout=httpx.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS)),
        )
        self._client = self._client_for(endpoint)
        self._submitted: deque[tuple[Request, greenflash.AsyncGreenflash, float]] = deque()
        self._answered = _Answers()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="greenflash-sdk", daemon=True)
        self._thread.start()

    def use(self, endpoint: Endpoint) -> None:
        """Send events submitted from now on to that address and with that key; what is in flight is not changed."""
        self._client = self._client_for(endpoint)

    def submit(self, request: Request) -> None:
        """Start a request; see `ports.Transport.submit`."""
        self._submitted.append((request, self._client, monotonic()))
        # Waking the other thread costs more than the rest of this; once is enough for many.
        if len(self._submitted) == 1:
            self._loop.call_soon_threadsafe(self._start)

    def poll(self, timeout: float) -> list[Reply]:
        """Replies that have come; waits for the first at most `timeout` seconds. The loop drives itself."""
        return self._answered.take(timeout)

    def close(self) -> None:
        """Drop what is in flight and free the connections; the transport can't be used afterwards."""
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _client_for(self, endpoint: Endpoint) -> greenflash.AsyncGreenflash:
        with without_sdk_environment():
            return greenflash.AsyncGreenflash(
                api_key=endpoint.key,
                base_url=endpoint.base_url,
                max_retries=0,
                timeout=self._http.timeout,
                default_headers={"Accept-Encoding": "identity"},
                http_client=self._http,
            )

    def _start(self) -> None:
        while self._submitted:
            task = self._loop.create_task(self._send(*self._submitted.popleft()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send(self, request: Request, client: greenflash.AsyncGreenflash, began: float) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                response = await _post(client, request.body)
            reply = Reply(request, response.status_code, _headers(response), response.content)
        except Exception as failure:
            # Exceptions of the SDK may quote the key or an answer, so they become a fault of ours right here.
            fault, detail = _fault(failure)
            reply = Reply(request, 0, fault=fault, detail=detail)
        reply.seconds = monotonic() - began
        self._answered.put(reply)

    async def _end(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._http.aclose()


async def _post(client: greenflash.AsyncGreenflash, body: bytes) -> httpx.Response:
    """The unparsed response: the SDK would parse it, and accept responses that are no success."""
    try:
        return await client.post("/events", cast_to=httpx.Response, content=body)
    except greenflash.APIStatusError as refused:
        return refused.response


def _headers(response: httpx.Response) -> list[tuple[str, str]]:
    return [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers.raw]


class _Answers:
    """Replies on their way from the loop's thread to the caller's thread."""

    def __init__(self) -> None:
        self._replies: deque[Reply] = deque()
        self._some = threading.Event()

    def put(self, reply: Reply) -> None:
        self._replies.append(reply)
        if not self._some.is_set():
            self._some.set()

    def take(self, timeout: float) -> list[Reply]:
        if not self._replies and timeout > 0:
            self._some.wait(timeout)
        # Cleared before the replies are taken, so that one that comes in between is seen the next time.
        self._some.clear()
        return list(self._drain())

    def _drain(self) -> Iterator[Reply]:
        while self._replies:
            yield self._replies.popleft()


class _TooLarge(Exception):
    """A response larger than the limit."""


class _Careful(httpx.AsyncBaseTransport):
    """httpx's own transport, reading at most so much of an answer, and nothing of it unpacked."""

    def __init__(self, ca_file: str, proxy: str | None, in_flight: int, max_body: int) -> None:
        context = ssl.create_default_context(cafile=ca_file)
        limits = httpx.Limits(max_connections=POOL, max_keepalive_connections=POOL, keepalive_expiry=4.0)
        self._pools = [
            httpx.AsyncHTTPTransport(verify=context, trust_env=False, proxy=proxy, limits=limits)
            for _ in range(-(-in_flight // POOL))
        ]
        self._busy = [0] * len(self._pools)
        self._max_body = max_body

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request, one answer, read in full."""
        pool = self._busy.index(min(self._busy))
        self._busy[pool] += 1
        try:
            return await self._ask(self._pools[pool], request)
        finally:
            self._busy[pool] -= 1

    async def _ask(self, pool: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        response = await pool.handle_async_request(request)
        try:
            body = await self._read(response)
        finally:
            await response.aclose()
        # With its encoding named, httpx would unpack the body by itself, however large that makes it.
        headers = [(name, value) for name, value in response.headers.raw if name.lower() not in _OF_THE_BODY]
        return httpx.Response(response.status_code, headers=headers, content=body, extensions=response.extensions)

    async def _read(self, response: httpx.Response) -> bytes:
        assert isinstance(response.stream, httpx.AsyncByteStream)
        chunks, size = [], 0
        async for chunk in response.stream:
            size += len(chunk)
            if size > self._max_body:
                raise _TooLarge
            chunks.append(chunk)
        return b"".join(chunks)

    async def aclose(self) -> None:
        """Close the connections."""
        for pool in self._pools:
            await pool.aclose()


_OF_THE_BODY: Final = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})


def _fault(failure: BaseException) -> tuple[TransportFault, str]:
    """The transport fault of an SDK exception, and a word for it: names of classes, never their texts, except for
    OpenSSL's reason about a certificate."""
    causes = list(causes_of(failure))
    if any(isinstance(cause, OSError) and cause.errno in OUT_OF_THEM for cause in causes):
        return "descriptors", LIMIT.format(limits()[0])
    detail = untrusted(failure) or " from ".join(dict.fromkeys(type(cause).__name__ for cause in causes))
    for kinds, fault in _KINDS:
        if any(isinstance(cause, kinds) for cause in causes):
            return fault, detail
    for cause in causes:
        if isinstance(cause, httpx.RemoteProtocolError) and _broke_off(cause):
            return "reset", detail
    return "protocol", detail


_KINDS: Final[tuple[tuple[tuple[type[BaseException], ...], TransportFault], ...]] = (
    ((_TooLarge,), "too-large"),
    ((socket.gaierror,), "dns"),
    ((ssl.SSLCertVerificationError,), "tls"),
    ((httpx.ConnectTimeout,), "connect"),
    ((TimeoutError, httpx.TimeoutException), "timeout"),
    ((ConnectionResetError, BrokenPipeError), "reset"),
    ((ssl.SSLError,), "tls"),
    ((httpx.ConnectError, httpx.ProxyError), "connect"),
    ((httpx.NetworkError,), "reset"),
    ((asyncio.CancelledError,), "cancelled"),
)
"""The first row that fits decides."""


def _broke_off(failure: httpx.RemoteProtocolError) -> bool:
    """True if the server closed the connection in the middle, for which httpx has no class of its own."""
    text = str(failure)
    return "disconnected" in text or "closed connection" in text or "ConnectionTerminated" in text


def _quiet() -> None:
    """Raise the level of loggers that write whole events, with personal data, at DEBUG."""
    for name in ("greenflash", "httpx", "httpcore"):
        logger = logging.getLogger(name)
        if logger.getEffectiveLevel() < logging.WARNING:
            logger.setLevel(logging.WARNING)
