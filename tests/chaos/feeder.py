"""Writes the traffic beside everything else, no faster than it is allowed to, and counts what must come of it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping

from confluent_kafka import KafkaError, Message, Producer

from tests.chaos.chat_writer import ChatWriter
from tests.chaos.chats import Chat
from tests.chaos.traffic import Meant


class Feeder(threading.Thread):
    """Messages go out while fewer than `allowed` have; whoever raises it sets the pace."""

    def __init__(self, bootstrap_servers: str, topics: Mapping[str, str], messages: Iterator[Meant | Chat]) -> None:
        super().__init__(name="chaos-feeder", daemon=True)
        # The times that messages carry lie in the future when the machine is slow: the topics' own rule allows an hour.
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap_servers,
                "enable.idempotence": True,
                "linger.ms": 20,
                "queue.buffering.max.messages": 1_000_000,
                "log_level": 2,
            }
        )
        self.chats = ChatWriter(bootstrap_servers, topics)
        self._topics = topics
        self._source = messages
        self.allowed = 0
        self.sent = 0
        self.values: dict[str, str] = {}
        """What must be stored: the value by identity."""
        self.repeated: set[str] = set()
        """Those that more than one message tells."""
        self.told = 0
        """Events, each as often as it is told."""
        self.filtered = 0
        self.broken: set[tuple[str, int, int]] = set()
        """Where the messages are that must become dead letters."""
        self.failures: Counter[str] = Counter()
        self._ending = threading.Event()
        self._holding, self._still = threading.Event(), threading.Event()

    def run(self) -> None:
        """Until `finish` is called."""
        while not self._ending.is_set():
            if self._holding.is_set() and not self._still.is_set():
                self.chats.settle()
                self._producer.flush(60)
                self._still.set()
            if self._holding.is_set() or self.sent >= self.allowed:
                self._producer.poll(0.02)
                self.chats.turn()
                continue
            message = next(self._source)
            if isinstance(message, Chat):
                self.chats.write(message)
            else:
                self._write(message)

    def stand_still(self) -> None:
        """Nothing is on its way any more when this returns, and nothing is written until `go_on`."""
        self._still.clear()
        self._holding.set()
        assert self._still.wait(120), "the traffic couldn't be confirmed"

    def go_on(self) -> None:
        """Write again."""
        self._holding.clear()

    def finish(self) -> None:
        """Stop, and wait until everything is confirmed; raises RuntimeError when something wasn't."""
        self._ending.set()
        self.join()
        self.chats.settle()
        left = self._producer.flush(60)
        if left or self.failures:
            raise RuntimeError(f"the traffic wasn't written: {left} not confirmed, failures {dict(self.failures)}")

    def _write(self, meant: Meant) -> None:
        message = meant.message
        for each, value in meant.events.items():
            if each in self.values:
                self.repeated.add(each)
            if self.values.setdefault(each, value) != value:
                raise AssertionError(f"the traffic tells {each} with two values")
        self.told += len(meant.events)
        self.filtered += not meant.events and not meant.broken
        while True:
            try:
                self._producer.produce(
                    self._topics[message.topic],
                    message.value,
                    message.key,
                    headers=list(message.headers),
                    timestamp=message.timestamp_ms,
                    on_delivery=self._broken if meant.broken else self._plain,
                )
                break
            except BufferError:
                self._producer.poll(0.1)
        self.sent += 1
        self._producer.poll(0)

    def _plain(self, error: KafkaError | None, _: Message) -> None:
        if error is not None:
            self.failures[error.name()] += 1

    def _broken(self, error: KafkaError | None, message: Message) -> None:
        self._plain(error, message)
        self.broken.add((message.topic() or "", message.partition() or 0, message.offset() or 0))
