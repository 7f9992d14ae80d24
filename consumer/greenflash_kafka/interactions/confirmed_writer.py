"""Records of a topic, each confirmed before the next page is requested."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka import Message as Delivered

from greenflash_kafka.interactions.foreign_records import ForeignRecords
from greenflash_kafka.interactions.interaction import Interaction, without_free_content
from greenflash_kafka.ports import Clock, Listener

FIRST_WAIT: Final = 0.5
LONGEST_WAIT: Final = 30.0
"""Seconds between two attempts: doubled from the first on, less up to half of it at random."""

SAY_AGAIN: Final = 60.0
_SAY_OTHERS_AGAIN: Final = 3_600.0

_TOO_LARGE: Final = (KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.RECORD_LIST_TOO_LARGE)


class ConfirmedWriter:
    """Writes interactions, key = id, value = the item as it came, and waits until the brokers have confirmed them all.

    Whatever fails is tried again for as long as it lasts. An item that is too large for the topic is written without
    its `properties` and `feedback`. A fatal error of the client makes a new one. `properties` are a producer's.
    """

    def __init__(
        self,
        properties: Mapping[str, str],
        topic: str,
        clock: Clock,
        listener: Listener,
        stopped: Callable[[], bool],
        *,
        chance: Callable[[], float] = random.random,
        logger: logging.Logger | None = None,
        client: Callable[..., Producer] = Producer,
    ) -> None:
        self._properties = dict(properties)
        self._topic, self._clock, self._listener, self._stopped = topic, clock, listener, stopped
        self._chance = chance
        self._logger, self._client = logger, client
        self._producer = self._new_producer()
        self._failures = 0
        self._foreign = ForeignRecords()
        self._others_told = float("-inf")
        self._told: dict[str, float] = {}

    def write(self, items: Sequence[Interaction]) -> bool:
        """Write these; True once all are confirmed, False if that was stopped before."""
        left = {number: (each.id.encode("utf-8", "replace"), each.raw) for number, each in enumerate(items)}
        while left:
            failed = self._round(left)
            if failed is None:
                return False
            if not failed:
                break
            left = failed
            self._wait()
        if self._failures:
            self._failures = 0
            self._told.clear()
            self._listener.notice("interactions_written_again", topic=self._topic)
        return True

    def close(self) -> None:
        """Drop what is under way."""
        self._producer.purge()
        self._producer.flush(1.0)

    def _round(self, records: Mapping[int, tuple[bytes, bytes]]) -> dict[int, tuple[bytes, bytes]] | None:
        """Write once; those that failed, or None if it was stopped."""
        answers: dict[int, KafkaError | None] = {}
        written: list[tuple[int, int]] = []
        for number, (key, value) in records.items():
            if not self._produce(key, value, partial(_note, answers, written, number)):
                return None
        while len(answers) < len(records):
            if self._stopped():
                return None
            try:
                self._producer.poll(0.1)
            except KafkaException as error:
                # Only fatal errors of the client itself come this way.
                self._say_failing(error.args[0])
                self._producer.purge()
                self._producer = self._new_producer()
                break
        failed = self._again(records, answers)
        if self._foreign.between(written):
            self._say_others()
        if failed:
            self._foreign.forget()
        return failed

    def _say_others(self) -> None:
        now = self._clock.monotonic()
        if now - self._others_told >= _SAY_OTHERS_AGAIN:
            self._others_told = now
            self._listener.notice("interactions_written_by_others", topic=self._topic)

    def _again(
        self, records: Mapping[int, tuple[bytes, bytes]], answers: Mapping[int, KafkaError | None]
    ) -> dict[int, tuple[bytes, bytes]]:
        failed = {}
        for number, (key, value) in records.items():
            error = answers.get(number) if number in answers else _UNANSWERED
            if error is None:
                continue
            shorter = without_free_content(value) if error.code() in _TOO_LARGE else value
            if len(shorter) < len(value):
                self._listener.notice("interaction_shortened", topic=self._topic, value_bytes=len(value))
            else:
                self._say_failing(error)
            failed[number] = (key, shorter)
        return failed

    def _produce(self, key: bytes, value: bytes, note: Callable[[KafkaError | None, Delivered | None], None]) -> bool:
        while not self._stopped():
            try:
                self._producer.produce(self._topic, value=value, key=key, on_delivery=note)
                return True
            except BufferError:
                self._producer.poll(0.1)
            except KafkaException as error:
                note(error.args[0], None)
                return True
        return False

    def _wait(self) -> None:
        longest = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(self._failures, 10))
        self._failures += 1
        until = self._clock.monotonic() + longest * (1 - self._chance() / 2)
        while not self._stopped() and (left := until - self._clock.monotonic()) > 0:
            self._clock.sleep(min(left, 0.1))

    def _say_failing(self, error: KafkaError) -> None:
        now = self._clock.monotonic()
        if now - self._told.get(error.name(), -SAY_AGAIN) >= SAY_AGAIN:
            self._told[error.name()] = now
            reason = f"{error.name()}: {error.str()}"
            self._listener.notice("interactions_unwritten", topic=self._topic, reason=reason)

    def _new_producer(self) -> Producer:
        if self._logger is None:
            return self._client(dict(self._properties))
        return self._client(dict(self._properties), logger=self._logger)


_UNANSWERED: Final = KafkaError(KafkaError._MSG_TIMED_OUT)


def _note(
    answers: dict[int, KafkaError | None],
    written: list[tuple[int, int]],
    number: int,
    error: KafkaError | None,
    record: Delivered | None = None,
) -> None:
    answers[number] = error
    if error is None and record is not None:
        partition, offset = record.partition(), record.offset()
        if partition is not None and offset is not None and offset >= 0:
            written.append((partition, offset))
