"""Which topics of the subscription exist: those that are missing, that are deleted, and how many there are."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import Future
from math import ceil
from typing import Final, Protocol

from consumer.errors import BrokerUnreachable
from consumer.ports import Listener
from consumer.source.subscription import Subscription

LOOK_SECONDS: Final = 30.0
"""How often the cluster's topics are listed while some are missing, or patterns could come to mean too many."""

LOOK_SOON_SECONDS: Final = 5.0
"""The same while there is no topic at all, or many. The client looks every 30 s (`topic.metadata.refresh.interval.ms`)
and joins by itself with all that match, so this has to be sooner."""

AGAIN_SECONDS: Final = 600.0
"""A missing topic is said again so often."""

_MANY: Final = 0.5
_NEAR: Final = 0.9
"""Parts of the limit: from the first on it is looked sooner, from the second on it is said."""


class Listing(Protocol):
    """Who knows the cluster's topics."""

    def ask_topics(self) -> Future[Collection[str]]:
        """Start asking for the names of all topics, without waiting; fails with BrokerUnreachable."""
        ...


class TopicWatch:
    """Lists the cluster's topics from time to time where that can tell something, and says what is wrong with them."""

    def __init__(
        self, subscription: Subscription, cluster: Listing, tell: Listener, monotonic: Callable[[], float]
    ) -> None:
        self._subscription = subscription
        self._cluster = cluster
        self._tell = tell
        self._monotonic = monotonic
        self._there: frozenset[str] | None = None
        self._asked: Future[Collection[str]] | None = None
        self._looked_at = 0.0
        self._say_again: dict[str, float] = {}
        self._listed: tuple[float, int] | None = None
        self._many = self._near = False
        self.missing: tuple[str, ...] = ()
        """Topics that are named and don't exist."""
        self.nothing = False
        """Whether there is no topic at all to read: the client then joins no classic group."""

    @property
    def lacking(self) -> tuple[str, ...]:
        """What there is nothing to read for: names that are missing, and all patterns if nothing exists."""
        patterns = tuple(f"/{each}/" for each in self._subscription.patterns)
        return self.missing + (patterns if self.nothing else ())

    def watch(self) -> None:
        """Look at what was answered, and ask again when it is time; once a turn of the loop. Raises TooManyTopics."""
        now = self._monotonic()
        if self._asked is not None and self._asked.done():
            asked, self._asked = self._asked, None
            try:
                self.seen(asked.result())
            except BrokerUnreachable:
                return  # asked again when it is time; that nobody answers is said elsewhere
        for topic in [each for each, at in self._say_again.items() if now >= at]:
            self._say_missing(topic, now)
        every = self._interval()
        if every is not None and self._asked is None and now - self._looked_at >= every:
            self._looked_at = now
            self._asked = self._cluster.ask_topics()

    def _interval(self) -> float | None:
        if self.nothing or self._many:
            return LOOK_SOON_SECONDS
        if self.missing or (self._subscription.patterns and self._subscription.most is not None):
            return LOOK_SECONDS
        return None

    def seen(self, topics: Collection[str]) -> None:
        """The cluster has these topics now. Raises TooManyTopics."""
        meant = frozenset(self._subscription.among(topics))
        self._looked_at = self._monotonic()
        self._update(meant)
        self._subscription.require_few(meant)
        before, self._listed = self._listed, (self._looked_at, len(meant))
        most = self._subscription.most
        if most is None:
            return
        self._many = len(meant) >= _MANY * most
        near, self._near = self._near, len(meant) >= _NEAR * most
        if self._near and not near:
            self._tell.notice("topics_near_limit", topics=len(meant), limit=most)
        if self._many and before is not None:
            # If it goes on like this, the client could find too many of them before the next look's answer.
            rate = (len(meant) - before[1]) / max(1.0, self._looked_at - before[0])
            self._subscription.require_few(meant, max(0, ceil(rate * 2 * LOOK_SOON_SECONDS)))

    def came(self, topics: Collection[str]) -> None:
        """These exist: partitions of them are ours."""
        if self._there is not None and not self._there.issuperset(topics):
            self._update(self._there.union(topics))

    def gone(self, topics: Collection[str]) -> None:
        """These don't exist any more: the cluster was asked for them by name."""
        if self._there is not None:
            self._update(self._there.difference(topics))

    def _update(self, meant: frozenset[str]) -> None:
        now = self._monotonic()
        before, self._there = self._there, meant
        was_missing, self.missing = self.missing, self._subscription.missing(meant)
        for topic in sorted((before or frozenset()) - meant - self._subscription.names):
            self._tell.notice("topic_deleted", topic=topic)
        for topic in self.missing:
            if topic not in was_missing:
                self._say_missing(topic, now)
        for topic in sorted(set(was_missing).difference(self.missing)):
            del self._say_again[topic]
            self._tell.notice("topic_found", topic=topic)
        self._tell.gauge("topics_missing", len(self.missing))
        nothing, self.nothing = self.nothing, not meant
        if self.nothing and not nothing:
            self._tell.notice("nothing_to_read", topic=", ".join(self.lacking))
        elif nothing and not self.nothing:
            self._tell.notice("something_to_read", topics=len(meant))

    def _say_missing(self, topic: str, now: float) -> None:
        self._say_again[topic] = now + AGAIN_SECONDS
        self._tell.notice("topic_missing", topic=topic)
