"""Partitions that stop before their end: those without a known lag, and those behind a transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import nan
from typing import Final

import msgspec
from confluent_kafka import Consumer, TopicPartition

from greenflash_kafka.model.open_transaction import OpenTransaction
from greenflash_kafka.ports import Listener
from greenflash_kafka.ports import TopicPartition as Partition
from greenflash_kafka.source.cluster import Cluster, EndsQuery
from greenflash_kafka.source.ends import PartitionEnds
from greenflash_kafka.source.partitions import Partitions

LOOK_SECONDS: Final = 10.0
"""Seconds between checks of the partitions; those that don't advance are queried."""

MOST: Final = 200
"""Most partitions in one query, in turns: a thousand took the loop half a second."""

NOTICE_AFTER_SECONDS: Final = 300.0
"""A transaction that is open for so many seconds is reported. A producer's own limit is 1 minute unless it sets
another, the brokers allow 15 (transaction.max.timeout.ms)."""


class _Standing(msgspec.Struct):
    """An open transaction as it was first seen."""

    stable: int
    since: float
    notified: bool = False


class Waiting:
    """Watches assigned partitions that aren't read to their end. If all are read or advance, no query is sent."""

    def __init__(
        self,
        consumer: Consumer,
        partitions: Partitions,
        cluster: Cluster,
        listener: Listener,
        monotonic: Callable[[], float],
    ) -> None:
        self._consumer = consumer
        self._partitions = partitions
        self._assignment = partitions.assignment
        self._cluster = cluster
        self._listener = listener
        self._monotonic = monotonic
        self._next_look = 0.0
        self._next_one = 0
        self._positions: dict[Partition, int] = {}
        self._question: EndsQuery | None = None
        self._asked: dict[Partition, int] = {}
        self._known: dict[Partition, PartitionEnds] = {}
        self._open: dict[Partition, _Standing] = {}

    def watch(self) -> None:
        """Process the response, and check again when it is time; once an iteration of the loop."""
        if self._question is not None and self._question.done():
            self._answered(self._question.known())
            self._question = None
        now = self._monotonic()
        if now >= self._next_look:
            self._next_look = now + LOOK_SECONDS
            if self._question is None:
                self._look()

    def lag(self) -> dict[Partition, int]:
        """The distance from the committed offsets to the ends, as far as these are known."""
        found = {}
        for each in self._assignment.partitions:
            at = self._partitions.commits.confirmed.get(each, -1)
            if at < 0:
                continue
            end = self._cached_end(each)
            known = self._known.get(each)
            # Nothing is fetched of a partition that is halted, so the client's own knowledge of it is old, or none.
            if known is not None and (self._assignment.is_halted(each) or end < 0):
                found[each] = known.lag(at)
            elif end >= 0:
                found[each] = max(0, end - at)
        return found

    def _cached_end(self, partition: Partition) -> int:
        _, end = self._consumer.get_watermark_offsets(TopicPartition(*partition), cached=True) or (0, -1)
        return end

    def _look(self) -> None:
        ours = self._assignment.partitions
        before, self._positions = self._positions, self._partitions.positions()
        standing = {each: at for each, at in self._positions.items() if self._stands(each, at, before)}
        self._known = {each: ends for each, ends in self._known.items() if each in standing}
        for each in [each for each in self._open if each not in standing]:
            self._over(each, ours=each in ours)
        if standing:
            self._asked = standing
            wanted = sorted(standing)
            first = self._next_one % len(wanted)
            wanted = (wanted[first:] + wanted[:first])[:MOST]
            self._next_one = first + len(wanted)
            self._question = self._cluster.ask_ends(wanted)

    def _stands(self, partition: Partition, at: int, before: Mapping[Partition, int]) -> bool:
        if partition in self._assignment.unready:
            return True
        end = self._cached_end(partition)
        return end < 0 or (end > at and before.get(partition) == at)

    def _answered(self, ends: Mapping[Partition, PartitionEnds]) -> None:
        now = self._monotonic()
        for each, found in ends.items():
            if each not in self._assignment.partitions:
                continue
            self._known[each] = found
            transaction = found.transaction
            # Nothing of a halted partition is waited for: what it is halted for is told.
            waits = not self._assignment.is_halted(each) and self._asked.get(each, -1) >= found.stable
            if transaction is not None and waits:
                self._stays(each, transaction, now)
            elif each in self._open:
                self._over(each, ours=True)

    def _stays(self, partition: Partition, transaction: OpenTransaction, now: float) -> None:
        standing = self._open.get(partition)
        if standing is None or standing.stable != transaction.stable:
            if standing is not None:
                self._over(partition, ours=True)
            standing = self._open[partition] = _Standing(transaction.stable, now)
        seconds = now - standing.since
        self._listener.gauge("transaction_open_seconds", seconds, (partition[0], str(partition[1])))
        if seconds >= NOTICE_AFTER_SECONDS and not standing.notified:
            standing.notified = True
            self._listener.notice(
                "transaction_open",
                topic=partition[0],
                partition=partition[1],
                offset=transaction.stable,
                behind=transaction.behind,
                seconds=round(seconds),
            )

    def _over(self, partition: Partition, ours: bool) -> None:
        standing = self._open.pop(partition)
        self._listener.gauge("transaction_open_seconds", nan, (partition[0], str(partition[1])))
        if standing.notified and ours:
            self._listener.notice(
                "transaction_over", topic=partition[0], partition=partition[1], offset=standing.stable
            )
