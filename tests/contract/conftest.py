"""The sandbox, and the SDK's clients on it, for the contract tests of both."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from greenflash import AsyncGreenflash, Greenflash
from greenflash.types import CreateEventResponse

from greenflash_kafka.sandbox.in_thread import running_sandbox
from greenflash_kafka.sandbox.running import Sandbox
from tests import waiting

KEY = "sandbox-test-key"


@pytest.fixture(scope="module")
def module_sandbox() -> Iterator[Sandbox]:
    """The one sandbox of a test module."""
    with running_sandbox(api_key=KEY) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(module_sandbox: Sandbox) -> Sandbox:
    """The module's sandbox, empty, without faults, with its first key."""
    module_sandbox.set_faults([])
    module_sandbox.rotate_key(KEY)
    module_sandbox.reset()
    return module_sandbox


class Asynchronous:
    """`AsyncGreenflash`, called as the sync client is."""

    def __init__(self, **settings: Any) -> None:
        self._settings = settings
        self.events = self

    def create(self, **arguments: Any) -> CreateEventResponse:
        async def create() -> CreateEventResponse:
            async with AsyncGreenflash(**self._settings) as client:
                return await client.events.create(**arguments)

        return asyncio.run(create())


@pytest.fixture(params=[Greenflash, Asynchronous], ids=["sync", "async"])
def make(request: pytest.FixtureRequest, sandbox: Sandbox) -> Any:
    """Makes an SDK client: strict about the response's type, and without retries unless asked for."""

    def make(**settings: Any) -> Any:
        given = {"api_key": KEY, "max_retries": 0, "_strict_response_validation": True, "base_url": sandbox.base_url}
        return request.param(**{**given, **settings})

    return make


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    """Plain HTTP, without proxies."""
    with httpx.Client(trust_env=False) as client:
        yield client


@pytest.fixture
def post(sandbox: Sandbox, http: httpx.Client) -> Callable[..., httpx.Response]:
    """Sends a right event, with these fields beside the required ones, by plain HTTP."""

    def post(**fields: object) -> httpx.Response:
        event = {
            "eventType": "x",
            "productId": "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e",
            "value": "1",
            **fields,
        }
        headers = {"Authorization": f"Bearer {KEY}"}
        return http.post(f"{sandbox.base_url}/events", content=json.dumps(event), headers=headers)

    return post


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], None]:
    """Looks until it is so; fails after two minutes."""
    return lambda done: waiting.until(done, "it to be so", every=0.02)
