"""Names of topics that are nearly right."""

from __future__ import annotations

from greenflash_kafka.source.near_topic import MOST, near_topic


def test_a_topic_of_nearly_this_name_is_named() -> None:
    assert near_topic("t.shop.order", ["t.shop.returns", "t.shop.orders"]) == "did you mean t.shop.orders?"
    assert near_topic("t.shop.order", ["chat"]) == ""


def test_of_very_many_topics_none_is_looked_for() -> None:
    assert near_topic("orders", ["orderz", *map(str, range(MOST))]) == ""
