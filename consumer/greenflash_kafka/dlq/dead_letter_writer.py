"""The writer of dead letters to a Kafka topic: confirmed, retried without limit, never dropped.

One thread calls all of it. librdkafka's callbacks only note what happened; `poll` acts on it afterwards.
"""

from __future__ import annotations

import contextlib
import logging
import random
import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka import Message as Delivered

from greenflash_kafka.dlq.letter_record import FORMS, DeadLetterOrigin, encode
from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import DeadLetter, Listener

FIRST_WAIT: Final = 0.5
LONGEST_WAIT: Final = 30.0
"""Longest delay between two attempts, in seconds: doubled from the first on, less up to half of it at random."""

SAY_AGAIN: Final = 60.0
"""Seconds before the same failure is reported again."""

_TOO_LARGE: Final = (KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.RECORD_LIST_TOO_LARGE)
_HANDED_BACK: Final = (KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT)


class _Pending:
    __slots__ = ("dead_letter", "due", "failures", "form", "origin", "settled")

    def __init__(
        self, dead_letter: DeadLetter, origin: DeadLetterOrigin, settled: Callable[[str | None], None]
    ) -> None:
        self.dead_letter = dead_letter
        self.origin = origin
        self.settled = settled
        self.form = 0
        self.failures = 0
        self.due = 0.0


