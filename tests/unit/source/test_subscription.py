"""The topics that are read: the client's subscription, and our match against the cluster."""

from __future__ import annotations

import re

import pytest

from greenflash_kafka.errors import TooManyTopics
from greenflash_kafka.source.subscription import Subscription

TOPICS = ["a", "b", "bb", "c", "c1", "xc", "shop.orders.eu"]


def test_patterns_are_for_whole_names() -> None:
    subscription = Subscription(["a"], ["b|c.*", "shop[.]orders[.].*"])
    assert subscription.among(TOPICS) == ["a", "b", "c", "c1", "shop.orders.eu"]


@pytest.mark.parametrize("pattern", ["b|c.*", "shop[.]orders[.].*", "^c1$"])
def test_the_client_understands_the_same(pattern: str) -> None:
    (told,) = Subscription([], [pattern], most=None).entries(TOPICS)
    assert told.startswith("^")
    assert [each for each in TOPICS if re.search(told, each)] == Subscription([], [pattern]).among(TOPICS)


def test_a_client_that_can_not_read_any_number_is_told_names_and_no_pattern() -> None:
    subscription = Subscription(["z", "a"], ["b+"])
    assert subscription.entries(subscription.among(TOPICS)) == ["a", "b", "bb", "z"]
    assert Subscription([], ["y.*"]).entries([]) == []
    assert Subscription(["z", "a"], []).entries(["a"]) == ["a", "z"]


def test_names_that_do_not_exist_are_missing_and_patterns_are_not() -> None:
    assert Subscription(["d", "a", "x"], ["y.*"]).missing(TOPICS) == ("d", "x")


def test_more_topics_than_the_client_can_read_are_refused_by_pattern() -> None:
    subscription = Subscription(["a"], ["b+", "c.*"], most=4)
    meant = subscription.among(TOPICS)
    with pytest.raises(
        TooManyTopics, match=r"5 topics \(/b\+/ matches 2; /c\.\*/ matches 2; 1 by name\).* 4 in a classic"
    ):
        subscription.require_few(meant)
    subscription.require_few(meant[1:])
    Subscription(["a"], ["b+", "c.*"], most=None).require_few(meant)
