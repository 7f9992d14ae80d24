"""Requests to a schema registry over libcurl's multi handle: none of them is waited for.

The run has libcurl already. Confluent's client takes 36 MB and a quarter of a second to import, and has no timeout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec
import pycurl

from greenflash_kafka.descriptors import LIMIT, exhausted, limits
from greenflash_kafka.ports import Clock
from greenflash_kafka.schemas.credentials import KEPT_SHARE, TOKEN, RegistryCredentials
from greenflash_kafka.schemas.registry_answers import MAX_BODY, RegistryAnswer
from greenflash_kafka.web.header_block import HeaderBlock
from greenflash_kafka.web.libcurl import detail, fault_of, safe_options
from greenflash_kafka.web.trust import check_ca_file

CONNECTIONS: Final = 4
"""The most that are open at once; `wanted.AT_ONCE` requests are under way at most."""


class RegistrySettings(msgspec.Struct, frozen=True):
    """Where the registry is, and how it is asked. `urls`: without a slash at their end, asked in turn when one fails.
    `properties` gives confluent's properties with the values that they have now: secrets may change. Seconds."""

    urls: tuple[str, ...]
    properties: Callable[[], Mapping[str, str]] = dict
    timeout: float = 10.0
    unknown_seconds: float = 60.0
    proxy: str | None = None

    def __repr__(self) -> str:
        return f"RegistrySettings({', '.join(self.urls)})"


class _Transfer:
    __slots__ = ("about", "body", "curl", "lines", "of_tokens", "size")

    def __init__(self, about: object, of_tokens: bool) -> None:
        self.curl = pycurl.Curl()
        self.about = about
        self.of_tokens = of_tokens
        self.lines: list[bytes] = []
        self.body: list[bytes] = []
        self.size = 0

    def write(self, chunk: bytes) -> int:
        self.size += len(chunk)
        if self.size > MAX_BODY:
            return 0
        self.body.append(chunk)
        return len(chunk)


