"""Conversation topics, read whole: `ports.ConversationLog` on confluent-kafka."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from threading import Thread
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import Listener, LogEnds
from greenflash_kafka.ports import TopicPartition as Partition
from greenflash_kafka.source.client_errors import UNREADABLE, notice_of
from greenflash_kafka.source.log_questions import EndsQuestion, LogCluster, StartsQuestion
from greenflash_kafka.source.records import message_of
from greenflash_kafka.source.subscription import Subscription

CLOSE_SECONDS: Final = 2.0
"""So long `close` waits for the client."""

AGAIN_SECONDS: Final = 30.0
"""Seconds after which the same error of a partition is reported again; the client repeats it every half second."""

_LISTED_PER_SECOND: Final = 500
"""Topics of the cluster that may be listed in a second, on the average: a listing of 1,000 topics with 10 partitions
each keeps the interpreter busy for some 25 ms."""

_LONGEST_SECONDS: Final = 8.0

_TOLD_BY_THE_SOURCE: Final = (KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT)
_SEEN_IN_THE_ENDS: Final = (
    KafkaError._AUTO_OFFSET_RESET,
    KafkaError.OFFSET_OUT_OF_RANGE,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError.UNKNOWN_TOPIC_ID,
    KafkaError._UNKNOWN_TOPIC,
    KafkaError._UNKNOWN_PARTITION,
)
"""Errors of partitions that are gone, or were cut: the next answer about the ends shows it."""


class KafkaConversationLog:
    """A consumer without membership, and the admin client's questions; no call waits for a broker.

    `client` makes the consumer; `now` gives seconds since 1970; `what` the topics tell goes into reports of errors.
    """

    def __init__(
        self,
        properties: Mapping[str, str],
        subscription: Subscription,
        cluster: LogCluster,
        listener: Listener,
        logger: logging.Logger | None = None,
        what: str = "conversations",
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        client: Callable[..., Consumer] = Consumer,
    ) -> None:
        settings: dict[str, Any] = {**properties, "error_cb": self._on_error}
        self._make: Callable[[], Consumer] = lambda: (
            client(settings) if logger is None else client(settings, logger=logger)
        )
        self._consumer = self._make()
        self._subscription = subscription
        self._what = what
        self._cluster = cluster
        self._listener = listener
        self._now = now
        self._monotonic = monotonic
        self._starts: dict[Partition, int] = {}
        # What this client may take for the position of a partition, now or when it is assigned again.
        self._reached: dict[Partition, int] = {}
        self._paused: set[Partition] = set()
        self._ends: EndsQuestion | None = None
        self._wanted = False
        self._list_again = 0.0
        self._asked_starts: StartsQuestion | None = None
        self._said: dict[tuple[str, Partition], float] = {}

    # --- questions -------------------------------------------------------------------------------------------------

    def ask_ends(self) -> None:
        """See `ports.ConversationLog`. In a cluster of many topics those that match patterns are listed less often."""
        self._wanted = True
        self._begin_if_due()

    def ends(self) -> LogEnds | None:
        """See `ports.ConversationLog`."""
        self._begin_if_due()
        question = self._ends
        answer = None if question is None else question.answer()
        if question is not None and answer is not None:
            self._ends = None
            self._list_again = self._monotonic() + min(_LONGEST_SECONDS, question.listed / _LISTED_PER_SECOND)
        return answer

    def _begin_if_due(self) -> None:
        if self._wanted and self._monotonic() >= self._list_again:
            self._wanted = False
            self._ends = EndsQuestion(self._subscription, self._cluster, int(self._now() * 1000))

    def ask_starts(self, partitions: Iterable[Partition], since: int) -> None:
        """See `ports.ConversationLog`."""
        self._asked_starts = StartsQuestion(self._cluster, partitions, since)

    def starts(self) -> Mapping[Partition, int] | None:
        """See `ports.ConversationLog`."""
        answer = None if self._asked_starts is None else self._asked_starts.answer()
        if answer is not None:
            self._asked_starts = None
        return answer

    # --- reading ---------------------------------------------------------------------------------------------------

    def assign(self, positions: Mapping[Partition, int]) -> None:
        """See `ports.ConversationLog`. None of them is paused afterwards."""
        self._reached |= {each: self.position(each) or 0 for each in self._starts}
        if any(offset < self._reached.get(each, 0) for each, offset in positions.items()):
            # For a while after it is assigned further back, a partition has its earlier position in the client.
            self._leave(self._consumer)
            self._consumer = self._make()
            self._reached.clear()
        elif self._paused:
            self._consumer.resume([TopicPartition(*each) for each in self._paused])
        self._paused.clear()
        self._starts = dict(positions)
        self._consumer.assign([TopicPartition(*each, offset) for each, offset in positions.items()])

    def take(self, limit: int) -> list[Message]:
        """See `ports.ConversationLog`."""
        try:
            fetched = self._consumer.consume(limit, 0)
        except KafkaException as error:
            self._tell(error.args[0], "", ("", 0))
            return []
        messages = []
        for each in fetched:
            fault = each.error()
            if fault is None:
                messages.append(message_of(each))
            else:
                self._tell(fault, f"offset {each.offset()}", (each.topic() or "", each.partition() or 0))
        return messages

    def position(self, partition: Partition) -> int | None:
        """See `ports.ConversationLog`."""
        start = self._starts.get(partition)
        if start is None:
            return None
        offset: int = self._consumer.position([TopicPartition(*partition)])[0].offset
        return max(offset, start)

    def pause(self, partitions: Iterable[Partition]) -> None:
        """See `ports.ConversationLog`. What was fetched of them before comes again once they are resumed."""
        wanted = [each for each in partitions if each in self._starts and each not in self._paused]
        if wanted:
            self._paused.update(wanted)
            self._consumer.pause([TopicPartition(*each) for each in wanted])

    def resume(self, partitions: Iterable[Partition]) -> None:
        """See `ports.ConversationLog`."""
        wanted = [each for each in partitions if each in self._paused]
        if not wanted:
            return
        idle = len(self._paused) == len(self._starts)
        self._paused.difference_update(wanted)
        self._consumer.resume([TopicPartition(*each) for each in wanted])
        if idle:
            # With nothing to fetch the client's thread sleeps for up to a second. A seek wakes it, a resume doesn't.
            # The client doesn't know its position then until the next message, and there may be none.
            at = self._starts[wanted[0]] = self.position(wanted[0]) or 0
            with suppress(KafkaException):
                self._consumer.seek(TopicPartition(*wanted[0], at))

    def list_topics(self, timeout: float) -> object:
        """The client's list of all topics, for `lost_clients.answered`. Raises KafkaException."""
        return self._consumer.list_topics(timeout=timeout)

    def close(self) -> None:
        """See `ports.ConversationLog`. A client that a silent broker holds is left behind."""
        self._leave(self._consumer).join(CLOSE_SECONDS)

    @staticmethod
    def _leave(consumer: Consumer) -> Thread:
        closing = Thread(target=consumer.close, name="conversations-close", daemon=True)
        closing.start()
        return closing

    # --- errors ----------------------------------------------------------------------------------------------------

    def _on_error(self, error: KafkaError) -> None:
        # Called inside `consume`, which must not raise.
        self._tell(error, "", ("", 0))

    def _tell(self, error: KafkaError, where: str, partition: Partition) -> None:
        """Report an error of the client, or of a partition; those that the source reports, or the ends show, are not
        repeated here."""
        code, now = error.code(), self._monotonic()
        if code in _TOLD_BY_THE_SOURCE or code in _SEEN_IN_THE_ENDS:
            return
        # A batch that can't be read may give several errors, with offsets that never were (see docs/faults.md, B10).
        known = (notice_of(error), partition) if code in UNREADABLE else (error.name(), partition)
        if now - self._said.get(known, now - AGAIN_SECONDS) < AGAIN_SECONDS:
            return
        self._said[known] = now
        facts: dict[str, object] = {"code": error.name(), "text": f"{self._what}: {error.str()} {where}".strip()}
        if partition[0]:
            facts |= {"topic": partition[0], "partition": partition[1]}
        self._listener.notice(notice_of(error), **facts)
