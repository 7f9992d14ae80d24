"""Watch on the topics of the subscription: missing and deleted ones, and their number."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import Future
from math import inf
from typing import Final

from greenflash_kafka.errors import BrokerUnreachable
from greenflash_kafka.ports import Listener
from greenflash_kafka.source.cluster import Cluster
from greenflash_kafka.source.near_topic import near_topic
from greenflash_kafka.source.subscription import Subscription

LOOK_SECONDS: Final = 30.0
"""Seconds between listings of the cluster's topics, where they can change the subscription."""

LOOK_SOON_SECONDS: Final = 5.0
"""The shorter interval while there is no topic at all."""

LOOK_AGAIN_SECONDS: Final = 1.0
"""Least interval in every case."""

AGAIN_SECONDS: Final = 600.0
"""Seconds between two notices about a missing topic."""

_NEAR: Final = 0.9
"""The ratio of the limit from which on a notice reports it."""


class TopicWatch:
    """Lists the cluster's topics from time to time where this matters, and reports problems with them."""

    def __init__(
        self,
        subscription: Subscription,
        cluster: Cluster,
        listener: Listener,
        monotonic: Callable[[], float],
        seconds: float = LOOK_SECONDS,
    ) -> None:
        """`seconds` replaces `LOOK_SECONDS`."""
        self._seconds = seconds
        self._subscription = subscription
        self._cluster = cluster
        self._listener = listener
        self._monotonic = monotonic
        self.there: frozenset[str] | None = None
        """Topics of the subscription that exist, as far as is known; None before the first look."""
        self._asked: Future[Collection[str]] | None = None
        self._looked_at = 0.0
        self._soon = False
        self._say_again: dict[str, float] = {}
        self._near = False
        self._hints: dict[str, str] = {}
        self.missing: tuple[str, ...] = ()
        """Topics of the subscription that are named and don't exist."""
        self.nothing = False
        """True if there is no topic at all to read: the client then joins no classic group."""

    @property
    def lacking(self) -> tuple[str, ...]:
        """The missing parts of the subscription: names that don't exist, and all patterns if no topic exists."""
        patterns = tuple(f"/{each}/" for each in self._subscription.patterns)
        return self.missing + (patterns if self.nothing else ())

    def change(self, subscription: Subscription) -> None:
        """Other topics are meant from now on. Which of them exist is asked at the next `watch`; `there` is None until
        that is answered."""
        self._subscription = subscription
        # An answer that is under way may be older than a topic that was created for the new subscription.
        self.there = self._asked = None
        self._looked_at = -inf
        # Of what isn't meant any more nothing is said again; what is missing still was said before.
        self.missing = tuple(each for each in self.missing if each in subscription.names)
        self._say_again = {each: at for each, at in self._say_again.items() if each in subscription.names}

    def watch(self) -> None:
        """Process the response, and query again when it is time; once an iteration of the loop. Raises
        TooManyTopics."""
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
            self._looked_at, self._soon = now, False
            self._asked = self._cluster.ask_topics()

    def look(self) -> None:
        """Query sooner: an event may concern topics."""
        self._soon = True

    def _interval(self) -> float | None:
        if self._soon or self.there is None:
            return LOOK_AGAIN_SECONDS
        if self.nothing:
            return min(LOOK_SOON_SECONDS, self._seconds)
        return self._seconds if self.missing or self._subscription.by_name else None

    def seen(self, topics: Collection[str]) -> None:
        """Note the cluster's present topics. Raises TooManyTopics."""
        meant = frozenset(self._subscription.among(topics))
        self._looked_at = self._monotonic()
        self._subscription.require_few(meant)
        missing = self._subscription.missing(meant)
        self._hints = {each: self._hints[each] if each in self._hints else near_topic(each, topics) for each in missing}
        self._update(meant)
        most = self._subscription.most
        near, self._near = self._near, most is not None and len(meant) >= _NEAR * most
        if self._near and not near:
            self._listener.notice("topics_near_limit", topics=len(meant), limit=most)

    def came(self, topics: Collection[str]) -> None:
        """Note topics that exist: their partitions are assigned."""
        if self.there is not None and not self.there.issuperset(topics):
            self._update(self.there.union(topics))

    def gone(self, topics: Collection[str]) -> None:
        """Note topics that don't exist any more: a query by name has shown it."""
        if self.there is not None:
            self._update(self.there.difference(topics))

    def _update(self, meant: frozenset[str]) -> None:
        now = self._monotonic()
        before, self.there = self.there, meant
        was_missing, self.missing = self.missing, self._subscription.missing(meant)
        for topic in sorted((before or frozenset()) - meant - self._subscription.names):
            self._listener.notice("topic_deleted", topic=topic)
        for topic in self.missing:
            if topic not in was_missing:
                self._say_missing(topic, now)
        for topic in sorted(set(was_missing).difference(self.missing)):
            del self._say_again[topic]
            self._listener.notice("topic_found", topic=topic)
        self._listener.gauge("topics_missing", len(self.missing))
        nothing, self.nothing = self.nothing, not meant
        if self.nothing and not nothing:
            self._listener.notice("nothing_to_read", topic=", ".join(self.lacking))
        elif nothing and not self.nothing:
            self._listener.notice("something_to_read", topics=len(meant))

    def _say_missing(self, topic: str, now: float) -> None:
        self._say_again[topic] = now + AGAIN_SECONDS
        hint = self._hints.get(topic)
        self._listener.notice("topic_missing", topic=topic, **({"hint": hint} if hint else {}))
