"""Questions of the source beside its consumer: topic ids and offsets, as `greenflash_kafka.source.admin` answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future

from confluent_kafka import KafkaError, KafkaException

from greenflash_kafka.source.ends import PartitionEnds
from tests.simulation.kafka.cluster import Fault, MemoryKafka, Unanswered
from tests.simulation.kafka.group import Key

ASK_SECONDS = 5.0
"""After so long a question without an answer fails."""


class MemoryEnds:
    """`greenflash_kafka.source.cluster.EndsQuery`, answered."""

    def __init__(self, found: Mapping[Key, PartitionEnds]) -> None:
        self._found = found

    def done(self) -> bool:
        """Whether everything is answered."""
        return True

    def known(self) -> Mapping[Key, PartitionEnds]:
        """What was answered."""
        return self._found


class MemoryTopics:
    """`greenflash_kafka.source.cluster.Cluster` on a `MemoryKafka`, for one member."""

    def __init__(self, cluster: MemoryKafka) -> None:
        self._cluster = cluster
        self._asked: tuple[float, list[str]] | None = None

    def start_id_query(self, topics: Iterable[str]) -> None:
        """Start asking; a question under way is left to finish."""
        if self._asked is None:
            self._asked = (self._cluster.scheduler.now, sorted(topics))

    def poll_ids(self, timeout: float) -> Mapping[str, str] | None:
        """What was answered, waiting at most so long; None when nothing was asked, answered, or it failed."""
        scheduler = self._cluster.scheduler
        if self._asked is None:
            return None
        asked, topics = self._asked
        until = scheduler.now + timeout
        while True:
            if scheduler.now >= asked + self._cluster.latency:
                try:
                    if self._cluster.tells_ids and not self._cluster.meet("Metadata"):
                        self._asked = None
                        there = self._cluster.topics
                        return {name: there[name].identity for name in topics if name in there}
                except Unanswered:
                    pass
            if scheduler.now >= asked + ASK_SECONDS:
                self._asked = None
                return None
            if scheduler.now >= until:
                return None
            scheduler.wait(
                min(until, max(asked + self._cluster.latency, scheduler.now + 0.1)), (self._cluster.changed,)
            )

    def ask_ends(self, partitions: Sequence[Key]) -> MemoryEnds:
        """See `AdminQueries.ask_ends`. Answered, or not, at the moment of asking."""
        found = {}
        for key in partitions:
            try:
                if not self._cluster.meet("ListOffsets", key):
                    log = self._cluster.log(key)
                    found[key] = PartitionEnds(log.start, log.stable, log.end)
            except (Unanswered, KeyError):
                pass
        return MemoryEnds(found)

    def ask_topics(self) -> Future[Collection[str]]:
        """The names of all topics, answered at once."""
        answer: Future[Collection[str]] = Future()
        answer.set_result(sorted(self._cluster.topics))
        return answer

    def ask_member(self, group: str, member: str) -> Future[bool]:
        """Whether the group knows this member and has given all partitions to others, answered at once."""
        answer: Future[bool] = Future()
        answer.set_result(self._cluster.coordinated and self._cluster.group(group).stands_by(member))
        return answer

    def offsets(self, partitions: Sequence[Key], at: str | int) -> dict[Key, int]:
        """See `AdminQueries.offsets`. Raises KafkaException."""
        scheduler = self._cluster.scheduler
        scheduler.wait(scheduler.now + self._cluster.latency)
        fault: Fault = 0
        try:
            for key in partitions:
                fault = fault or self._cluster.meet("ListOffsets", key)
        except Unanswered as unanswered:
            if not unanswered.at_once:
                scheduler.wait(scheduler.now + ASK_SECONDS)
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT)) from None
        if fault:
            code = fault if isinstance(fault, int) else KafkaError._TIMED_OUT
            raise KafkaException(KafkaError(code))
        try:
            return {key: self._cluster.offset_at(key, at) for key in partitions}
        except KeyError:
            raise KafkaException(KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART)) from None
