"""Missing, deleted and too many topics: their notices, once each, and the times of queries."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import Future

import pytest

from greenflash_kafka.errors import BrokerUnreachable, TooManyTopics
from greenflash_kafka.source.subscription import Subscription
from greenflash_kafka.source.topic_watch import AGAIN_SECONDS, LOOK_SECONDS, LOOK_SOON_SECONDS, TopicWatch
from tests.fakes.cluster import KnownCluster
from tests.simulation.world import Notices


class Cluster(KnownCluster):
    """Topics that a test creates and deletes; `asked` counts the listings."""

    def __init__(self, *topics: str) -> None:
        super().__init__()
        self.now = 100.0
        self.topics = set(topics)
        self.asked = 0
        self.silent = False

    def ask_topics(self) -> Future[Collection[str]]:
        self.asked += 1
        answer: Future[Collection[str]] = Future()
        if self.silent:
            answer.set_exception(BrokerUnreachable("nobody answers"))
        else:
            answer.set_result(sorted(self.topics))
        return answer


class World:
    def __init__(self, subscription: Subscription, *topics: str) -> None:
        self.cluster, self.notices = Cluster(*topics), Notices()
        self.watch = TopicWatch(subscription, self.cluster, self.notices, lambda: self.cluster.now)
        self.watch.seen(self.cluster.topics)

    def run(self, seconds: float) -> None:
        until = self.cluster.now + seconds
        while self.cluster.now < until:
            self.cluster.now += 1
            self.watch.watch()

    def said(self) -> list[tuple[str, object]]:
        """The notices so far, which are then forgotten."""
        found = [(name, facts.get("topic")) for name, facts in self.notices.seen]
        self.notices.seen.clear()
        return found


def test_a_topic_of_nearly_the_same_name_is_named() -> None:
    world = World(Subscription(["t.shop.order", "chat"], []), "t.shop.orders")
    hints = [(facts["topic"], facts.get("hint")) for name, facts in world.notices.seen if name == "topic_missing"]
    assert hints == [("chat", None), ("t.shop.order", "did you mean t.shop.orders?")]


def test_one_of_two_is_missing_and_it_is_said_again_until_it_is_there() -> None:
    world = World(Subscription(["orders", "retuns"], []), "orders")
    assert world.said() == [("topic_missing", "retuns")]
    assert world.watch.lacking == ("retuns",)
    assert not world.watch.nothing
    world.run(2 * AGAIN_SECONDS + 1)
    assert world.said() == [("topic_missing", "retuns")] * 2
    world.cluster.topics.add("retuns")
    world.run(LOOK_SECONDS + 2)
    assert world.said() == [("topic_found", "retuns")]
    assert not world.watch.lacking
    asked = world.cluster.asked
    world.run(10 * LOOK_SECONDS)
    assert world.cluster.asked == asked, "there is nothing more to look for"


def test_nothing_to_read_names_all_that_is_lacking_and_ends_with_the_first_topic() -> None:
    world = World(Subscription(["orders"], ["shop[.].*"]), "other")
    assert world.said() == [("topic_missing", "orders"), ("nothing_to_read", "orders, /shop[.].*/")]
    assert world.watch.nothing
    world.cluster.topics.add("shop.eu")
    world.run(LOOK_SOON_SECONDS + 2)
    assert world.said() == [("something_to_read", None)]
    assert world.watch.lacking == ("orders",)


def test_a_cluster_that_does_not_answer_changes_nothing_and_is_asked_again() -> None:
    world = World(Subscription(["orders"], []))
    world.said()
    world.cluster.silent = True
    world.run(5 * LOOK_SOON_SECONDS)
    assert world.said() == []
    world.cluster.silent = False
    world.cluster.topics.add("orders")
    world.run(LOOK_SOON_SECONDS + 2)
    assert world.said() == [("topic_found", "orders"), ("something_to_read", None)]


def test_a_deleted_topic_is_told_once_by_name_or_as_one_that_matched() -> None:
    world = World(Subscription(["orders"], ["shop[.].*"]), "orders", "shop.eu", "shop.us")
    world.watch.gone({"shop.eu"})
    world.watch.gone({"shop.eu"})
    assert world.said() == [("topic_deleted", "shop.eu")]
    world.watch.gone({"orders"})
    assert world.said() == [("topic_missing", "orders")]
    world.watch.gone({"orders", "shop.us"})
    assert world.said() == [("topic_deleted", "shop.us"), ("nothing_to_read", "orders, /shop[.].*/")]
    world.watch.came({"orders"})
    assert world.said() == [("topic_found", "orders"), ("something_to_read", None)]


def test_too_many_topics_are_refused_and_nearly_too_many_said() -> None:
    world = World(Subscription([], ["t.*"], most=100), *(f"t{number}" for number in range(80)))
    assert world.said() == []
    world.cluster.topics |= {f"t{number}" for number in range(95)}
    world.run(2 * LOOK_SECONDS + 4)
    assert world.said() == [("topics_near_limit", None)]
    before = world.watch.there
    world.cluster.topics |= {f"t{number}" for number in range(101)}
    with pytest.raises(TooManyTopics, match="101 topics"):
        world.run(LOOK_SECONDS + 2)
    assert world.watch.there == before, "the client is never told of them"


def test_without_a_limit_patterns_need_no_look() -> None:
    world = World(Subscription([], ["t.*"], most=None), *(f"t{number}" for number in range(80)))
    world.run(10 * LOOK_SECONDS)
    assert world.cluster.asked == 0


def test_something_that_may_have_to_do_with_topics_is_looked_into_once() -> None:
    world = World(Subscription(["orders"], []), "orders")
    world.cluster.topics.clear()
    for _ in range(100):
        world.watch.look()
    world.run(10)
    assert world.said() == [("topic_missing", "orders"), ("nothing_to_read", "orders")]
    assert world.cluster.asked <= 3


def test_other_topics_are_asked_for_at_once_and_those_of_before_are_not_told_as_deleted() -> None:
    world = World(Subscription(["orders", "retuns"], []), "orders", "usage")
    assert world.said() == [("topic_missing", "retuns")]
    world.watch.change(Subscription(["usage", "retuns"], []))
    assert world.watch.there is None
    asked = world.cluster.asked
    world.run(2)
    assert world.cluster.asked == asked + 1
    assert world.watch.there == {"usage"}
    assert world.watch.lacking == ("retuns",)
    assert world.said() == []
    world.watch.change(Subscription(["usage"], []))
    world.run(2)
    assert world.said() == []
    assert not world.watch.lacking


def test_a_cluster_that_does_not_answer_is_asked_again_for_other_topics() -> None:
    world = World(Subscription(["orders"], []), "orders", "usage")
    world.cluster.silent = True
    world.watch.change(Subscription(["usage"], []))
    world.run(5)
    assert world.watch.there is None
    world.cluster.silent = False
    world.run(3)
    assert world.watch.there == {"usage"}
