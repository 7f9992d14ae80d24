"""Crash points of a process: every call over a boundary, so that crashes can be told apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.simulation.kafka.cluster import MemoryKafka
from tests.simulation.kafka.consumer import MemoryConsumer
from tests.simulation.kafka.producer import MemoryProducer

POINTS = (
    "source.ask.before",
    "source.ask.after",
    "source.consume.before",
    "source.consume.after",
    "source.store.before",
    "source.store.after",
    "source.commit.before",
    "source.commit.after",
    "source.on_commit.before",
    "source.close.before",
    "source.close.after",
    "transport.submit.before",
    "transport.submit.after",
    "transport.poll.before",
    "transport.poll.after",
    "dead_letters.produce.before",
    "dead_letters.produce.after",
    "dead_letters.poll.after",
)
"""`<port>.<call>.<before|after>`: all there are without linking."""

LINKING_POINTS = (
    "log.ask.before",
    "log.assign.before",
    "log.consume.before",
    "log.consume.after",
    "table.write.before",
    "table.write.after",
)
"""Those of linking."""

TABLE_POINTS = (*LINKING_POINTS, "rows.write.before", "rows.write.after")
"""Those of tables from topics, which are read as conversations are."""


class Process:
    """What a client knows of the process that it lives in."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.alive = True

    def point(self, name: str) -> None:
        """A call over a boundary: here the process may die."""
        assert name in POINTS or name in TABLE_POINTS, name

    def sought(self, key: tuple[str, int], offset: int) -> None:
        """A partition is to be read again from this offset on."""


class Consumer(MemoryConsumer):
    """The simulated consumer of a process that can die in each of its calls."""

    def __init__(self, process: Process, settings: Mapping[str, Any], cluster: MemoryKafka) -> None:
        listener = settings["on_commit"]

        def on_commit(*answer: Any) -> None:
            process.point("source.on_commit.before")
            listener(*answer)

        super().__init__({**settings, "on_commit": on_commit}, cluster)
        self._process = process
        self.given: set[tuple[str, int]] = set()
        """What was given to this process and not asked back: from there on it may start no request."""

    def subscribe(self, topics: Any, on_assign: Any = None, on_revoke: Any = None, on_lost: Any = None) -> None:
        def told(listener: Callable[..., None] | None, note: Callable[[set[tuple[str, int]]], None]) -> Any:
            def callback(client: Any, partitions: Any) -> None:
                note({(each.topic, each.partition) for each in partitions})
                if listener is not None:
                    listener(client, partitions)

            return callback

        given = self.given
        super().subscribe(
            topics,
            told(on_assign, given.update),
            told(on_revoke, given.difference_update),
            told(on_lost or on_revoke, given.difference_update),
        )

    def consume(self, num_messages: int = 1, timeout: float = -1) -> Any:
        self._process.point("source.consume.before")
        found = super().consume(num_messages, timeout)
        self._process.point("source.consume.after")
        return found

    def seek(self, partition: Any) -> None:
        super().seek(partition)
        self._process.sought((partition.topic, partition.partition), partition.offset)

    def committed(self, partitions: Any, timeout: float = 5.0) -> Any:
        self._process.point("source.ask.before")
        found = super().committed(partitions, timeout)
        self._process.point("source.ask.after")
        return found

    def store_offsets(self, message: object = None, offsets: Any = ()) -> None:
        self._process.point("source.store.before")
        super().store_offsets(message, offsets)
        self._process.point("source.store.after")

    def commit(self, message: object = None, offsets: Any = None, asynchronous: bool = True) -> None:
        self._process.point("source.commit.before")
        super().commit(message, offsets, asynchronous)
        self._process.point("source.commit.after")

    def close(self) -> None:
        self._process.point("source.close.before")
        super().close()
        self._process.point("source.close.after")


class LogConsumer(MemoryConsumer):
    """The simulated consumer of conversation topics, of a process that can die in each of its calls."""

    def __init__(self, process: Process, settings: Mapping[str, Any], cluster: MemoryKafka) -> None:
        super().__init__({**settings, "group.id": "-"}, cluster)
        self._process = process

    def assign(self, partitions: Any) -> None:
        self._process.point("log.assign.before")
        super().assign(partitions)

    def consume(self, num_messages: int = 1, timeout: float = -1) -> Any:
        self._process.point("log.consume.before")
        # It takes its time, though it doesn't wait.
        self._scheduler.wait(self._scheduler.now)
        found = super().consume(num_messages, timeout)
        if found:
            self._process.point("log.consume.after")
        return found


class Producer(MemoryProducer):
    """The simulated producer of dead letters, of a process that can die in each of its calls."""

    def __init__(self, process: Process, settings: Mapping[str, Any], cluster: MemoryKafka) -> None:
        super().__init__(settings, cluster)
        self._process = process

    def produce(self, *arguments: Any, **named: Any) -> None:
        self._process.point("dead_letters.produce.before")
        super().produce(*arguments, **named)
        self._process.point("dead_letters.produce.after")

    def poll(self, timeout: float = 0) -> int:
        served = super().poll(timeout)
        if served:
            self._process.point("dead_letters.poll.after")
        return served
