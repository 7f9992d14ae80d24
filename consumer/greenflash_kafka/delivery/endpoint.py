"""The address, authentication and headers of the API, taken from the SDK's own client.

The client is asked once, through a stand-in for the network (`httpx.MockTransport`), for the request that it
would make; so a release of the SDK that changes a header or the path changes ours.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

import certifi

from greenflash_kafka.errors import ConfigInvalid

DEFAULT_BASE_URL: Final = "https://www.greenflash.ai/api/v1"
"""The default address of the service; a contract test compares it with the SDK's own default."""

_OWN: Final = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        # What these say (no retries, 60 s a read) holds for the SDK's way of sending, not for ours.
        "x-stainless-read-timeout",
        "x-stainless-retry-count",
    }
)
"""Headers of one connection or one body, which the sender sets for itself."""


class Endpoint:
    """A checked address and key, and the headers that the SDK makes of them; never shows the key.

    `url` is that of `POST /events`; `headers` are the SDK's, names in lower case, without those of a single
    connection or body, with `accept-encoding: identity` (a compressed answer can be a bomb).
    """

    __slots__ = ("base_url", "headers", "key", "url")

    def __init__(self, base_url: str, key: str, url: str, headers: tuple[tuple[str, str], ...]) -> None:
        self.base_url = base_url
        self.key = key
        self.url = url
        self.headers = headers

    def __repr__(self) -> str:
        return f"Endpoint({self.url!r})"


def capture(base_url: str | None, api_key: str, *, allow_http: bool = False) -> Endpoint:
    """The endpoint that the SDK's own client uses for this base URL and key; raises `ConfigInvalid`.

    Imports the SDK (0.7 s). Nothing is sent.
    """
    address = check_base_url(DEFAULT_BASE_URL if base_url is None else base_url, allow_http=allow_http)
    key = check_api_key(api_key)
    url, sdk_headers = _ask_the_sdk(address, key)
    headers = [(name, value) for name, value in sdk_headers if name not in _OWN]
    headers.append(("accept-encoding", "identity"))
    for name, value in headers:
        # libcurl writes header values as they are: a line break in one would be a header of its own.
        if not (value.isascii() and value.isprintable()):
            raise ConfigInvalid(f"the header {name!r} for Greenflash holds characters that no header can carry")
    return Endpoint(address, key, url, tuple(headers))


def check_base_url(text: str, *, allow_http: bool = False) -> str:
    """The normalized base URL; raises `ConfigInvalid` for one that could send the key or the events elsewhere.

    https only; http for this machine itself, or with `greenflash.allow_http`.
    """
    text = text.strip()
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise ConfigInvalid("greenflash.base_url is not a URL; write https://host/path") from None
    if "@" in parts.netloc:
        # The URL isn't shown: what stands before the @ is somebody's password.
        raise ConfigInvalid("greenflash.base_url has a user name or password in it: take it out")
    shown = repr(text)
    if parts.scheme not in ("https", "http") or not host:
        raise ConfigInvalid(f"greenflash.base_url {shown} is not a web address; write https://host/path")
    if parts.query or parts.fragment or "?" in text or "#" in text:
        raise ConfigInvalid(f"greenflash.base_url {shown} has a '?' or '#' part: leave it out")
    if not text.isprintable() or " " in text or "\\" in text:
        raise ConfigInvalid(f"greenflash.base_url {shown} holds blanks or other characters that no URL has")
    if parts.path.rstrip("/").endswith("/events"):
        shorter = repr(text.rstrip("/").removesuffix("/events"))
        raise ConfigInvalid(
            f"greenflash.base_url {shown} ends in /events, which is added to it: write it without /events, as {shorter}"
        )
    if parts.scheme == "http" and not (allow_http or _this_machine(host)):
        raise ConfigInvalid(
            f"greenflash.base_url {shown} would send the API key and your events unencrypted: "
            "write https, or set greenflash.allow_http: true if the network in between is yours"
        )
    if _link_local(host):
        raise ConfigInvalid(f"greenflash.base_url {shown} is a link-local address, which no Greenflash has")
    return text


