"""Pages of `GET /interactions` over libcurl, one request at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import pycurl

from greenflash_kafka.interactions.page_answers import MAX_BODY, PageAnswer
from greenflash_kafka.web.header_block import HeaderBlock
from greenflash_kafka.web.libcurl import detail, fault_of, safe_options
from greenflash_kafka.web.trust import check_ca_file

ABORTED: Final = 1


class PageSettings(msgspec.Struct, frozen=True):
    """How Greenflash is reached; `timeout` in seconds. The proxy's address may hold a password."""

    timeout: float = 30.0
    ca_file: str | None = None
    proxy: str | None = None

    def __repr__(self) -> str:
        return f"PageSettings({self.timeout})"


class PageConnection:
    """`PageSource` of one service. `access` gives the base URL and the headers, the key among them, as they are now."""

    def __init__(
        self,
        settings: PageSettings,
        access: Callable[[], tuple[str, Sequence[tuple[str, str]]]],
        stopped: Callable[[], bool],
    ) -> None:
        """Raises `ConfigInvalid` for a `ca_file` that can't be used."""
        self._access, self._stopped = access, stopped
        self._options = safe_options(settings.timeout, check_ca_file(settings.ca_file), settings.proxy, MAX_BODY)
        self._url, self._headers = access()
        self._curl = pycurl.Curl()

    def renew_key(self) -> None:
        """See `PageSource`."""
        self._url, self._headers = self._access()

    def get(self, offset: int, limit: int) -> PageAnswer:
        """See `PageSource`."""
        lines: list[bytes] = []
        body: list[bytes] = []
        size = 0

        def write(chunk: bytes) -> int:
            nonlocal size
            size += len(chunk)
            if size > MAX_BODY:
                return 0
            body.append(chunk)
            return len(chunk)

        curl = self._curl
        curl.reset()
        given: dict[int, object] = {
            **self._options,
            pycurl.URL: f"{self._url.rstrip('/')}/interactions?limit={limit}&offset={offset}",
            pycurl.HTTPHEADER: [f"{name}: {value}" for name, value in self._headers],
            pycurl.HEADERFUNCTION: lines.append,
            pycurl.WRITEFUNCTION: write,
            # libcurl sends a request again by itself if a connection that it kept breaks: a request more than the rate.
            pycurl.FRESH_CONNECT: 1,
            pycurl.FORBID_REUSE: 1,
            pycurl.NOPROGRESS: 0,
            # So a signal ends a request that the service doesn't answer.
            pycurl.XFERINFOFUNCTION: lambda *_: ABORTED if self._stopped() else 0,
        }
        for option, value in given.items():
            curl.setopt(option, value)
        try:
            curl.perform()
        except pycurl.error as error:
            code, text = int(error.args[0]), str(error.args[-1])
            return PageAnswer(0, fault=fault_of(code, curl), detail=detail(code, text))
        return PageAnswer(curl.getinfo(pycurl.RESPONSE_CODE), list(HeaderBlock(lines)), b"".join(body))

    def close(self) -> None:
        """Close the connection."""
        self._curl.close()
