"""Questions about conversation topics: `greenflash_kafka.source.log_questions.LogCluster` on a `MemoryKafka`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any, Literal

from confluent_kafka import KafkaError, KafkaException

from greenflash_kafka.errors import BrokerUnreachable
from tests.simulation.kafka.cluster import MemoryKafka, Unanswered
from tests.simulation.kafka.group import Key

ASK_SECONDS = 5.0
"""After so long a question without an answer fails."""

SILENT = KafkaError._TIMED_OUT


class Slowness:
    """Until when the brokers don't tell which partitions there are, and until when no answer about offsets arrives; in
    seconds."""

    def __init__(self) -> None:
        self.undescribed = self.unanswered = 0.0


class MemoryLogCluster:
    """The brokers look at a question a latency after it was asked, and their answer takes as long; for the member that
    makes it. `asked` is called before each question."""

    def __init__(
        self, cluster: MemoryKafka, asked: Callable[[], None] = lambda: None, slowness: Slowness | None = None
    ) -> None:
        self._cluster, self._asked, self._slowness = cluster, asked, slowness or Slowness()
        self._member = cluster.scheduler.current

    def ask_topics(self) -> Future[Collection[str]]:
        """See `LogCluster`."""
        answer: Future[Collection[str]] = Future()

        def look() -> Collection[str]:
            if code := self._meets("Metadata"):
                raise BrokerUnreachable(str(code))
            return sorted(self._cluster.topics)

        self._ask([(answer, look)])
        return answer

    def ask_descriptions(self, names: Iterable[str]) -> Mapping[str, Future[Any]]:
        """See `LogCluster`."""
        answers: dict[str, Future[Any]] = {name: Future() for name in names}
        self._ask([(answer, lambda name=name: self._describe(name)) for name, answer in answers.items()])  # type: ignore[misc]
        return answers

    def ask_written(self, partitions: Sequence[Key], at: Literal["earliest", "end"] | int) -> Mapping[Key, Future[Any]]:
        """See `LogCluster`."""
        answers: dict[Key, Future[Any]] = {key: Future() for key in partitions}
        self._ask([(answer, lambda key=key: self.offset(key, at)) for key, answer in answers.items()], slow=True)  # type: ignore[misc]
        return answers

    def _describe(self, name: str) -> SimpleNamespace:
        self._refuse(self._meets("Metadata"))
        if self._cluster.scheduler.now < self._slowness.undescribed:
            self._refuse(KafkaError.REQUEST_TIMED_OUT)
        topic = self._cluster.topics.get(name)
        if topic is None:
            raise KafkaException(KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART))
        partitions = [SimpleNamespace(id=number) for number in range(len(topic.logs))]
        return SimpleNamespace(topic_id=topic.identity, partitions=partitions)

    def offset(self, key: Key, at: Literal["earliest", "end"] | int) -> SimpleNamespace:
        """The answer about one partition. Raises KafkaException."""
        self._refuse(self._meets("ListOffsets", key))
        if not self._cluster.has(key):
            raise KafkaException(KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART))
        return SimpleNamespace(offset=self._cluster.offset_at(key, at))

    def _meets(self, api: str, key: Key | None = None) -> int:
        try:
            fault = self._cluster.meet(api, key)
        except Unanswered as unanswered:
            return KafkaError._TRANSPORT if unanswered.at_once else SILENT
        return fault if isinstance(fault, int) else SILENT

    def _refuse(self, code: int) -> None:
        if code:
            raise KafkaException(KafkaError(code))

    def _ask(self, questions: Sequence[tuple[Future[Any], Callable[[], Any]]], *, slow: bool = False) -> None:
        self._asked()
        scheduler, latency = self._cluster.scheduler, self._cluster.latency

        def arrives() -> None:
            for answer, look in questions:
                try:
                    found = look()
                except (KafkaException, BrokerUnreachable) as error:
                    late = isinstance(error, KafkaException) and error.args[0].code() == SILENT
                    self._later(ASK_SECONDS if late else latency, answer.set_exception, error)
                else:
                    delay = self._slowness.unanswered - scheduler.now if slow else 0.0
                    self._later(max(latency, delay), answer.set_result, found)

        scheduler.call_for(self._member, scheduler.now + latency, arrives)

    def _later(self, seconds: float, tell: Callable[[Any], None], what: object) -> None:
        scheduler = self._cluster.scheduler
        scheduler.call_for(self._member, scheduler.now + seconds, lambda: tell(what))
