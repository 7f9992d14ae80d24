"""Begin and end offsets of partitions: a query in progress."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import Future

import msgspec
from confluent_kafka import KafkaException
from confluent_kafka.admin import ListOffsetsResultInfo

from greenflash_kafka.errors import BrokerUnreachable
from greenflash_kafka.model.open_transaction import OpenTransaction
from greenflash_kafka.ports import TopicPartition

Asked = Mapping[TopicPartition, Future[ListOffsetsResultInfo]]


class PartitionEnds(msgspec.Struct, frozen=True):
    """Offsets of one partition: its first, the last stable one, and the high watermark."""

    begin: int
    stable: int
    end: int

    @property
    def transaction(self) -> OpenTransaction | None:
        """The open transaction, if there is one."""
        return OpenTransaction(self.stable, self.end) if self.stable < self.end else None

    def lag(self, at: int) -> int:
        """The number of offsets to be read from `at` on: all there are, if that is past the end."""
        return self.end - (self.begin if at > self.end else at)


class EndsAsked:
    """Begin, end and last stable offsets, each a query of its own; their responses come in any order, so records
    written meanwhile may look like a transaction for once."""

    def __init__(self, begins: Asked, ends: Asked, stable: Asked) -> None:
        self._begins = begins
        self._ends = ends
        self._stable = stable

    def done(self) -> bool:
        """True if every response is there; at the latest after the time limit of the queries."""
        return all(future.done() for each in (self._begins, self._ends, self._stable) for future in each.values())

    def known(self) -> dict[TopicPartition, PartitionEnds]:
        """The responses; partitions whose query failed are left out."""
        found = {}
        for each in self._ends:
            asked = [self._begins[each], self._stable[each], self._ends[each]]
            if all(future.done() and future.exception() is None for future in asked):
                found[each] = PartitionEnds(*(future.result().offset for future in asked))
        return found

    def require(self, timeout: float) -> dict[TopicPartition, PartitionEnds]:
        """Wait for all responses. Raises BrokerUnreachable, with the first partition that has none."""
        until = time.monotonic() + timeout
        for topic, partition in self._ends:
            for asked in (self._begins, self._stable, self._ends):
                try:
                    asked[topic, partition].result(max(0.0, until - time.monotonic()))
                except KafkaException as error:
                    said = error.args[0].str()
                    raise BrokerUnreachable(f"the offsets of {topic}/{partition} can't be had: {said}") from error
                except TimeoutError as error:
                    raise BrokerUnreachable(f"the offsets of {topic}/{partition} can't be had in time") from error
        return self.known()
