"""Writes chats and rows of tables: stamped as they say, and some in transactions, of which every third aborts."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Mapping

from confluent_kafka import KafkaError, Message, Producer

from greenflash_kafka.model.message import Message as Record
from tests.chaos.chats import CHATS, Chat
from tests.chaos.customers import CUSTOMERS

TRANSACTION_SECONDS = 1.5
"""A transaction is open for so long; what was written meanwhile behind it isn't read before."""

MARGIN_MS = 5_000
"""A record that comes to the log later after its stamp than this may be missed, as it is promised."""


class ChatWriter:
    """One thread calls all of it; `failures` are records that weren't confirmed."""

    def __init__(self, bootstrap_servers: str, topics: Mapping[str, str]) -> None:
        self._topics = topics
        settings: dict[str, str | int | float | bool] = {
            "bootstrap.servers": bootstrap_servers,
            "enable.idempotence": True,
            "linger.ms": 20,
            "log_level": 2,
        }
        self._plain = Producer(settings)
        self._within = Producer({**settings, "transactional.id": f"chaos-{uuid.uuid4().hex}"})
        self._within.init_transactions(60)
        self._open_until = 0.0
        self.failures: Counter[str] = Counter()
        self.written = self.transactions = self.aborted = self.too_late = 0
        self.latest_ms = 0
        """How long after its stamp a record was confirmed, at most; those that the broker stamps don't count."""
        self.customers: list[Record] = []
        """Every record of the customers' topic, in any order: compaction takes most of them."""

    def write(self, chat: Chat) -> None:
        """Write it now; in a transaction that is open, or begins with it."""
        stamp = int(time.time() * 1000) - chat.ago_ms
        producer = self._plain
        if chat.within:
            producer = self._within
            if not self._open_until:
                producer.begin_transaction()
                self.transactions += 1
                self._open_until = time.monotonic() + TRANSACTION_SECONDS

        def confirmed(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                self.failures[error.name()] += error.code() != KafkaError._PURGE_QUEUE
                return
            if chat.topic == CUSTOMERS:
                where = message.partition() or 0, message.offset() or 0
                self.customers.append(Record(chat.topic, *where, stamp, key=chat.key, value=chat.value))
            if chat.topic != CHATS:
                late = int(time.time() * 1000) - stamp
                self.latest_ms = max(self.latest_ms, late)
                self.too_late += late > MARGIN_MS

        while True:
            try:
                producer.produce(
                    self._topics[chat.topic],
                    chat.value,
                    chat.key,
                    partition=chat.partition,
                    timestamp=stamp,
                    on_delivery=confirmed,
                )
                break
            except BufferError:
                producer.poll(0.1)
        self.written += 1
        self.turn()

    def turn(self) -> None:
        """Serve confirmations, and end a transaction whose time is over."""
        self._plain.poll(0)
        self._within.poll(0)
        if self._open_until and time.monotonic() >= self._open_until:
            self._end()

    def _end(self) -> None:
        self._open_until = 0.0
        if self.transactions % 3 == 0:
            self._within.flush(60)
            self._within.abort_transaction(60)
            self.aborted += 1
        else:
            self._within.commit_transaction(60)

    def settle(self) -> None:
        """End what is open, and wait until everything is confirmed; raises RuntimeError when something wasn't."""
        if self._open_until:
            self._end()
        left = self._plain.flush(60)
        if left or +self.failures:
            raise RuntimeError(f"the chats weren't written: {left} not confirmed, failures {dict(self.failures)}")
