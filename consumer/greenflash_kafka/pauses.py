"""Paused partitions, each with the reasons for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from greenflash_kafka.ports import Source, TopicPartition

Reason = Literal["all", "held", "waiting"]
"""all: everything is paused. held: this partition alone is, for what is behind it (`backpressure.Why`). waiting: its
messages that can't be evaluated yet take as much memory as they may."""


class Pauses:
    """A partition is paused with its first reason, and resumed with its last."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._reasons: dict[TopicPartition, set[Reason]] = {}

    def add(self, partitions: Iterable[TopicPartition], reason: Reason) -> None:
        """These have this reason to be paused."""
        new = []
        for each in partitions:
            reasons = self._reasons.setdefault(each, set())
            if not reasons:
                new.append(each)
            reasons.add(reason)
        if new:
            self._source.pause(new)

    def remove(self, partitions: Iterable[TopicPartition], reason: Reason) -> None:
        """These don't have it any more."""
        over = []
        for each in partitions:
            reasons = self._reasons.get(each, set())
            if reason in reasons:
                reasons.discard(reason)
                if not reasons:
                    del self._reasons[each]
                    over.append(each)
        if over:
            self._source.resume(over)

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """These aren't ours any more."""
        for each in partitions:
            self._reasons.pop(each, None)