class RegistryConnection:
    """GETs of one registry, with its credentials. One thread calls all of it; no call waits for the network.

    A token is had from its endpoint before the first GET that needs it, and again when its time is over. After a 401 or
    403 credentials and token are read anew. After a failure the next URL is asked.
    """

    def __init__(self, settings: RegistrySettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._turn = 0
        self._credentials: RegistryCredentials | None = None
        self._token: tuple[str, float] | None = None
        self._queued: list[tuple[object, str]] = []
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, CONNECTIONS)
        self._multi.setopt(pycurl.M_MAX_TOTAL_CONNECTIONS, CONNECTIONS)
        self._busy: dict[pycurl.Curl, _Transfer] = {}
        self._failed: list[tuple[object, RegistryAnswer]] = []

    @property
    def url(self) -> str:
        """The URL that is asked now."""
        return self._settings.urls[self._turn % len(self._settings.urls)]

    @property
    def idle(self) -> bool:
        """Nothing is under way."""
        return not (self._busy or self._queued or self._failed)

    def get(self, about: object, target: str) -> None:
        """Ask for `target`, a path with its query; its answer comes with `about`."""
        credentials = self._credentials
        if credentials is None:
            credentials = self._credentials = RegistryCredentials(self._settings.properties())
        if credentials.takes_tokens and (self._token is None or self._clock.monotonic() >= self._token[1]):
            self._queued.append((about, target))
            if len(self._queued) == 1:
                self._token = None
                url, options, body = credentials.token_request()
                self._start(None, url, options | {pycurl.POSTFIELDS: body}, [], of_tokens=True)
            return
        token = None if self._token is None else self._token[0]
        self._start(about, self.url + target, credentials.options(), credentials.headers(token))

    def poll(self) -> Sequence[tuple[object, RegistryAnswer]]:
        """Drive the requests, and give the answers that are there."""
        if self.idle:
            return ()
        found, self._failed = self._failed, []
        self._multi.perform()
        for transfer, answer in self._finished():
            if transfer.of_tokens:
                found += self._took_token(answer)
            else:
                self._note(answer)
                found.append((transfer.about, answer))
        return found

    def close(self) -> None:
        """Drop what is under way, and close the connections."""
        for curl in self._busy:
            self._multi.remove_handle(curl)
            curl.close()
        self._busy.clear()
        self._multi.close()

    def _start(
        self, about: object, url: str, options: Mapping[int, object], headers: list[bytes], *, of_tokens: bool = False
    ) -> None:
        transfer = _Transfer(about, of_tokens)
        curl, settings = transfer.curl, self._settings
        given: dict[int, object] = {
            **safe_options(settings.timeout, check_ca_file(None), settings.proxy, MAX_BODY),
            pycurl.URL: url,
            pycurl.USERAGENT: "greenflash-kafka",
            pycurl.HTTPHEADER: headers,
            pycurl.HEADERFUNCTION: transfer.lines.append,
            pycurl.WRITEFUNCTION: transfer.write,
            **options,
        }
        try:
            for option, value in given.items():
                curl.setopt(option, value)
        except (pycurl.error, ValueError) as error:
            # A URL or a file that libcurl doesn't take; the words may hold it, and it may be a secret.
            curl.close()
            said = f"a setting can't be used ({type(error).__name__})"
            answer = RegistryAnswer(0, fault="protocol", detail=said, of_tokens=of_tokens)
            self._failed += [(each, answer) for each, _ in self._queued] if of_tokens else [(about, answer)]
            if of_tokens:
                self._queued.clear()
                self._credentials = None
            return
        self._busy[curl] = transfer
        self._multi.add_handle(curl)

    def _finished(self) -> list[tuple[_Transfer, RegistryAnswer]]:
        found: list[tuple[_Transfer, RegistryAnswer]] = []
        waiting = 1
        while waiting:
            waiting, done, failed = self._multi.info_read()
            for curl in done:
                transfer = self._busy.pop(curl)
                status = curl.getinfo(pycurl.RESPONSE_CODE)
                headers = list(HeaderBlock(transfer.lines))
                body = b"".join(transfer.body)
                found.append((transfer, RegistryAnswer(status, headers, body, of_tokens=transfer.of_tokens)))
                self._drop(curl)
            for curl, code, text in failed:
                transfer = self._busy.pop(curl)
                found.append((transfer, self._failure(transfer, code, text)))
                self._drop(curl)
            if not done and not failed:
                break
        return found

    def _failure(self, transfer: _Transfer, code: int, text: str) -> RegistryAnswer:
        fault, said = fault_of(code, transfer.curl), detail(code, text)
        if fault in ("connect", "dns") and exhausted():
            fault, said = "descriptors", LIMIT.format(limits()[0])
        status = transfer.curl.getinfo(pycurl.RESPONSE_CODE) if fault == "too-large" else 0
        return RegistryAnswer(status, list(HeaderBlock(transfer.lines)), b"", fault, said, transfer.of_tokens)

    def _drop(self, curl: pycurl.Curl) -> None:
        self._multi.remove_handle(curl)
        curl.close()

    def _note(self, answer: RegistryAnswer) -> None:
        if answer.status in (401, 403):
            self._credentials = self._token = None
        elif answer.status not in (200, 404):
            self._turn += 1

    def _took_token(self, answer: RegistryAnswer) -> list[tuple[object, RegistryAnswer]]:
        queued, self._queued = self._queued, []
        try:
            given = TOKEN.decode(answer.body) if answer.status == 200 else None
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            given = None
        if given is None or not given.access_token:
            self._credentials = None
            return [(about, answer) for about, _ in queued]
        self._token = given.access_token, self._clock.monotonic() + max(1.0, given.expires_in * KEPT_SHARE)
        for about, target in queued:
            self.get(about, target)
        return []