class KafkaDeadLetters:
    """`ports.DeadLetterQueue` on a producer made of `properties.producer(...)`.

    `origin` says of a message what its headers can't know. A record that the topic refuses for its size is written
    again without its value, then without all but its coordinates. Any other failure, whatever it is (broker down,
    topic deleted, no permission), is tried again for as long as it lasts; the commit waits meanwhile.
    """

    def __init__(
        self,
        properties: Mapping[str, str],
        topic: str,
        origin: Callable[[Message], DeadLetterOrigin],
        listener: Listener,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
        logger: logging.Logger | None = None,
        client: Callable[..., Producer] = Producer,
    ) -> None:
        self._properties = dict(properties)
        self._topic = topic
        self._origin = origin
        self._listener = listener
        self._monotonic = monotonic
        self._chance = chance
        self._logger = logger
        self._client = client
        self._producer = self._new_producer()
        self._retired: list[Producer] = []
        self._answers: deque[tuple[_Pending, KafkaError | None]] = deque()
        self._waiting: list[_Pending] = []
        self._open = 0
        self._failing = 0
        """Those unconfirmed that have failed at least once."""
        self._told: dict[str, float] = {}
        # A record beyond half of the producer's memory might never find room in it.
        self._largest = int(self._properties.get("queue.buffering.max.kbytes", 65536)) * 1024 // 2

    @property
    def unconfirmed(self) -> int:
        """Dead letters that were given to `write` and aren't confirmed yet."""
        return self._open

    def write(self, dead_letter: DeadLetter, settled: Callable[[str | None], None]) -> None:
        """See `ports.DeadLetterQueue.write`; `settled` is only ever called from within `poll` and `close`."""
        self._open += 1
        self._send(_Pending(dead_letter, self._origin(dead_letter.message), settled))

    def poll(self) -> None:
        """Process confirmations and start retries that are due, without waiting."""
        self._serve(0)
        if self._waiting:
            now = self._monotonic()
            due = [pending for pending in self._waiting if pending.due <= now]
            if due:
                self._waiting = [pending for pending in self._waiting if pending.due > now]
                for pending in due:
                    self._send(pending)

    def list_topics(self, timeout: float) -> object:
        """The client's list of all topics, for `lost_clients.answered`. Raises KafkaException."""
        return self._producer.list_topics(timeout=timeout)

    def close(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds for pending writes; False when some of them aren't confirmed."""
        until = self._monotonic() + timeout
        for pending in self._waiting:
            pending.due = 0.0
        while self._open and self._monotonic() < until:
            self._serve(0.05)
            self.poll()
        return not self._open

    def _new_producer(self) -> Producer:
        if self._logger is None:
            return self._client(dict(self._properties))
        return self._client(dict(self._properties), logger=self._logger)

    def _send(self, pending: _Pending) -> None:
        record = encode(pending.dead_letter, pending.origin, FORMS[pending.form])
        while record.size > self._largest and pending.form + 1 < len(FORMS):
            self._shrink(pending)
            record = encode(pending.dead_letter, pending.origin, FORMS[pending.form])
        try:
            self._producer.produce(
                self._topic,
                value=record.value,
                key=record.key,
                headers=list(record.headers),
                on_delivery=partial(self._note, pending),
            )
        except BufferError:
            # The producer is full of other dead letters: no failure, it is offered again at the next poll.
            pending.due = 0.0
            self._waiting.append(pending)
        except KafkaException as error:
            self._answers.append((pending, error.args[0]))

    def _note(self, pending: _Pending, error: KafkaError | None, _: Delivered) -> None:
        self._answers.append((pending, error))

    def _serve(self, seconds: float) -> None:
        try:
            self._producer.poll(seconds)
        except KafkaException as failure:
            # Only fatal errors of the client itself come this way.
            self._replace(failure.args[0])
        if self._retired:
            self._serve_retired()
        while self._answers:
            pending, error = self._answers.popleft()
            if error is None:
                self._confirmed(pending)
            elif error.code() in _TOO_LARGE and pending.form + 1 < len(FORMS):
                self._shrink(pending)
                self._send(pending)
            else:
                self._failed(pending, error)

    def _confirmed(self, pending: _Pending) -> None:
        self._open -= 1
        if pending.failures:
            self._failing -= 1
        if self._told and not self._failing:
            self._told.clear()
            self._listener.notice("dead_letters_working", topic=self._topic)
        self._written(pending.dead_letter)
        pending.settled(None)

    def _written(self, dead_letter: DeadLetter) -> None:
        message = dead_letter.message
        self._listener.count("dead_letters", 1, (message.topic, dead_letter.rule, dead_letter.code))
        self._listener.notice(
            "dead_letter_written",
            topic=message.topic,
            partition=message.partition,
            offset=message.offset,
            rule=dead_letter.rule or None,
            field=dead_letter.field or None,
            code=dead_letter.code,
        )

    def _failed(self, pending: _Pending, error: KafkaError) -> None:
        longest = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(pending.failures, 10))
        if not pending.failures:
            self._failing += 1
        pending.failures += 1
        pending.due = self._monotonic() + longest * (1 - self._chance() / 2)
        self._waiting.append(pending)
        self._listener.count("dead_letter_write_failures", labels=(error.name(),))
        if error.code() not in _HANDED_BACK:
            self._say_failing(error)
        pending.settled(f"{error.name()}: {error.str()}")

    def _replace(self, error: KafkaError) -> None:
        """Replace the producer after a fatal error: its pending records go to a new one."""
        self._say_failing(error)
        self._producer.purge()
        self._retired.append(self._producer)
        self._producer = self._new_producer()

    def _serve_retired(self) -> None:
        for producer in self._retired:
            with contextlib.suppress(KafkaException):
                producer.poll(0)
        self._retired = [producer for producer in self._retired if len(producer)]

    def _say_failing(self, error: KafkaError) -> None:
        now = self._monotonic()
        if now - self._told.get(error.name(), -SAY_AGAIN) >= SAY_AGAIN:
            self._told[error.name()] = now
            reason = f"{error.name()}: {error.str()}"
            self._listener.notice("dead_letters_failing", topic=self._topic, reason=reason, waiting=self._open)

    def _shrink(self, pending: _Pending) -> None:
        pending.form += 1
        message = pending.dead_letter.message
        self._listener.count("dead_letters_by_reference")
        self._listener.notice(
            "dead_letter_by_reference",
            topic=message.topic,
            partition=message.partition,
            offset=message.offset,
            value_bytes=len(message.value or b""),
            form=FORMS[pending.form],
        )
