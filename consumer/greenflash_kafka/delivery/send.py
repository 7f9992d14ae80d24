"""One event on its way, its owner, and the queue of its partition."""

from __future__ import annotations

from collections import deque
from typing import Protocol

import msgspec

from greenflash_kafka.delivery.response_table import Verdict
from greenflash_kafka.model.event import Event
from greenflash_kafka.ports import TopicPartition


class Owner(Protocol):
    """The owner of a send: it is notified of the result, and may have lost the right to send."""

    @property
    def may_send(self) -> bool:
        """False once its partition is being revoked or the process drains."""
        ...

    @property
    def partition(self) -> TopicPartition:
        """The partition in whose turn it is sent."""
        ...

    @property
    def key(self) -> bytes | None:
        """The message's key: within a partition, what order is kept for if it is kept. None has no order."""
        ...

    @property
    def record_ms(self) -> int | None:
        """The record's timestamp, in milliseconds since 1970; None if it has none."""
        ...

    def settled(self, send: Send, verdict: Verdict) -> None:
        """The event was accepted, or refused for good."""
        ...

    def failed(self, send: Send, verdict: Verdict) -> None:
        """An attempt failed; the event will be sent again."""
        ...

    def abandoned(self, send: Send) -> None:
        """The event won't be sent by this process: the partition's next owner sends it under the same id."""
        ...


class RefusedLink(msgspec.Struct, frozen=True, gc=False):
    """An event that was refused with its link, as it was, and the code of the verdict."""

    event: Event
    code: str


class Send(msgspec.Struct, gc=False, eq=False):
    """One event on its way, from the first attempt to the last."""

    event: Event
    owner: Owner
    partition_queue: PartitionQueue
    attempts: int = 0
    last_code: str = ""
    same_answers: int = 0
    failing_since: float = 0.0
    accepted_then: int = 0
    accepted_at_pause: int = -1
    """Number of accepted events when this event's response last paused the delivery."""
    accepted_at_failure: int = -1
    """Number of accepted events when this event last failed as all events fail in an outage."""
    refused_link: RefusedLink | None = None
    """Set while the event is sent without its link, which the service may not know."""


class PartitionQueue:
    """The events of one partition: those that are ready, in order, and the number in flight or waiting."""

    __slots__ = ("in_flight", "partition", "ready", "waiting")

    def __init__(self, partition: TopicPartition) -> None:
        self.partition = partition
        self.ready: deque[Send] = deque()
        self.in_flight = 0
        self.waiting = 0
