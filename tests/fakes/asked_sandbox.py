"""The sandbox's application, asked without any network."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx

from greenflash_kafka.sandbox.api import Api
from greenflash_kafka.sandbox.server import Application
from greenflash_kafka.web.guard import Guard

EVENT = {"eventType": "paid", "productId": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11", "value": "1"}


class Asked:
    """An application and its API, as clients reach them."""

    def __init__(self, api: Api, host: str = "127.0.0.1") -> None:
        self.api = api
        self._application = Application(api, Guard(host))

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        """One request; header names with `_` for `-`, `body` as JSON unless it is bytes."""
        content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._application)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await client.request(method, path, content=content, headers=named)

        return asyncio.run(ask())

    def post(self, key: str = "k", **fields: Any) -> httpx.Response:
        """A right event with these fields."""
        return self("POST", "/api/v1/events", {**EVENT, **fields}, authorization=f"Bearer {key}")
