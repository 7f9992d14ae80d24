"""Records of topics turned into rows of a table, partition by partition, in the order of the log."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Final, Generic, TypeVar

import msgspec

from greenflash_kafka.linking.decision import ALWAYS
from greenflash_kafka.linking.source_horizons import SourceHorizons
from greenflash_kafka.linking.table import StoredPartition
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet, words
from greenflash_kafka.ports import Clock, Listener

AHEAD_MS: Final = 3_600_000
"""Milliseconds before our clock from which on a record's timestamp isn't believed: one broken producer would hide what
others write after it."""

_TELL_SECONDS: Final = 60.0


class ReadPartition(msgspec.Struct):
    """A partition that is read: the next offset, the largest stamp so far, and the time by the log from which on
    nothing is missing (`since`; while `provisional`, the first record may say better). `held`: records from the first
    one on that can't be evaluated yet, because of `waits`, in words. `seen`: the offset after the last record; what
    lies between it and the next one was deleted, or is no record; `gap`: there are such offsets, and they may have been
    replaced."""

    topic_id: str
    next: int
    clock: int = ALWAYS
    since: int = ALWAYS
    provisional: bool = False
    paused: bool = False
    held: list[Message] = []
    waits: str = ""
    seen: int = 0
    gap: bool = False

    def stored(self) -> StoredPartition:
        """What the table keeps of it."""
        return StoredPartition(self.topic_id, self.next, self.clock, self.since)


Found = TypeVar("Found")
"""What a record gives: activities, or rows."""


class Intake(Generic[Found]):
    """Makes rows of records, and counts what is wrong with these. `nothing` is what most records may give."""

    nothing: ClassVar[object] = None

    def __init__(
        self,
        read: Callable[[Message], Found | NotYet],
        horizons: SourceHorizons,
        clock: Clock,
        listener: Listener,
    ) -> None:
        self._read = read
        self._horizons = horizons
        self._clock = clock
        self._listener = listener
        self._told: dict[str, float] = {}
        self._believed = 0
        self.rows: list[Any] = []
        """The rows that aren't in the table yet."""

    def begin(self) -> None:
        """Begin a portion: the clock is asked once."""
        self._believed = int(self._clock.now() * 1000) + AHEAD_MS

    def add(self, partition: ReadPartition, message: Message) -> bool:
        """Take a record; False if it can't be evaluated yet, and then nothing has changed."""
        found = self._read(message)
        if isinstance(found, NotYet):
            partition.waits = words(found.want)
            return False
        stamp = message.timestamp_ms
        logged = partition.clock
        if stamp > logged and message.timestamp_type != "none":
            logged = stamp
            if stamp <= self._believed:
                partition.clock = stamp
            else:
                if self._due("stamped_ahead"):
                    self._listener.notice(
                        "conversations_stamped_ahead", **_where(message), text=f"the timestamp is {stamp}"
                    )
        if partition.provisional:
            partition.provisional = False
            partition.since = min(partition.since, logged)
        partition.next = message.offset + 1
        if found is not self.nothing:
            self._keep(found, message, logged)
        return True

    def look(self, messages: Iterable[Message]) -> None:
        """Have what these wait for asked for, though nobody takes them yet: one of them may show what is wrong with the
        record before them (see `FramedBodies.needless`)."""
        for message in messages:
            self._read(message)

    def _keep(self, found: Found, message: Message, logged: int) -> None:
        """Make rows of what a record gives. Raises TableFailed."""
        raise NotImplementedError

    def _problem(self, source: str, code: str, message: Message) -> None:
        self._listener.count("conversation_problems", 1, (source, code))
        if self._due("record_invalid"):
            text = f"{source or 'message'}: {code}"
            self._listener.notice("conversation_record_invalid", **_where(message), text=text)

    def _due(self, kind: str) -> bool:
        """Tell whether a notice of this kind about a record may be given: once a minute."""
        now = self._clock.monotonic()
        if now < self._told.get(kind, now):
            return False
        self._told[kind] = now + _TELL_SECONDS
        return True

    def report(self) -> None:
        """Pass on what was measured."""


def _where(message: Message) -> dict[str, str | int]:
    return {"topic": message.topic, "partition": message.partition, "offset": message.offset}
