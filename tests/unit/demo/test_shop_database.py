"""Debezium's messages as the demo tells them: each kind becomes what it means, by the shipped mappings."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.demo.made import Maker
from greenflash_kafka.demo.shop_database import KINDS


@pytest.mark.parametrize("maker", [maker for _, maker in KINDS], ids=lambda maker: maker.__name__)
def test_a_message_becomes_the_facts_that_its_maker_tells_of(
    maker: Maker, becomes_what_it_means: Callable[[Maker], None]
) -> None:
    becomes_what_it_means(maker)