def check_api_key(text: str) -> str:
    """The key without surrounding blanks and line breaks; raises `ConfigInvalid`, never showing it."""
    key = text.strip()
    if not key:
        raise ConfigInvalid("the Greenflash API key is empty: set GREENFLASH_API_KEY, or greenflash.api_key_file")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ConfigInvalid(
            "the Greenflash API key holds blanks, line breaks or characters outside ASCII: "
            "the file or variable must hold the key alone, on one line"
        )
    return key


def check_ca_file(path: str | None) -> str:
    """The file of trusted authorities: the given one, or certifi's; raises `ConfigInvalid` for an unusable one."""
    if path is None:
        return certifi.where()
    try:
        ssl.create_default_context(cafile=path)
    except (OSError, ValueError) as failure:
        raise ConfigInvalid(
            f"greenflash.ca_file {path!r} can't be used ({failure.__class__.__name__}): "
            "it must be a PEM file of the certificate authorities to trust"
        ) from None
    return path


def causes_of(failure: BaseException | None) -> Iterator[BaseException]:
    """An exception and its chain of causes, one after the other."""
    while failure is not None:
        yield failure
        failure = failure.__cause__ or failure.__context__


def untrusted(failure: BaseException) -> str | None:
    """OpenSSL's reason why a certificate isn't trusted, if that is the cause of an exception."""
    for each in causes_of(failure):
        if isinstance(each, ssl.SSLCertVerificationError):
            return f"the certificate isn't trusted: {each.verify_message}"
    return None


@contextmanager
def without_sdk_environment() -> Iterator[None]:
    """Hide the variables that the SDK's client reads by itself while one is made.

    The configuration has read what it wants of them; `GREENFLASH_CUSTOM_HEADERS` could put headers on requests
    past every check. Not for use while other threads read the environment.
    """
    with _ENVIRONMENT:
        hidden = {name: os.environ.pop(name) for name in _SDK_READS if name in os.environ}
        try:
            yield
        finally:
            os.environ.update(hidden)


_ENVIRONMENT: Final = threading.Lock()
_SDK_READS: Final = ("GREENFLASH_API_KEY", "GREENFLASH_BASE_URL", "GREENFLASH_CUSTOM_HEADERS")


def _ask_the_sdk(base_url: str, key: str) -> tuple[str, list[tuple[str, str]]]:
    import greenflash
    import httpx

    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"success": True, "eventId": "none"})

    client = httpx.Client(transport=httpx.MockTransport(answer), trust_env=False, follow_redirects=False)
    with (
        without_sdk_environment(),
        greenflash.Greenflash(api_key=key, base_url=base_url, max_retries=0, http_client=client) as sdk,
    ):
        try:
            sdk.events.create(event_type="-", product_id="-", value="-")
        except greenflash.GreenflashError as failure:
            # Its text may hold the key, so only its class is shown.
            raise ConfigInvalid(
                f"the Greenflash SDK can't make a request of greenflash.base_url and the key ({type(failure).__name__})"
            ) from None
        except (httpx.InvalidURL, ValueError):
            raise ConfigInvalid(f"greenflash.base_url {base_url!r} is not a URL; write https://host/path") from None
    request = seen[0]
    return str(request.url), [(name.lower(), value) for name, value in request.headers.items()]


def _this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def _link_local(host: str) -> bool:
    address = _address(host)
    return address is not None and address.is_link_local


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        try:
            # As libcurl reads it: 2852039166 and 0xa9.0xfe.43518 are 169.254.169.254, too.
            return ipaddress.IPv4Address(socket.inet_aton(host))
        except (OSError, ValueError):
            return None
    return getattr(address, "ipv4_mapped", None) or address
