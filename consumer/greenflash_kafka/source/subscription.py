"""Topic subscription: names and patterns for the client, and their match against cluster metadata."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import re2

from greenflash_kafka.errors import TooManyTopics

MOST_TOPICS: Final = 10_000
"""librdkafka's leader of a classic group passes over a member that subscribes to more topics (in 2.15 and 2.16, in
`rd_kafka_group_MemberMetadata_consumer_read`). Without any other member it then dies of SIGSEGV under
cooperative-sticky, and gives nobody anything under range and roundrobin. In a KIP-848 group the broker shares.
"""


class Subscription:
    """`names` of topics, and `patterns`: regular expressions, each for whole names.

    `most` is how many topics they may mean in all; None where there is no limit. Where there is one, the client is told
    no pattern but the names that match: it would join with any number of them as soon as it finds them.
    """

    def __init__(self, names: Sequence[str], patterns: Sequence[str], most: int | None = MOST_TOPICS) -> None:
        self.names = frozenset(names)
        self.patterns = tuple(patterns)
        self.most = most
        self._patterns = [re2.compile(each) for each in patterns]

    @property
    def by_name(self) -> bool:
        """True if the client subscribes to the names that match patterns, so that new ones must be looked up here."""
        return bool(self.patterns) and self.most is not None

    def entries(self, there: Collection[str]) -> list[str]:
        """The argument of the client's `subscribe`, when these topics of the subscription exist; empty for none at
        all."""
        if self.by_name:
            return sorted(self.names.union(there))
        # The client takes what begins with ^ for a regular expression, and would find it anywhere in a name.
        return [*sorted(self.names), *(f"^({each})$" for each in self.patterns)]

    def among(self, topics: Collection[str]) -> list[str]:
        """The topics of the cluster that the subscription matches."""
        return [
            each for each in topics if each in self.names or any(pattern.fullmatch(each) for pattern in self._patterns)
        ]

    def missing(self, topics: Collection[str]) -> tuple[str, ...]:
        """Names that the cluster doesn't have, in order."""
        return tuple(sorted(self.names.difference(topics)))

    def require_few(self, meant: Collection[str]) -> None:
        """Raise TooManyTopics when these topics, which are `among` the cluster's, are too many."""
        if self.most is None or len(meant) <= self.most:
            return
        shares = [
            f"/{written}/ matches {sum(1 for each in meant if pattern.fullmatch(each)):,}"
            for written, pattern in zip(self.patterns, self._patterns, strict=True)
        ]
        named = len(self.names.intersection(meant))
        shares += [f"{named:,} by name"] if named else []
        raise TooManyTopics(
            f"the mapping files mean {len(meant):,} topics ({'; '.join(shares)}). The Kafka client fails with more "
            f"than {self.most:,} in a classic group. Narrow the patterns, share the topics among several groups, or "
            "set kafka.group_protocol: consumer (Apache Kafka 4.0 or later), which has no such limit"
        )
