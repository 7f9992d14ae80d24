"""Which topics the mapping files mean, as the Kafka client has to be told, and as the cluster has them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import re2


class Subscription:
    """`names` of topics, and `patterns`: regular expressions, each for whole names."""

    def __init__(self, names: Sequence[str], patterns: Sequence[str]) -> None:
        # The client takes what begins with ^ for a regular expression, and would find it anywhere in a name.
        self.entries = [*names, *(f"^({each})$" for each in patterns)]
        """For the client's `subscribe`."""
        self._names = set(names)
        self._patterns = [re2.compile(each) for each in patterns]
        self._told: set[str] = set()

    def among(self, topics: Collection[str]) -> list[str]:
        """Which of the cluster's topics are meant."""
        return [
            each for each in topics if each in self._names or any(pattern.fullmatch(each) for pattern in self._patterns)
        ]

    def newly_missing(self, topics: Collection[str]) -> list[str]:
        """Names that the cluster doesn't have, without those of the last time."""
        missing = self._names.difference(topics)
        new = sorted(missing - self._told)
        self._told = missing
        return new
