"""The check of `doctor` that asks Greenflash: whether it takes the key, and which products it has."""

from __future__ import annotations

import httpx

from greenflash_kafka.cli.check import SECONDS, Check, failed
from greenflash_kafka.delivery.endpoint import ServiceSettings, untrusted
from greenflash_kafka.delivery.service import Service
from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.model.counted import counted

MOST_PAGES = 20
"""So many pages of the list of products are read."""


def listed_products(settings: ServiceSettings, key: str) -> tuple[Check, set[str] | None]:
    """The ids of its products in lower case, None where it couldn't be asked."""
    try:
        service = Service(settings, key)
    except ConfigInvalid as error:
        return failed("API key", error), None
    ids: set[str] = set()
    try:
        with service.questions(SECONDS) as client:
            for page in range(1, MOST_PAGES + 1):
                answer = client.get("/products", params={"page": page, "pageSize": 100})
                if answer.status_code != 200:
                    return _refused(settings.base_url, answer.status_code), None
                listed = answer.json()
                found = {str(each["id"]).lower() for each in listed}
                if found <= ids:
                    break
                ids |= found
    except ConfigInvalid as error:
        return failed("Greenflash", error), None
    except (httpx.HTTPError, OSError) as error:
        todo = "check greenflash.base_url, the network, greenflash.proxy and greenflash.ca_file"
        said = f"{service.endpoint.base_url} can't be reached: {untrusted(error) or type(error).__name__}"
        return Check("Greenflash", "failed", said, todo), None
    except (ValueError, TypeError, KeyError):
        said = f"{service.endpoint.base_url} answered, but not as Greenflash does"
        return Check("Greenflash", "failed", said, "check greenflash.base_url: something else is in its place"), None
    said = f"{service.endpoint.base_url} takes the key; {counted(len(ids), 'product')}"
    return Check("Greenflash", "ok", said), ids


def _refused(base_url: str, status: int) -> Check:
    if status in (401, 403):
        todo = "check GREENFLASH_API_KEY or greenflash.api_key_file, and that the key is of this service"
        return Check("API key", "failed", f"Greenflash refused it ({status})", todo)
    said = f"{base_url} answered with {status}"
    return Check("Greenflash", "failed", said, "check greenflash.base_url; try again if the number is 429 or above 499")
