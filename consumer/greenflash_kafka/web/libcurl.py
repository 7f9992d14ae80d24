"""libcurl as every client here uses it: its version, options that are safe, and what its errors mean."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Final

import pycurl

from greenflash_kafka.ports import TransportFault

CONNECT_SECONDS: Final = 10.0
"""Seconds that a new connection may take, TLS handshake included."""

BOUNDS_ALL_BODIES: Final = tuple(int(part) for part in pycurl.version_info()[1].split(".")[:2]) >= (8, 4)
"""libcurl's own limit (MAXFILESIZE) holds for answers without a length only since 8.4; before, the client counts."""


def libcurl() -> str:
    """The version as libcurl says it, such as 8.23.0."""
    return str(pycurl.version_info()[1])


def safe_options(timeout: float, trusted: str, proxy: str | None, max_body: int) -> dict[int, object]:
    """Options of every request: a total time limit (seconds), a limit of the answer (bytes), no redirects, no proxy but
    the given one, and certificates checked by the file `trusted`."""
    options: dict[int, object] = {
        pycurl.TIMEOUT_MS: max(1, round(timeout * 1000)),
        pycurl.CONNECTTIMEOUT_MS: max(1, round(min(timeout, CONNECT_SECONDS) * 1000)),
        # A redirected POST would go on as a GET without its body, and any redirect may take secrets to a third party.
        pycurl.FOLLOWLOCATION: 0,
        pycurl.PROTOCOLS: pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS,
        # An empty text, not none at all, keeps libcurl from the environment's proxies.
        pycurl.PROXY: proxy or "",
        pycurl.NOPROXY: "",
        pycurl.MAXFILESIZE_LARGE: max_body,
        pycurl.NOSIGNAL: 1,
        pycurl.CAINFO: trusted,
        pycurl.SSL_VERIFYPEER: 1,
        pycurl.SSL_VERIFYHOST: 2,
        pycurl.SSLVERSION: pycurl.SSLVERSION_TLSv1_2,
    }
    if pycurl.version_info()[4] & pycurl.VERSION_HTTP2:
        # Where the server offers it, over TLS alone: libcurl's own default, and not left to it.
        options[pycurl.HTTP_VERSION] = pycurl.CURL_HTTP_VERSION_2TLS
    return options


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


def fault_of(code: int, curl: pycurl.Curl) -> TransportFault:
    """The fault that an error of this handle's transfer is."""
    fault = _FAULTS.get(code, "protocol")
    if fault == "timeout" and not curl.getinfo(pycurl.PRETRANSFER_TIME):
        # Nothing was sent: the way is blocked, or the server doesn't get as far as a connection.
        return "connect"
    if code == pycurl.E_SSL_CONNECT_ERROR and curl.getinfo(pycurl.OS_ERRNO) in _BROKEN:
        return "reset"
    return fault


_BROKEN: Final = frozenset({errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED, errno.ENETRESET})


def detail(code: int, text: str) -> str:
    """An error and libcurl's text of it, on one line."""
    words = "".join(character if character.isprintable() else " " for character in text)[:200].strip()
    return f"{words} (libcurl {code})" if words else f"libcurl {code}"
