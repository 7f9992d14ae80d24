"""The address, authentication and headers of the API, and the checks of their configuration."""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal
from urllib.parse import urlsplit

import msgspec

from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.web.hosts import is_link_local, is_this_machine

DEFAULT_BASE_URL: Final = "https://www.greenflash.ai/api/v1"
"""The default address of the service; a contract test compares it with the SDK's own default."""

KEY_REFUSED: Final = (
    "Greenflash refused the API key ({}). Check GREENFLASH_API_KEY, or the file that greenflash.api_key_file names, "
    "and that the key belongs to the service at greenflash.base_url. Nothing was sent or committed"
)
"""What `KeyRefused` says; the status is filled in."""


class ServiceSettings(msgspec.Struct, frozen=True):
    """Where Greenflash is, and how it is reached: `allow_http` as for `check_base_url`, the others as for
    `curl.CurlTransport`. The proxy's address may hold a password."""

    base_url: str
    allow_http: bool = False
    transport: Literal["curl", "sdk"] = "curl"
    timeout: float = 30.0
    in_flight: int = 128
    ca_file: str | None = None
    proxy: str | None = None

    def __repr__(self) -> str:
        return f"ServiceSettings({self.base_url!r}, {self.transport!r})"


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
        raise ConfigInvalid(f"greenflash.base_url {shown} holds spaces or other characters that no URL has")
    if parts.path.rstrip("/").endswith("/events"):
        shorter = repr(text.rstrip("/").removesuffix("/events"))
        raise ConfigInvalid(
            f"greenflash.base_url {shown} ends in /events, which is added to it: write it without /events, as {shorter}"
        )
    if parts.scheme == "http" and not (allow_http or is_this_machine(host)):
        raise ConfigInvalid(
            f"greenflash.base_url {shown} would send the API key and your events unencrypted: "
            "write https, or set greenflash.allow_http: true if the network in between is yours"
        )
    if is_link_local(host):
        raise ConfigInvalid(f"greenflash.base_url {shown} is a link-local address, which no Greenflash has")
    return text


def check_api_key(text: str) -> str:
    """The key without surrounding blanks and line breaks; raises `ConfigInvalid`, never showing it."""
    key = text.strip()
    if not key:
        raise ConfigInvalid("the Greenflash API key is empty: set GREENFLASH_API_KEY, or greenflash.api_key_file")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ConfigInvalid(
            "the Greenflash API key holds spaces, line breaks or characters outside ASCII: "
            "the file or variable must hold the key alone, on one line"
        )
    return key


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
