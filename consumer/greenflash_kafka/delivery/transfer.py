"""One libcurl request: its handle with options, its content, and its result."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import Final

import pycurl

from greenflash_kafka.delivery.endpoint import Endpoint
from greenflash_kafka.descriptors import LIMIT, exhausted, limits
from greenflash_kafka.ports import Reply, Request
from greenflash_kafka.web.header_block import HeaderBlock
from greenflash_kafka.web.libcurl import BOUNDS_ALL_BODIES, detail, fault_of, safe_options
from greenflash_kafka.web.trust import check_ca_file

IDLE_SECONDS: Final = 4
"""Seconds after which an idle connection isn't used again: below the 5 s of Node's servers, the shortest there are.
A connection that the server is just closing makes libcurl send the request a second time."""


_OWN_BYTES: Final = 40
"""About what `POST`, `HTTP/1.1`, `Host` and `Content-Length` take beside the URL."""


class Transfer:
    """A libcurl handle and its content; reused for many requests."""

    __slots__ = (
        "_began",
        "_body",
        "_endpoint",
        "_fresh",
        "_head",
        "_lines",
        "_max_body",
        "_request",
        "_shares",
        "_size",
        "curl",
    )

    def __init__(self, options: Mapping[int, object], max_body: int) -> None:
        self.curl = curl = pycurl.Curl()
        self._lines: list[bytes] = []
        self._body: list[bytes] = []
        self._size = self._head = 0
        self._max_body = max_body
        self._endpoint: Endpoint | None = None
        self._fresh = self._shares = False
        self._request = Request(b"")
        self._began = 0.0
        for option, value in options.items():
            curl.setopt(option, value)
        # Methods of C: nothing of Python runs for an accepted event.
        curl.setopt(pycurl.HEADERFUNCTION, self._lines.append)
        curl.setopt(pycurl.WRITEFUNCTION, self._body.append if BOUNDS_ALL_BODIES else self._write)

    def begin(self, request: Request, endpoint: Endpoint, shares: bool) -> None:
        """Load the handle with a request; `shares`: wait for a connection that other requests use, too."""
        curl = self.curl
        if endpoint is not self._endpoint:
            curl.setopt(pycurl.URL, endpoint.url)
            lines = _header_lines(endpoint)
            curl.setopt(pycurl.HTTPHEADER, lines)
            # The request's own lines say the same as the URL, in about as many bytes more as stand here.
            self._head = len(endpoint.url) + _OWN_BYTES + sum(len(line) + 2 for line in lines)
            self._endpoint = endpoint
        if request.fresh is not self._fresh:
            curl.setopt(pycurl.FRESH_CONNECT, request.fresh)
            self._fresh = request.fresh
        if shares is not self._shares:
            # Only for HTTP/2: over HTTP/1.1 it waits for the first answer of all, however long that takes.
            curl.setopt(pycurl.PIPEWAIT, shares)
            self._shares = shares
        curl.setopt(pycurl.POSTFIELDS, request.body)
        self._request = request
        self._began = monotonic()

    def reply(self, now: float) -> Reply:
        """The response, and an empty handle for the next request."""
        body = self._body
        content = body[0] if len(body) == 1 else b"".join(body)
        reply = Reply(
            self._request,
            self.curl.getinfo(pycurl.RESPONSE_CODE),
            HeaderBlock(self._lines[:]),
            content,
            None,
            "",
            now - self._began,
            self._sent(),
        )
        self._empty()
        return reply

    def failure(self, code: int, text: str, now: float) -> Reply:
        """The fault instead of a response, and an empty handle for the next request."""
        sent = self._sent()
        self._empty()
        detail = _detail(code, text, self._endpoint)
        fault = fault_of(code, self.curl)
        if fault in ("connect", "dns") and exhausted():
            # libcurl gives no errno of a socket that couldn't be made, and says the same as of a host that isn't there.
            fault, detail = "descriptors", LIMIT.format(limits()[0])
        return Reply(self._request, 0, (), b"", fault, detail, now - self._began, sent)

    def _sent(self) -> int:
        """How often libcurl sent the request: it counts the bytes of all repetitions."""
        size, one = self.curl.getinfo(pycurl.REQUEST_SIZE), self._head + len(self._request.body)
        return 1 if 2 * size < 3 * one else (2 * size + one) // (2 * one)

    def _empty(self) -> None:
        self._lines.clear()
        self._body.clear()
        self._size = 0

    def _write(self, chunk: bytes) -> int:
        self._size += len(chunk)
        if self._size > self._max_body:
            return 0
        self._body.append(chunk)
        return len(chunk)


def options_for(timeout: float, ca_file: str | None, proxy: str | None, max_body: int) -> dict[int, object]:
    """libcurl's options that are the same for every request. Raises `ConfigInvalid` as `check_ca_file` does."""
    return {
        pycurl.POST: 1,
        pycurl.MAXAGE_CONN: IDLE_SECONDS,
        # pycurl's own; the SDK's is one of the headers.
        pycurl.USERAGENT: "",
        **safe_options(timeout, check_ca_file(ca_file), proxy, max_body),
    }


_ADDED_BY_LIBCURL: Final = frozenset({"accept", "content-type"})
"""Headers that libcurl adds to a POST by itself unless it is given them."""


def _header_lines(endpoint: Endpoint) -> list[str]:
    """The headers as libcurl takes them.

    It goes through this list several times a request, to see what it needn't add itself: each entry takes 0.7 % of the
    instructions of an event. It looks at an entry's first line and writes the entry as it is, so what it doesn't add
    follows in the last one. `Endpoint` has checked that no value holds a line break.
    """
    seen = [f"{name}: {value}" for name, value in endpoint.headers if name in _ADDED_BY_LIBCURL]
    others = [f"{name}: {value}" for name, value in endpoint.headers if name not in _ADDED_BY_LIBCURL]
    entries = [*seen[:-1], "\r\n".join([*seen[-1:], *others])]
    # Without an empty Expect libcurl asks for permission first and waits a second for it.
    return [*filter(None, entries), "Expect:"]


def _detail(code: int, text: str, endpoint: Endpoint | None) -> str:
    """libcurl's error text on one line, with the key redacted."""
    words = detail(code, text)
    return words if endpoint is None else words.replace(endpoint.key, "***")
