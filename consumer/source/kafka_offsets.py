"""Questions about offsets, asked of the broker until it answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from consumer.errors import SourceFailed
from consumer.ports import Listener
from consumer.ports import TopicPartition as Partition
from consumer.source.start import Committed, StartAt

RPC_SECONDS = 5.0
"""How long one question to the broker may take."""

RESOLVE_SECONDS = 60.0
"""How long a question is repeated. It happens inside an assignment, so well below max.poll.interval.ms."""

T = TypeVar("T")


class KafkaOffsets:
    """Committed offsets, watermarks and offsets by time. Every method raises `SourceFailed` when the broker keeps
    silent: to start from a guess instead would lose or repeat messages."""

    def __init__(self, consumer: Consumer, listener: Listener, monotonic: Callable[[], float]) -> None:
        self._consumer = consumer
        self._tell = listener
        self._monotonic = monotonic

    def committed(self, partitions: Sequence[Partition]) -> dict[Partition, Committed]:
        """What the group has committed; partitions without an offset are left out."""
        if not partitions:
            return {}
        wanted = [TopicPartition(*each) for each in partitions]

        def ask() -> list[TopicPartition]:
            answered: list[TopicPartition] = self._consumer.committed(wanted, timeout=RPC_SECONDS)
            for each in answered:
                if each.error is not None:
                    raise KafkaException(each.error)
            return answered

        return {
            (each.topic, each.partition): Committed(each.offset, each.metadata or None)
            for each in self._insist(ask, "the committed offsets")
            if each.offset >= 0
        }

    def starts(self, partitions: Sequence[Partition], start: StartAt) -> dict[Partition, int]:
        """The offset at which each of these begins under `start`; a time past the last message is the end."""
        found: dict[Partition, int] = {}
        if isinstance(start, int) and partitions:
            wanted = [TopicPartition(*each, start) for each in partitions]

            def ask() -> list[TopicPartition]:
                answered: list[TopicPartition] = self._consumer.offsets_for_times(wanted, timeout=RPC_SECONDS)
                return answered

            answered = self._insist(ask, "the offsets for a time")
            found = {(each.topic, each.partition): each.offset for each in answered if each.offset >= 0}
        for each in partitions:
            if each not in found:
                low, high = self.watermarks(each)
                found[each] = low if start == "earliest" else high
        return found

    def watermarks(self, partition: Partition) -> tuple[int, int]:
        """The first offset and the end of a partition, now."""
        wanted = TopicPartition(*partition)

        def ask() -> tuple[int, int]:
            answer = self._consumer.get_watermark_offsets(wanted, timeout=RPC_SECONDS)
            if answer is None:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
            low, high = answer
            return low, high

        return self._insist(ask, f"the offsets of {partition[0]}/{partition[1]}")

    def _insist(self, ask: Callable[[], T], what: str) -> T:
        until = self._monotonic() + RESOLVE_SECONDS
        while True:
            try:
                return ask()
            except KafkaException as error:
                if error.args[0].fatal() or self._monotonic() >= until:
                    said = f"the broker didn't tell {what}: {error_text(error)}"
                    raise SourceFailed(said) from None
                self._tell.notice("kafka_error", code=error.args[0].name(), text=f"{what}: {error_text(error)}")
                time.sleep(0.2)


def error_text(error: KafkaException) -> str:
    """librdkafka's name and words for an error."""
    inner = error.args[0]
    return f"{inner.name()}: {inner.str()}"
