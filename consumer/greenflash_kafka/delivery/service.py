"""Greenflash for a process: the check of its key, and the transport. It imports the SDK, so it is imported late."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Protocol

import httpx

from greenflash_kafka.delivery.curl import CurlTransport
from greenflash_kafka.delivery.endpoint import KEY_REFUSED, Endpoint, ServiceSettings, untrusted
from greenflash_kafka.delivery.sdk import SdkTransport
from greenflash_kafka.delivery.sdk_request import capture
from greenflash_kafka.errors import ConfigInvalid, KeyRefused
from greenflash_kafka.ports import Listener, Transport
from greenflash_kafka.redaction import Redactor
from greenflash_kafka.web.trust import check_ca_file

KEY_CHECK_SECONDS = 10.0
"""How long the question whether the key is good may take at start; without an answer the run goes on."""


class KeyedTransport(Transport, Protocol):
    """A transport whose key can be replaced."""

    def use(self, endpoint: Endpoint) -> None:
        """Send what is submitted from now on there and with that key; what is in flight stays as it is."""
        ...


class Service:
    """Greenflash, as these settings reach it and with this key. Making one sends nothing."""

    def __init__(self, settings: ServiceSettings, key: str) -> None:
        """Raises `ConfigInvalid` for an address or a key that can't be used."""
        self._settings = settings
        self.endpoint = self.with_key(key)

    def with_key(self, key: str) -> Endpoint:
        """The same address with another key. Raises `ConfigInvalid`."""
        return capture(self._settings.base_url, key, allow_http=self._settings.allow_http)

    def questions(self, seconds: float) -> httpx.Client:
        """A client for single questions (never events), as whom and on the way that events go; `seconds` bounds each
        step of one. Raises `ConfigInvalid` for a `ca_file` that can't be used."""
        trusted = check_ca_file(self._settings.ca_file)
        return httpx.Client(
            base_url=self.endpoint.base_url,
            headers=list(self.endpoint.headers),
            verify=ssl.create_default_context(cafile=trusted),
            proxy=self._settings.proxy,
            trust_env=False,
            timeout=seconds,
            follow_redirects=False,
        )

    def check_key(self, listener: Listener) -> bool:
        """Ask for the products, the cheapest question that needs a key; True when the service knows it.

        Raises `KeyRefused`, and `ConfigInvalid` as `questions` does. A service that can't be reached, or that has no
        such page, stops no start: the first event shows it.
        """
        client = self.questions(KEY_CHECK_SECONDS)
        try:
            with client:
                answer = client.get("/products")
        except (httpx.HTTPError, OSError) as error:
            listener.notice("key_unchecked", text=untrusted(error) or type(error).__name__)
            return False
        if answer.status_code in (401, 403):
            raise KeyRefused(KEY_REFUSED.format(answer.status_code))
        if answer.status_code != 200:
            listener.notice("key_unchecked", text=f"status {answer.status_code}")
        return answer.status_code == 200

    def transport(self) -> KeyedTransport:
        """The configured way for events."""
        kind: type[CurlTransport | SdkTransport] = CurlTransport
        if self._settings.transport == "sdk":
            kind = SdkTransport
        return kind(
            self.endpoint,
            timeout=self._settings.timeout,
            in_flight=self._settings.in_flight,
            ca_file=self._settings.ca_file,
            proxy=self._settings.proxy,
        )


class RotatedKey:
    """Looks, before each probe of a paused delivery, whether the key file holds a new key by now."""

    def __init__(
        self,
        service: Service,
        read: Callable[[], str],
        transport: KeyedTransport,
        redactor: Redactor,
        listener: Listener,
    ) -> None:
        """`read` gives the key as it is now, and raises `ConfigInvalid` when it can't be read."""
        self._service = service
        self._read = read
        self._transport = transport
        self._redactor = redactor
        self._listener = listener
        self._key = service.endpoint.key

    def look(self) -> None:
        """Read the key, and use it if it is another one."""
        try:
            key = self._read()
        except ConfigInvalid as error:
            self._listener.notice("key_unreadable", text=str(error))
            return
        if key == self._key:
            return
        self._redactor.add(key)
        self._key = key
        self._transport.use(self._service.with_key(key))
        self._listener.notice("key_read_again")
