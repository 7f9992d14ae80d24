"""The conversations that the sandbox lists."""

from __future__ import annotations

from itertools import pairwise

import pytest

from greenflash_kafka.sandbox.listings import OTHER_PRODUCT_ID, PRODUCT_ID, interactions


def test_all_are_listed_newest_first_each_once() -> None:
    listed = interactions(None, None)
    assert all(later["createdAt"] > earlier["createdAt"] for later, earlier in pairwise(listed))
    assert len({each["id"] for each in listed}) == len(listed)


@pytest.mark.parametrize("product", [PRODUCT_ID, OTHER_PRODUCT_ID])
def test_filters_hold_together(product: str) -> None:
    mine = interactions(product, None)
    assert {each["productId"] for each in mine} == {product}
    version = mine[0]["versionId"]
    assert interactions(product, version) == [each for each in mine if each["versionId"] == version]
    assert interactions("no-such-product", None) == interactions(product, "no-such-version") == []


def test_the_two_products_share_them_all() -> None:
    assert len(interactions(PRODUCT_ID, None)) + len(interactions(OTHER_PRODUCT_ID, None)) == len(
        interactions(None, None)
    )
