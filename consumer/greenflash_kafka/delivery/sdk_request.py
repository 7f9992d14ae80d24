"""Address and headers of `POST /events`, as the SDK's own client has them; importing this imports the SDK (0.7 s).

The client is asked once, through a stand-in for the network (`httpx.MockTransport`), for the request that it
would make; so a release of the SDK that changes a header or the path changes ours.
"""

from __future__ import annotations

from typing import Final

import greenflash
import httpx

from greenflash_kafka.delivery.endpoint import (
    DEFAULT_BASE_URL,
    Endpoint,
    check_api_key,
    check_base_url,
    without_sdk_environment,
)
from greenflash_kafka.errors import ConfigInvalid

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
"""Headers of one connection or one body, which whoever sends it sets for itself."""


def capture(base_url: str | None, api_key: str, *, allow_http: bool = False) -> Endpoint:
    """The endpoint that the SDK's own client uses for this base URL and key; raises `ConfigInvalid`.

    Nothing is sent.
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


def _ask_the_sdk(base_url: str, key: str) -> tuple[str, list[tuple[str, str]]]:
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
