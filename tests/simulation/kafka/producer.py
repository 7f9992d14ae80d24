"""The part of `confluent_kafka.Producer` that the dead-letter writer uses, on a `MemoryKafka`.

Idempotent: a record whose answer was lost is written once however often it is sent. Not modelled: partitioning by
key (all goes to partition 0), batches, fatal errors.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from confluent_kafka import KafkaError, Message

from tests.simulation.kafka.cluster import NOT_THERE, MemoryKafka, Unanswered
from tests.simulation.scheduler import Gone

RETRY = 0.1
_RETRIED = (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.REQUEST_TIMED_OUT, KafkaError.NOT_ENOUGH_REPLICAS)

Answered = Callable[[KafkaError | None, Message], None]


class _Letter:
    __slots__ = ("answered", "headers", "key", "offset", "topic", "until", "value")

    def __init__(
        self,
        topic: str,
        value: bytes | None,
        key: bytes | None,
        headers: Sequence[Any],
        answered: Answered,
        until: float,
    ) -> None:
        self.topic, self.value, self.key, self.headers = topic, value, key, headers
        self.answered, self.until = answered, until
        self.offset: int | None = None


class MemoryProducer:
    """Made like the real one, but with the cluster it belongs to."""

    def __init__(self, settings: Mapping[str, Any], cluster: MemoryKafka, logger: object = None) -> None:
        del logger
        self._cluster, self._scheduler = cluster, cluster.scheduler
        self._member = self._scheduler.current
        self._patience = float(settings.get("delivery.timeout.ms", 300000)) / 1000
        self._answers: deque[Callable[[], None]] = deque()
        self._open = 0
        self._dead = False

    def kill(self) -> None:
        """The process died: what hasn't reached the broker never does."""
        self._dead = True

    def __len__(self) -> int:
        return self._open

    def produce(
        self,
        topic: str,
        value: bytes | None = None,
        key: bytes | None = None,
        headers: Sequence[Any] = (),
        on_delivery: Answered = lambda *_: None,
    ) -> None:
        """Send; `on_delivery` is called from within `poll`."""
        if self._dead:
            raise Gone
        self._open += 1
        dead_letter = _Letter(topic, value, key, headers, on_delivery, self._scheduler.now + self._patience)
        self._later(self._cluster.latency, lambda: self._send(dead_letter))

    def poll(self, timeout: float = 0) -> int:
        """Serve what was answered; waits at most so long for the first."""
        if self._dead:
            raise Gone
        if not self._answers and timeout > 0:
            self._scheduler.wait(self._scheduler.now + timeout, (self,))
        served = 0
        while self._answers:
            served += 1
            self._answers.popleft()()
        return served

    def purge(self) -> None:
        """Hand back what isn't answered: nothing here ever makes a producer fatal, so there is nothing to do."""

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        self._scheduler.call_for(self._member, self._scheduler.now + seconds, lambda: None if self._dead else action())

    def _send(self, dead_letter: _Letter) -> None:
        try:
            fault = self._cluster.meet("Produce", (dead_letter.topic, 0))
        except Unanswered:
            fault = "unsent"
        code = fault if isinstance(fault, int) else 0
        if fault in (0, "lost"):
            code = self._write(dead_letter)
        if fault in ("lost", "unsent") or code in _RETRIED or code == NOT_THERE:
            if self._scheduler.now < dead_letter.until:
                self._later(RETRY, lambda: self._send(dead_letter))
                return
            code = code or KafkaError._MSG_TIMED_OUT
        self._later(self._cluster.latency, lambda: self._answer(dead_letter, code))

    def _write(self, dead_letter: _Letter) -> int:
        topic = self._cluster.topics.get(dead_letter.topic)
        if topic is None:
            return NOT_THERE
        if len(dead_letter.value or b"") + len(dead_letter.key or b"") > topic.max_message_bytes:
            return KafkaError.MSG_SIZE_TOO_LARGE
        if dead_letter.offset is None:
            dead_letter.offset = self._cluster.produce(
                dead_letter.topic, dead_letter.value, dead_letter.key, 0, dead_letter.headers
            )
        return 0

    def _answer(self, dead_letter: _Letter, code: int) -> None:
        error = KafkaError(code) if code else None

        def listener() -> None:
            self._open -= 1
            dead_letter.answered(
                error,
                Message(
                    topic=dead_letter.topic,
                    partition=0,
                    offset=-1001 if dead_letter.offset is None else dead_letter.offset,
                    error=error,
                ),
            )

        self._answers.append(listener)
        self._scheduler.notify(self)
