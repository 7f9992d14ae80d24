"""Questions about whole topics, each in steps that follow one another: nobody waits for a response here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import Final, Literal, Protocol, TypeVar

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import ListOffsetsResultInfo, TopicDescription

from greenflash_kafka.errors import BrokerUnreachable
from greenflash_kafka.ports import LogEnds, LogPartition
from greenflash_kafka.ports import TopicPartition as Partition
from greenflash_kafka.source.admin import described_id
from greenflash_kafka.source.subscription import Subscription

Offsets = Mapping[Partition, Future[ListOffsetsResultInfo]]

T = TypeVar("T")

_NOT_THERE: Final = (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError.UNKNOWN_TOPIC_ID)


class LogCluster(Protocol):
    """Queries of topics, their partitions and offsets; `source.admin.AdminQueries` answers them."""

    def ask_topics(self) -> Future[Collection[str]]:
        """Start the query of all topics' names; fails with BrokerUnreachable."""
        ...

    def ask_descriptions(self, names: Iterable[str]) -> Mapping[str, Future[TopicDescription]]:
        """Start the query of these topics' ids and partitions."""
        ...

    def ask_written(self, partitions: Sequence[Partition], at: Literal["earliest", "end"] | int) -> Offsets:
        """Start the query of offsets, those of open transactions included."""
        ...


class EndsQuestion:
    """Which topics there are, then their partitions, then where these begin and end."""

    def __init__(self, subscription: Subscription, cluster: LogCluster, asked: int) -> None:
        """`asked`: the time now, in milliseconds since 1970."""
        self._subscription = subscription
        self._cluster = cluster
        self._asked = asked
        self.listed = 0
        """The number of topics of the cluster, if all had to be listed."""
        self._failed: list[str] = []
        self._ids: dict[str, str] = {}
        self._names: Future[Collection[str]] | None = None
        self._described: Mapping[str, Future[TopicDescription]] | None = None
        self._begins: Offsets = {}
        self._ends: Offsets = {}
        if subscription.patterns:
            self._names = cluster.ask_topics()
        else:
            self._describe(subscription.names)

    def answer(self) -> LogEnds | None:
        """The answer; None while a response is missing. Goes on to the next step when one is complete."""
        if self._names is not None:
            if not self._names.done():
                return None
            names, self._names = self._names, None
            try:
                there = names.result()
                self.listed = len(there)
                found = self._subscription.among(there)
            except BrokerUnreachable as error:
                return LogEnds(self._asked, {}, str(error))
            missing = self._subscription.missing(found)
            self._failed += [_missing(each) for each in missing]
            if not found:
                self._failed += [f"no topic matches /{each}/" for each in self._subscription.patterns]
            self._describe(found)
        if self._described is not None:
            if not _done(self._described):
                return None
            described, self._described = self._described, None
            partitions = [each for name, future in described.items() for each in self._partitions(name, future)]
            self._begins = self._cluster.ask_written(partitions, "earliest")
            self._ends = self._cluster.ask_written(partitions, "end")
        if not (_done(self._begins) and _done(self._ends)):
            return None
        return LogEnds(self._asked, self._found(), "; ".join(self._failed[:3]))

    def _describe(self, names: Collection[str]) -> None:
        self._described = self._cluster.ask_descriptions(sorted(names)) if names else {}

    def _partitions(self, name: str, described: Future[TopicDescription]) -> list[Partition]:
        try:
            found = described.result()
        except KafkaException as error:
            self._failed.append(_topic_words(name, error))
            return []
        self._ids[name] = described_id(found)
        return [(name, each.id) for each in found.partitions]

    def _found(self) -> dict[Partition, LogPartition]:
        found = {}
        for each, end in self._ends.items():
            try:
                begin, last = self._begins[each].result().offset, end.result().offset
            except KafkaException as error:
                self._failed.append(f"{each[0]}/{each[1]}: {error.args[0].str()}")
                continue
            found[each] = LogPartition(self._ids[each[0]], begin, last)
        return found


class StartsQuestion:
    """The ends first, then the first offsets at or after a time: so an end isn't past a record that was written between
    both."""

    def __init__(self, cluster: LogCluster, partitions: Iterable[Partition], since: int) -> None:
        """`since`: milliseconds since 1970."""
        self._cluster = cluster
        self._since = since
        self._ends = cluster.ask_written(list(partitions), "end")
        self._starts: Offsets | None = None

    def answer(self) -> Mapping[Partition, int] | None:
        """The offsets; None while a response is missing."""
        if not _done(self._ends):
            return None
        if self._starts is None:
            ended = [each for each, future in self._ends.items() if future.exception() is None]
            self._starts = self._cluster.ask_written(ended, self._since)
        if not _done(self._starts):
            return None
        found = {
            each: (future.result().offset, self._ends[each].result().offset)
            for each, future in self._starts.items()
            if future.exception() is None
        }
        return {each: end if offset < 0 else offset for each, (offset, end) in found.items()}


def _done(asked: Mapping[Partition, Future[T]] | Mapping[str, Future[T]]) -> bool:
    return all(future.done() for future in asked.values())


def _topic_words(name: str, error: KafkaException) -> str:
    if error.args[0].code() in _NOT_THERE:
        return _missing(name)
    return f"topic {name}: {error.args[0].str()}"


def _missing(name: str) -> str:
    return f"topic {name} doesn't exist (or this user may not describe it)"
