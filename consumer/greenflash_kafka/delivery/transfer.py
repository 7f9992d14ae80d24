"""One libcurl request: its handle with options, its content, and its result."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from time import monotonic
from typing import Final

import pycurl

from greenflash_kafka.delivery.endpoint import Endpoint, check_ca_file
from greenflash_kafka.delivery.header_block import HeaderBlock
from greenflash_kafka.descriptors import LIMIT, exhausted, limits
from greenflash_kafka.ports import Reply, Request, TransportFault

CONNECT_SECONDS: Final = 10.0
"""Seconds that a new connection may take, TLS handshake included."""

IDLE_SECONDS: Final = 4
"""Seconds after which an idle connection isn't used again: below the 5 s of Node's servers, the shortest there are.
A connection that the server is just closing makes libcurl send the request a second time."""


class Transfer:
    """A libcurl handle and its content; reused for many requests."""

    __slots__ = (
        "_began",
        "_body",
        "_endpoint",
        "_fresh",
        "_lines",
        "_max_body",
        "_request",
        "_shares",
        "_size",
        "curl",
        "multiplexes",
    )

    def __init__(self, options: Mapping[int, object], max_body: int) -> None:
        self.curl = curl = pycurl.Curl()
        self._lines: list[bytes] = []
        self._body: list[bytes] = []
        self._size = 0
        self._max_body = max_body
        self._endpoint: Endpoint | None = None
        self._fresh = self._shares = False
        self.multiplexes = False
        """True if the last response came over HTTP/2, where many requests share a connection."""
        self._request = Request(b"")
        self._began = 0.0
        for option, value in options.items():
            curl.setopt(option, value)
        # Methods of C: nothing of Python runs for an accepted event.
        curl.setopt(pycurl.HEADERFUNCTION, self._lines.append)
        curl.setopt(pycurl.WRITEFUNCTION, self._body.append if _BOUNDS_ALL_BODIES else self._write)

    def begin(self, request: Request, endpoint: Endpoint, shares: bool) -> None:
        """Load the handle with a request; `shares`: wait for a connection that other requests use, too."""
        curl = self.curl
        if endpoint is not self._endpoint:
            curl.setopt(pycurl.URL, endpoint.url)
            curl.setopt(pycurl.HTTPHEADER, _header_lines(endpoint))
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
        lines, body = self._lines[:], self._body
        content = body[0] if len(body) == 1 else b"".join(body)
        reply = Reply(
            self._request,
            self.curl.getinfo(pycurl.RESPONSE_CODE),
            HeaderBlock(lines),
            content,
            None,
            "",
            now - self._began,
        )
        self.multiplexes = lines[0].startswith(b"HTTP/2")
        self._empty()
        return reply

    def failure(self, code: int, text: str, now: float) -> Reply:
        """The fault instead of a response, and an empty handle for the next request."""
        self._empty()
        detail = _detail(code, text, self._endpoint)
        fault = _fault(code, self.curl)
        if fault in ("connect", "dns") and exhausted():
            # libcurl gives no errno of a socket that couldn't be made, and says the same as of a host that isn't there.
            fault, detail = "descriptors", LIMIT.format(limits()[0])
        return Reply(self._request, 0, (), b"", fault, detail, now - self._began)

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


# libcurl's own limit (MAXFILESIZE) holds for answers without a length only since 8.4; before, we count.
_BOUNDS_ALL_BODIES: Final = tuple(int(part) for part in pycurl.version_info()[1].split(".")[:2]) >= (8, 4)


def options_for(timeout: float, ca_file: str | None, proxy: str | None, max_body: int) -> dict[int, object]:
    """libcurl's options that are the same for every request. Raises `ConfigInvalid` as `check_ca_file` does."""
    options: dict[int, object] = {
        pycurl.POST: 1,
        pycurl.TIMEOUT_MS: max(1, round(timeout * 1000)),
        pycurl.CONNECTTIMEOUT_MS: max(1, round(min(timeout, CONNECT_SECONDS) * 1000)),
        # A redirected POST would go on as a GET without the event, or take the event to a third party.
        pycurl.FOLLOWLOCATION: 0,
        pycurl.PROTOCOLS: pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS,
        # An empty text, not none at all, keeps libcurl from the environment's proxies.
        pycurl.PROXY: proxy or "",
        pycurl.NOPROXY: "",
        pycurl.MAXFILESIZE_LARGE: max_body,
        pycurl.NOSIGNAL: 1,
        pycurl.CAINFO: check_ca_file(ca_file),
        pycurl.SSL_VERIFYPEER: 1,
        pycurl.SSL_VERIFYHOST: 2,
        pycurl.SSLVERSION: pycurl.SSLVERSION_TLSv1_2,
        pycurl.MAXAGE_CONN: IDLE_SECONDS,
    }
    if pycurl.version_info()[4] & pycurl.VERSION_HTTP2:
        # Where the server offers it, over TLS alone: libcurl's own default, and not left to it.
        options[pycurl.HTTP_VERSION] = pycurl.CURL_HTTP_VERSION_2TLS
    return options


