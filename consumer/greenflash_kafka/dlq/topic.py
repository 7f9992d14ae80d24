"""A reader of the dead-letter topic for people and replays: assigned by hand, up to the ends at its start."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import msgspec
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as KafkaMessage

from greenflash_kafka.dlq.letter_record import Header
from greenflash_kafka.dlq.place import ReplayPlace
from greenflash_kafka.dlq.progress import Progress, committed, to_commit
from greenflash_kafka.dlq.reader import ParsedDeadLetter
from greenflash_kafka.errors import BrokerUnreachable
from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import TopicPartition as Partition

SILENCE_SECONDS: Final = 30.0
"""Seconds for which the broker may give nothing before the end is reached."""

RPC_SECONDS: Final = 10.0


class StoredDeadLetter(msgspec.Struct, frozen=True):
    """A record of the dead-letter topic, ours or not."""

    topic: str
    partition: int
    offset: int
    written_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...]

    @property
    def coordinates(self) -> str:
        """`topic/partition/offset` in the dead-letter topic."""
        return f"{self.topic}/{self.partition}/{self.offset}"


class TopicReader:
    """One topic from `starts` up to `ends`; it joins no group itself, and commits only what `commit` is given.

    `properties` are a consumer's; their `group.id` names the offsets of `progress`.
    """

    def __init__(
        self,
        properties: Mapping[str, str],
        topic: str,
        logger: logging.Logger | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        # What retention takes while we read is gone for everybody: from the oldest that there is.
        self._settings = {**properties, "auto.offset.reset": "earliest"}
        self._logger = logger
        self._monotonic = monotonic
        self._topic = topic
        self._consumer = self._client()
        self._originals: Consumer | None = None
        self._open: dict[int, int] = {}
        self._heard = 0.0
        self.place: ReplayPlace | None = None
        """The group membership with which `commit` commits."""

    def progress(self, partitions: list[int]) -> dict[int, Progress]:
        """The commits of the group, by partition. Raises BrokerUnreachable."""
        try:
            found = self._consumer.committed([TopicPartition(self._topic, each) for each in partitions], RPC_SECONDS)
        except KafkaException as error:
            raise BrokerUnreachable(f"the replay's offsets could not be had: {error.args[0].str()}") from None
        return {each.partition: committed(each.offset, each.metadata) for each in found if each.offset >= 0}

    def commit(self, progress: Mapping[int, Progress]) -> None:
        """Commit, and wait for the confirmation. Raises `BrokerUnreachable`, `ReplayRuns` when the membership is
        lost."""
        assert self.place is not None
        offsets = [TopicPartition(self._topic, each, *to_commit(progress[each])) for each in progress]
        try:
            self.place.commit(offsets)
        except KafkaException as error:
            raise BrokerUnreachable(
                f"the replay's progress could not be committed: {error.args[0].str()}; "
                "what was accepted is sent again by the next replay, under the same ids"
            ) from None

    def begin(self, starts: Mapping[int, int], ends: Mapping[int, int]) -> None:
        """Read these partitions from `starts` up to `ends`."""
        self._open = {each: end for each, end in ends.items() if starts.get(each, end) < end}
        self._consumer.assign([TopicPartition(self._topic, each, starts[each]) for each in self._open])
        self._heard = self._monotonic()

    @property
    def done(self) -> bool:
        """True if everything up to the ends was handed on."""
        return not self._open

    def take(self, limit: int, timeout: float) -> list[StoredDeadLetter]:
        """More records. Raises BrokerUnreachable when none come though there are some."""
        if self.done:
            return []
        records = []
        fetched = self._consumer.consume(limit, timeout)
        for each in fetched:
            error = each.error()
            if error is not None:
                if error.code() != KafkaError._PARTITION_EOF:
                    raise BrokerUnreachable(f"{self._topic} can't be read: {error.name()}: {error.str()}")
                continue
            stored = _stored(each)
            if stored.offset < self._open.get(stored.partition, 0):
                records.append(stored)
        # The position, not the last offset: a transaction's marker may be the last thing before the end.
        for at in self._consumer.position([TopicPartition(self._topic, each) for each in self._open]):
            if at.offset >= self._open[at.partition]:
                del self._open[at.partition]
        now = self._monotonic()
        if fetched:
            self._heard = now
        elif self._open and now - self._heard > SILENCE_SECONDS:
            raise BrokerUnreachable(f"{self._topic} gave nothing for {SILENCE_SECONDS:.0f} s before its end")
        return records

    def all(self) -> Iterator[StoredDeadLetter]:
        """Everything up to the ends."""
        while not self.done:
            yield from self.take(500, 0.2)

    def original(self, kept: ParsedDeadLetter) -> Message | None:
        """The original message of a dead letter, from its own topic; None when it isn't there any more, or another
        message has its offset (other timestamp, size or hash)."""
        wanted = kept.dead_letter.message
        if self._originals is None:
            self._originals = self._client()
        self._originals.assign([TopicPartition(wanted.topic, wanted.partition, wanted.offset)])
        until = self._monotonic() + RPC_SECONDS
        while self._monotonic() < until:
            for each in self._originals.consume(1, 0.5):
                if each.error() is not None:
                    return None
                found = _stored(each)
                return _same(found, each, kept)
        return None

    def close(self) -> None:
        """Close the connections, and leave the group."""
        if self.place is not None:
            self.place.close()
        self._consumer.close()
        if self._originals is not None:
            self._originals.close()

    def _client(self) -> Consumer:
        settings = dict(self._settings)
        return Consumer(settings) if self._logger is None else Consumer(settings, logger=self._logger)


def _same(found: StoredDeadLetter, record: KafkaMessage, kept: ParsedDeadLetter) -> Message | None:
    wanted, print_of = kept.dead_letter.message, kept.fingerprints.get("value")
    value = found.value or b""
    if found.offset != wanted.offset or print_of is None or len(value) != print_of.size:
        return None
    stamp = record.timestamp()[1] if record.timestamp()[0] else 0
    if stamp != wanted.timestamp_ms or hashlib.sha256(value).hexdigest() != print_of.sha256:
        return None
    return msgspec.structs.replace(wanted, key=found.key, value=found.value, headers=found.headers)


def _stored(record: KafkaMessage) -> StoredDeadLetter:
    return StoredDeadLetter(
        record.topic() or "",
        record.partition() or 0,
        record.offset() or 0,
        record.timestamp()[1],
        record.key(),
        record.value(),
        tuple(record.headers() or ()),  # type: ignore[arg-type]
    )


def by_partition(offsets: Mapping[Partition, int]) -> dict[int, int]:
    """Offsets of one topic by its partitions."""
    return {partition: offset for (_, partition), offset in offsets.items()}
