"""The sandbox to the SDK's own clients, sync and async: what is taken, and what is refused."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import greenflash
import httpx
import pytest
from greenflash import AsyncGreenflash, Greenflash
from greenflash.types import CreateEventResponse

from greenflash_kafka.sandbox.running import Sandbox

KEY = "sandbox-test-key"
UUID = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
LEAST: dict[str, Any] = {"event_type": "x", "product_id": UUID, "value": "value"}
EVERYTHING: dict[str, Any] = {
    **LEAST,
    "conversation_id": UUID,
    "event_at": datetime(2019, 12, 27, 18, 11, 19, 117000, UTC),
    "external_conversation_id": "externalConversationId",
    "external_organization_id": "externalOrganizationId",
    "external_user_id": "externalUserId",
    "force_sample": True,
    "influence": "positive",
    "insert_id": "insertId",
    "organization_id": UUID,
    "properties": {"foo": "bar"},
    "quality_impact_score": -1,
    "sample_rate": 0,
    "user_id": UUID,
    "value_type": "currency",
}


@pytest.mark.parametrize("arguments", [LEAST, EVERYTHING], ids=["least", "everything"])
def test_an_event_is_taken(make: Any, sandbox: Sandbox, arguments: dict[str, Any]) -> None:
    response = make().events.create(**arguments)
    assert isinstance(response, CreateEventResponse)
    assert response.success is True
    (stored,) = sandbox.events()
    assert stored["eventId"] == response.event_id
    assert (stored["eventType"], stored["productId"], stored["value"]) == ("x", UUID, "value")
    assert len(stored) == len(arguments) + 2


def test_the_same_insert_id_is_one_event(make: Any, sandbox: Sandbox) -> None:
    first, again = (make().events.create(**LEAST, insert_id="a") for _ in range(2))
    assert first.event_id == again.event_id
    stats = sandbox.stats()
    assert (stats["received"], stats["stored"], stats["duplicates"]) == (2, 1, 1)


def test_an_event_that_is_sampled_out_still_answers_as_the_sdk_types_it(make: Any, sandbox: Sandbox) -> None:
    assert make().events.create(**LEAST, sample_rate=0).success is True
    stats = sandbox.stats()
    assert (stats["stored"], stats["sampled_out"]) == (0, 1)


def test_products_and_interactions_have_the_sdks_types(sandbox: Sandbox) -> None:
    client = Greenflash(api_key=KEY, base_url=sandbox.base_url, _strict_response_validation=True)
    first, second = client.products.list()
    assert [each.id for each in client.products.list(page=2, page_size=1)] == [second.id]
    ids = [
        each.id
        for page in range(1, 20)
        for each in client.interactions.list(product_id=first.id, limit=7, page=page)
        if each.product_id == first.id
    ]
    assert len(ids) == len(set(ids)) == 80
    assert len(client.interactions.list(limit=100)) == 100
    assert client.interactions.list(offset=3, limit=1)[0].id == client.interactions.list(limit=4)[3].id
    with pytest.raises(greenflash.BadRequestError):
        client.interactions.list(page=-1)


async def _many(sandbox: Sandbox, count: int) -> set[str]:
    async with AsyncGreenflash(api_key=KEY, base_url=sandbox.base_url) as client:
        made = [client.events.create(**LEAST, insert_id=f"i{number % 50}") for number in range(count)]
        return {each.event_id for each in await asyncio.gather(*made)}


def test_many_at_once(sandbox: Sandbox) -> None:
    assert len(asyncio.run(_many(sandbox, 200))) == 50
    stats = sandbox.stats()
    assert (stats["received"], stats["stored"], stats["duplicates"], stats["conflicts"]) == (200, 50, 150, 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"product_id": "product"}, "productId"),
        ({"event_type": ""}, "eventType"),
        ({"value": 5}, "value"),
        ({"influence": "good"}, "influence"),
        ({"quality_impact_score": 1.01}, "qualityImpactScore"),
        ({"event_at": "yesterday"}, "eventAt"),
        ({"extra_body": {"event_type": "x"}}, "event_type"),
    ],
)
def test_a_wrong_field_is_named(make: Any, sandbox: Sandbox, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(greenflash.UnprocessableEntityError) as raised:
        make().events.create(**{**LEAST, **changes})
    body = raised.value.response.json()
    assert [each["path"] for each in body["details"]] == [[field]]
    assert body["success"] is False
    assert sandbox.stats()["rejected"] == 1
    assert sandbox.events() == []


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"\xff", b"[" * 50_000], ids=["none", "list", "half", "bytes", "deep"]
)
def test_a_body_that_is_no_object_is_a_bad_request(sandbox: Sandbox, body: bytes, http: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    reply = http.post(f"{sandbox.base_url}/events", content=body, headers=headers)
    assert reply.status_code == 400
    assert reply.json()["error"].startswith("the body ")


def test_a_body_without_end_is_too_large(sandbox: Sandbox, http: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    reply = http.post(f"{sandbox.base_url}/events", content=b" " * 5_000_000, headers=headers)
    assert reply.status_code == 413


def test_a_wrong_key_is_refused_and_a_new_one_taken(make: Any, sandbox: Sandbox) -> None:
    with pytest.raises(greenflash.AuthenticationError):
        make(api_key="another").events.create(**LEAST)
    sandbox.rotate_key("another")
    with pytest.raises(greenflash.AuthenticationError):
        make().events.create(**LEAST)
    make(api_key="another").events.create(**LEAST)
    sandbox.rotate_key(None)
    make(api_key="any at all").events.create(**LEAST)
    stats = sandbox.stats()
    assert (stats["unauthorized"], stats["stored"], stats["rejected"]) == (2, 2, 0)


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer"}, {"Authorization": f"Basic {KEY}"}, {"X-Api-Key": KEY}]
)
def test_no_bearer_key_is_refused_even_where_any_is_taken(
    sandbox: Sandbox, headers: dict[str, str], http: httpx.Client
) -> None:
    sandbox.rotate_key(None)
    for path in ("events", "products", "interactions"):
        method = "POST" if path == "events" else "GET"
        assert http.request(method, f"{sandbox.base_url}/{path}", headers=headers).status_code == 401


def test_what_the_api_does_not_have_is_not_found(sandbox: Sandbox, http: httpx.Client) -> None:
    assert http.get(f"{sandbox.base_url}/users").status_code == 404
    assert http.get(f"{sandbox.base_url}/events").status_code == 405
    assert http.get(f"{sandbox.url}/elsewhere").status_code == 404