_KNOWN_TO_LIBCURL: Final = frozenset({"accept", "accept-encoding", "authorization", "content-type", "user-agent"})


def _header_lines(endpoint: Endpoint) -> list[str]:
    """The headers as libcurl takes them.

    It goes through this list several times a request, to see what it needn't add itself. What it has no opinion on
    is one entry for it: it writes an entry as it is, and `Endpoint` has checked that no value holds a line break.
    """
    lines = [f"{name}: {value}" for name, value in endpoint.headers if name in _KNOWN_TO_LIBCURL]
    others = [f"{name}: {value}" for name, value in endpoint.headers if name not in _KNOWN_TO_LIBCURL]
    # Without an empty Expect libcurl asks for permission first and waits a second for it.
    return [*lines, *(["\r\n".join(others)] if others else []), "Expect:"]


_FAULTS: Final[Mapping[int, TransportFault]] = {
    pycurl.E_COULDNT_RESOLVE_PROXY: "dns",
    pycurl.E_COULDNT_RESOLVE_HOST: "dns",
    pycurl.E_COULDNT_CONNECT: "connect",
    97: "connect",  # CURLE_PROXY, which pycurl has no name for
    pycurl.E_OPERATION_TIMEDOUT: "timeout",
    pycurl.E_SSL_CONNECT_ERROR: "tls",
    pycurl.E_PEER_FAILED_VERIFICATION: "tls",
    pycurl.E_SSL_CERTPROBLEM: "tls",
    pycurl.E_SSL_CIPHER: "tls",
    pycurl.E_SSL_CACERT_BADFILE: "tls",
    pycurl.E_SSL_CRL_BADFILE: "tls",
    pycurl.E_SSL_ISSUER_ERROR: "tls",
    pycurl.E_SSL_INVALIDCERTSTATUS: "tls",
    pycurl.E_SSL_PINNEDPUBKEYNOTMATCH: "tls",
    pycurl.E_PARTIAL_FILE: "reset",
    pycurl.E_GOT_NOTHING: "reset",
    pycurl.E_SEND_ERROR: "reset",
    pycurl.E_RECV_ERROR: "reset",
    pycurl.E_HTTP2: "reset",
    92: "reset",  # CURLE_HTTP2_STREAM
    pycurl.E_FILESIZE_EXCEEDED: "too-large",
    pycurl.E_WRITE_ERROR: "too-large",
    pycurl.E_ABORTED_BY_CALLBACK: "cancelled",
}


def _fault(code: int, curl: pycurl.Curl) -> TransportFault:
    fault = _FAULTS.get(code, "protocol")
    if fault == "timeout" and not curl.getinfo(pycurl.PRETRANSFER_TIME):
        # Nothing was sent: the way is blocked, or the server doesn't get as far as a connection.
        return "connect"
    if code == pycurl.E_SSL_CONNECT_ERROR and curl.getinfo(pycurl.OS_ERRNO) in _BROKEN:
        return "reset"
    return fault


_BROKEN: Final = frozenset({errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED, errno.ENETRESET})


def _detail(code: int, text: str, endpoint: Endpoint | None) -> str:
    """libcurl's error text on one line, with the key redacted."""
    words = "".join(character if character.isprintable() else " " for character in text)[:200].strip()
    if endpoint is not None:
        words = words.replace(endpoint.key, "***")
    return f"{words} (libcurl {code})" if words else f"libcurl {code}"
