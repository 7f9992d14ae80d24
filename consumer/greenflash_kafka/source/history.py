"""History of topics: offset ranges read by a consumer that joins no group and commits nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from greenflash_kafka.errors import BrokerUnreachable
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.ports import TopicPartition as Partition
from greenflash_kafka.source.client_errors import UNREADABLE
from greenflash_kafka.source.records import message_of
from greenflash_kafka.source.rights import topic_refusal

SILENCE_SECONDS: Final = 30.0
"""Seconds for which the brokers may give nothing before the ends are reached."""

RPC_SECONDS: Final = 10.0

_HISTORY: Final = {
    "enable.partition.eof": "true",
    "group.protocol": "classic",
}
_OUT_OF_RANGE: Final = (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE)
_REFUSED: Final = (
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError._UNKNOWN_TOPIC,
    KafkaError._UNKNOWN_PARTITION,
)


class KafkaHistory:
    """`ports.History` on confluent-kafka: ranges, at most one of a partition. `properties` are a reader's
    (`source.properties.reader`); only Read and Describe on the topics are needed. Other ranges take another object:
    what a client still has of an earlier assignment would be taken for the new one's."""

    def __init__(
        self,
        properties: Mapping[str, str],
        ranges: Sequence[OffsetRange],
        logger: logging.Logger | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._properties = properties
        # A client without a logger writes its own lines to stderr; what ends the reading is an error of ours.
        settings = {**properties, **_HISTORY, **({} if logger is not None else {"log_level": "0"})}
        self._consumer = Consumer(settings) if logger is None else Consumer(settings, logger=logger)
        self._monotonic = monotonic
        self._missing: list[OffsetRange] = []
        self._open: dict[Partition, OffsetRange] = {(each.topic, each.partition): each for each in ranges}
        self._next = {key: each.start for key, each in self._open.items()}
        self._heard: float | None = None
        self._assign()

    @property
    def done(self) -> bool:
        """See `ports.History`."""
        return not self._open

    @property
    def missing(self) -> Sequence[OffsetRange]:
        """See `ports.History`."""
        return self._missing

    def take(self, limit: int, timeout: float) -> list[Message]:
        """See `ports.History`."""
        if not self._open:
            return []
        messages = []
        # Silence begins with the first question: its caller may have had other things to read before.
        heard = self._monotonic() if self._heard is None else self._heard
        fetched = self._consumer.consume(limit, timeout)
        for each in fetched:
            key = (each.topic() or "", each.partition() or 0)
            wanted = self._open.get(key)
            if wanted is None:
                continue
            fault, offset = each.error(), each.offset()
            if fault is not None and fault.code() != KafkaError._PARTITION_EOF:
                self._fault(fault, key)
                continue
            if fault is None and offset is not None and offset < wanted.end:
                messages.append(message_of(each))
                offset += 1
            # The end of the log, or a message past the range: what may lie before that are a transaction's marks.
            self._reached(key, offset or 0)
        now = self._monotonic()
        self._heard = now if fetched else heard
        if self._open and now - self._heard > SILENCE_SECONDS:
            (topic, partition), *_ = self._open
            raise BrokerUnreachable(
                f"{topic}/{partition} gave nothing for {SILENCE_SECONDS:.0f} s before its end; check the brokers"
            )
        return messages

    def close(self) -> None:
        """See `ports.History`."""
        self._consumer.close()

    def _assign(self) -> None:
        self._consumer.assign([TopicPartition(*key, offset) for key, offset in self._next.items()])

    def _reached(self, key: Partition, offset: int) -> None:
        self._next[key] = offset
        if offset >= self._open[key].end:
            del self._open[key], self._next[key]
            self._consumer.incremental_unassign([TopicPartition(*key)])

    def _fault(self, error: KafkaError, key: Partition) -> None:
        code = error.code()
        if code in _OUT_OF_RANGE and key in self._open:
            self._overtaken(key)
        elif code == KafkaError.TOPIC_AUTHORIZATION_FAILED:
            raise BrokerUnreachable(topic_refusal(self._properties, "Read", key[0]))
        elif code in UNREADABLE or code in _REFUSED:
            raise BrokerUnreachable(f"{key[0]}/{key[1]} can't be read: {error.name()}: {error.str()}")

    def _overtaken(self, key: Partition) -> None:
        """Go on behind what retention took meanwhile, and note it."""
        wanted, at = self._open[key], self._next[key]
        try:
            begin, _ = self._consumer.get_watermark_offsets(TopicPartition(*key), RPC_SECONDS)
        except KafkaException as error:
            raise BrokerUnreachable(f"{key[0]}/{key[1]}: {error.args[0].str()}") from None
        if begin <= at:
            raise BrokerUnreachable(f"{key[0]}/{key[1]} has no offset {at} any more: its log was cut; begin anew")
        self._missing.append(OffsetRange(*key, at, min(begin, wanted.end)))
        self._next[key] = begin
        if begin >= wanted.end:
            del self._open[key], self._next[key]
        self._assign()
