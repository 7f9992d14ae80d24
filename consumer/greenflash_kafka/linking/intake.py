"""Records of conversation topics turned into rows of the table, partition by partition, in the order of the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from greenflash_kafka.histogram import DELIVERY_BUCKETS, Histogram
from greenflash_kafka.linking.decision import ALWAYS
from greenflash_kafka.linking.logged import LoggedConversations
from greenflash_kafka.linking.table import TIME_LIMIT, ActivityTable, Stored, StoredPartition, storable
from greenflash_kafka.model.activities import NO_ACTIVITIES, Activities
from greenflash_kafka.model.conversations import DAY_MS, MINUTE_MS, ConversationSource
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.ports import Clock, Listener

AHEAD_MS: Final = 3_600_000
"""Milliseconds before our clock from which on a record's timestamp isn't believed: one broken producer would hide what
others write after it."""

_TELL_SECONDS: Final = 60.0


class ReadPartition(msgspec.Struct):
    """A partition that is read: the next offset, the largest stamp so far, and the time by the log from which on
    nothing is missing (`since`; while `provisional`, the first record may say better). `held`: records from the first
    one on that can't be evaluated yet."""

    topic_id: str
    next: int
    clock: int = ALWAYS
    since: int = ALWAYS
    provisional: bool = False
    paused: bool = False
    held: list[Message] = []

    def stored(self) -> StoredPartition:
        """What the table keeps of it."""
        return StoredPartition(self.topic_id, self.next, self.clock, self.since)


class Intake:
    """Makes rows of records, and counts what is wrong with these."""

    def __init__(
        self,
        sources: Sequence[ConversationSource],
        table: ActivityTable,
        activities: Callable[[Message], Activities | NotYet],
        conversations: LoggedConversations,
        clock: Clock,
        listener: Listener,
    ) -> None:
        self._activities = activities
        self._conversations = conversations
        self._clock = clock
        self._listener = listener
        self._hashers = {(each.name, name): table.hasher(each.name, name) for each in sources for name in each.keys}
        self._delays = {each.name: Histogram(DELIVERY_BUCKETS) for each in sources}
        self._told: dict[str, float] = {}
        self._believed = 0
        self.rows: list[Stored] = []
        """The rows that aren't in the table yet."""

    def begin(self) -> None:
        """Begin a portion: the clock is asked once."""
        self._believed = int(self._clock.now() * 1000) + AHEAD_MS

    def add(self, partition: ReadPartition, message: Message) -> bool:
        """Take a record; False if it can't be evaluated yet, and then nothing has changed."""
        found = self._activities(message)
        if type(found) is NotYet:
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
        if found is not NO_ACTIVITIES:
            self._keep(found, message, logged)
        return True

    def _keep(self, activities: Activities, message: Message, logged: int) -> None:
        """Make rows. A reader that begins later wouldn't see what is told more than a day before it happens, so that no
        reader takes it."""
        hashers, rows = self._hashers, self.rows
        frontiers = self._conversations.frontiers
        furthest = message.timestamp_ms + DAY_MS if message.timestamp_type != "none" else TIME_LIMIT
        for each in activities.found:
            conversation, at, source = each.conversation, each.at, each.rule
            if not storable(conversation, at):
                self._problem(source, "not-allowed", message)
                continue
            if at > furthest:
                self._problem(source, "bad-time", message)
                continue
            if logged <= frontiers.get(source, ALWAYS):
                self._listener.count("conversation_late", 1, (source,))
            self._delays[source].add(max(0, logged - at) / 1000)
            minute = at // MINUTE_MS
            for key in each.keys:
                hashed = hashers.get((source, key[0]))
                if hashed is not None:
                    rows.append((hashed(key[1]), minute, conversation, at, logged))
        for problem in activities.problems:
            self._problem(problem.rule or "", problem.code, message)

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
        """Pass on how late activities were logged."""
        for source, histogram in self._delays.items():
            if any(histogram.counts):
                counts, total = histogram.take()
                self._listener.observe("conversation_delay_seconds", counts, total, (source,))


def _where(message: Message) -> dict[str, str | int]:
    return {"topic": message.topic, "partition": message.partition, "offset": message.offset}
