"""Events to Greenflash over libcurl: one thread, hundreds of requests at once, 20 us of CPU each.

libcurl says which sockets it waits for and until when; `poll` waits for those and tells it what is ready.
"""

from __future__ import annotations

import errno
from collections import deque
from collections.abc import Mapping
from time import monotonic
from typing import Final

import pycurl

from consumer.delivery.endpoint import Endpoint, check_ca_file
from consumer.delivery.header_block import HeaderBlock
from consumer.delivery.readiness import readiness
from consumer.ports import Reply, Request, TransportFault

CONNECT_SECONDS: Final = 10.0
"""Seconds that a new connection may take, TLS handshake included."""

IDLE_SECONDS: Final = 4
"""Seconds after which an idle connection isn't used again: below the 5 s of Node's servers, the shortest there are.
A connection that the server is just closing makes libcurl send the request a second time."""


class CurlTransport:
    """`ports.Transport` over pycurl's multi handle; see `poll` for what drives it. One thread calls all of it.

    `timeout`: seconds a request may take in all, connecting and reading the answer included. `ca_file`: a PEM file
    of the authorities to trust instead of certifi's. `proxy`: a proxy's URL; without one there is none, whatever the
    environment says. `max_body`: bytes of an answer that are read at most.
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
        self._endpoint = endpoint
        self._options = _options(timeout, ca_file, proxy, max_body)
        self._max_body = max_body
        self._idle: list[_Transfer] = []
        self._busy: dict[pycurl.Curl, _Transfer] = {}
        self._due: float | None = None
        self._timer: deque[int] = deque(maxlen=1)
        self._multiplexes = False
        self._closed = False
        self._readiness = readiness()
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._readiness.watch)
        # A method of C: libcurl tells its time with every request, and only the last word counts.
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._timer.append)
        self._multi.setopt(pycurl.M_MAXCONNECTS, max(in_flight, 8))

    def use(self, endpoint: Endpoint) -> None:
        """Send what is submitted from now on there and with that key; what is in flight stays as it is."""
        self._endpoint = endpoint

    def submit(self, request: Request) -> None:
        """Start a request; see `ports.Transport.submit`."""
        transfer = self._idle.pop() if self._idle else _Transfer(self._options, self._max_body)
        transfer.begin(request, self._endpoint, self._multiplexes)
        self._busy[transfer.curl] = transfer
        self._multi.add_handle(transfer.curl)

    def poll(self, timeout: float) -> list[Reply]:
        """Drive what is in flight; see `ports.Transport.poll`. With nothing in flight it waits all the same."""
        replies: list[Reply] = []
        act = self._multi.socket_action
        now = monotonic()
        until = now + timeout
        while True:
            if self._timer:
                self._due_in(self._timer.pop(), now)
            if self._due is not None and self._due <= now:
                act(pycurl.SOCKET_TIMEOUT, 0)
                # libcurl doesn't tell a time that it has told before, also when it was too early for it just now.
                self._timer.clear()
                self._due_in(self._multi.timeout(), now)
                # A quick answer may have been read already, right after the request was written.
                self._collect(replies)
            patience = 0.0 if replies else max(0.0, (until if self._due is None else min(self._due, until)) - now)
            for descriptor, ready in self._readiness.wait(patience):
                act(descriptor, ready)
            self._collect(replies)
            now = monotonic()
            if replies or now >= until:
                return replies

    def close(self) -> None:
        """Drop what is in flight and free the connections; the transport is of no use afterwards."""
        if self._closed:
            return
        self._closed = True
        for curl in self._busy:
            self._multi.remove_handle(curl)
        for transfer in [*self._busy.values(), *self._idle]:
            transfer.curl.close()
        self._busy.clear()
        self._idle.clear()
        self._multi.close()
        self._readiness.close()

    def _due_in(self, milliseconds: int, now: float) -> None:
        self._due = None if milliseconds < 0 else now + milliseconds / 1000

    def _collect(self, replies: list[Reply]) -> None:
        """Make replies of what is finished, and keep the handles for the next requests."""
        waiting = 1
        while waiting:
            waiting, done, failed = self._multi.info_read()
            if not done and not failed:
                return
            now, remove = monotonic(), self._multi.remove_handle
            for curl in done:
                transfer = self._busy.pop(curl)
                replies.append(transfer.reply(now))
                remove(curl)
                self._multiplexes = transfer.multiplexes
                self._idle.append(transfer)
            for curl, code, text in failed:
                transfer = self._busy.pop(curl)
                replies.append(transfer.failure(code, text, now))
                remove(curl)
                self._idle.append(transfer)


class _Transfer:
    """A libcurl handle and what it carries; used again and again."""

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
        """Whether the last answer came over HTTP/2."""
        self._request = Request(b"")
        self._began = 0.0
        for option, value in options.items():
            curl.setopt(option, value)
        # Methods of C: nothing of Python runs for an accepted event.
        curl.setopt(pycurl.HEADERFUNCTION, self._lines.append)
        curl.setopt(pycurl.WRITEFUNCTION, self._body.append if _BOUNDS_ALL_BODIES else self._write)

    def begin(self, request: Request, endpoint: Endpoint, shares: bool) -> None:
        """Load the handle with a request; `shares`: it had rather wait for a connection that others use, too."""
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
        """The answer, and an empty handle for the next request."""
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
        """Why there is no answer, and an empty handle for the next request."""
        self._empty()
        detail = _detail(code, text, self._endpoint)
        return Reply(self._request, 0, (), b"", _fault(code, self.curl), detail, now - self._began)

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


def _options(timeout: float, ca_file: str | None, proxy: str | None, max_body: int) -> dict[int, object]:
    """What is the same for every request."""
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
    """libcurl's words on one line, and never the key, whatever it may quote."""
    words = "".join(character if character.isprintable() else " " for character in text)[:200].strip()
    if endpoint is not None:
        words = words.replace(endpoint.key, "***")
    return f"{words} (libcurl {code})" if words else f"libcurl {code}"
