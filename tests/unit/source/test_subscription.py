"""Which topics are read: what the client is told, and what we take it to mean."""

from __future__ import annotations

import re

import pytest

from consumer.source.subscription import Subscription

TOPICS = ["a", "b", "bb", "c", "c1", "xc", "shop.orders.eu"]


def test_patterns_are_for_whole_names() -> None:
    subscription = Subscription(["a"], ["b|c.*", "shop[.]orders[.].*"])
    assert subscription.among(TOPICS) == ["a", "b", "c", "c1", "shop.orders.eu"]


@pytest.mark.parametrize("pattern", ["b|c.*", "shop[.]orders[.].*", "^c1$"])
def test_the_client_understands_the_same(pattern: str) -> None:
    (told,) = Subscription([], [pattern]).entries
    assert told.startswith("^")
    assert [each for each in TOPICS if re.search(told, each)] == Subscription([], [pattern]).among(TOPICS)


def test_a_missing_topic_is_told_once_until_it_is_there_again() -> None:
    subscription = Subscription(["a", "b"], [])
    assert subscription.newly_missing(["b"]) == ["a"]
    assert subscription.newly_missing(["b"]) == []
    assert subscription.newly_missing(["a", "b"]) == []
    assert subscription.newly_missing(["b"]) == ["a"]
