"""How the sandbox lists interactions: filters, orders, what appears late, what changes."""

from __future__ import annotations

from itertools import pairwise

import pytest

from greenflash_kafka.sandbox.interaction_listing import InteractionChange, InteractionListing, read_change
from greenflash_kafka.sandbox.listings import OTHER_PRODUCT_ID, PRODUCT_ID
from tests.fakes.asked_sandbox import Asked


@pytest.mark.parametrize("product", [PRODUCT_ID, OTHER_PRODUCT_ID])
def test_filters_hold_together(product: str) -> None:
    listing = InteractionListing()
    mine = listing.listed(product, None, 0)
    assert {each["productId"] for each in mine} == {product}
    version = mine[0]["versionId"]
    assert listing.listed(product, version, 0) == [each for each in mine if each["versionId"] == version]
    assert listing.listed("no-such-product", None, 0) == listing.listed(product, "no-such-version", 0) == []


def test_newest_first_unless_told_otherwise() -> None:
    listing = InteractionListing()
    assert all(a["createdAt"] > b["createdAt"] for a, b in pairwise(listing.listed(None, None, 0)))
    newest = listing.listed(None, None, 0)[0]["id"]
    listing.change(InteractionChange(order="oldest"), 0)
    assert listing.listed(None, None, 0)[-1]["id"] == newest
    listing.change(InteractionChange(order="unordered"), 0)
    mixed = [each["createdAt"] for each in listing.listed(None, None, 0)]
    assert mixed not in (sorted(mixed), sorted(mixed, reverse=True))
    assert mixed == [each["createdAt"] for each in listing.listed(None, None, 0)], "an order that stays"


def test_what_is_added_appears_late_and_what_changes_moves_where_changes_decide() -> None:
    listing = InteractionListing()
    listing.change(InteractionChange(add=[{"id": "a"}], delay=5, by="updatedAt"), 100)
    assert "a" not in {each["id"] for each in listing.listed(None, None, 104.9)}
    assert listing.listed(None, None, 105)[0]["id"] == "a"
    last = listing.listed(None, None, 105)[-1]["id"]
    listing.change(InteractionChange(change=[{"id": last, "rating": 5}], delete=["a"]), 106)
    first = listing.listed(None, None, 106)[0]
    assert (first["id"], first["rating"]) == (last, 5)
    assert first["updatedAt"] > first["createdAt"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"order": "up"}',
        b'{"most": 0}',
        b'{"make": -1}',
        b'{"change": [{}]}',
        b'{"add": [{"createdAt": "x"}]}',
    ],
)
def test_what_cant_be_meant_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the texts are msgspec's
        read_change(body)


def test_the_api_gives_pages_of_what_the_control_says_and_tells_when_it_was_asked(asked: Asked) -> None:
    asked("POST", "/_sandbox/interactions", b'{"make": 250, "order": "oldest", "most": 40}')
    answer = asked("GET", "/api/v1/interactions?limit=100&offset=200", authorization="Bearer k")
    assert [len(answer.json()), answer.headers["link"]] == [
        40,
        '</api/v1/interactions?limit=40&offset=240>; rel="next"',
    ]
    told = asked("GET", "/_sandbox/interactions").json()
    assert (told["order"], told["count"], len(told["requests"])) == ("oldest", 250, 1)
