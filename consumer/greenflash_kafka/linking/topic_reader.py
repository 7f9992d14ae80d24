"""The reader of conversation topics: a part each turn of the loop, into the table, as far as messages need it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Final

from greenflash_kafka.linking.activity_intake import ActivityIntake
from greenflash_kafka.linking.batch_writer import BatchWriter
from greenflash_kafka.linking.decision import ALWAYS
from greenflash_kafka.linking.intake import Intake, ReadPartition
from greenflash_kafka.linking.partition_set import PartitionSet
from greenflash_kafka.linking.reader_settings import ReaderSettings
from greenflash_kafka.linking.source_horizons import LoggedSource, SourceHorizons
from greenflash_kafka.linking.table import ActivityTable, TableBroken, TableFailed
from greenflash_kafka.linking.trouble import Trouble
from greenflash_kafka.model.activities import Activities
from greenflash_kafka.model.conversations import ConversationSource
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.ports import Clock, ConversationLog, Listener, TopicPartition

TURN_SECONDS: Final = 0.005
TURN_RECORDS: Final = 500
_PORTION: Final = 100

_WANTED_SECONDS: Final = 0.05
"""How long rows wait for others at most if a message waits for them."""

_BEHIND: Final = 100
"""So many records behind one that can't be evaluated yet are looked at, once a second."""

_LONGEST_SECONDS: Final = 10.0
_RETRY_SECONDS: Final = 1.0


class LogReader:
    """`ports.ConversationReader`. `sources_of` gives the names of the sources that a topic tells; `intake` makes rows
    of records; `released` is called once it is closed."""

    reads: ClassVar[str] = "conversations"
    """What the topics tell, in words."""

    def __init__(
        self,
        log: ConversationLog,
        table: ActivityTable,
        conversations: SourceHorizons,
        sources: Sequence[LoggedSource],
        sources_of: Callable[[str], Iterable[str]],
        intake: Intake[Any],
        clock: Clock,
        listener: Listener,
        settings: ReaderSettings,
        released: Callable[[], None] = lambda: None,
    ) -> None:
        self._log = log
        self._released = released
        self._table = table
        self._conversations = conversations
        self._names = tuple(each.name for each in sources)
        self._delay = max((each.max_delay_ms for each in sources), default=0)
        self._clock = clock
        self._listener = listener
        self._settings = settings
        self._intake = intake
        self._writer = BatchWriter(table, settings.portion)
        self._trouble = Trouble(conversations, clock, listener)
        self._furthest = ALWAYS
        self._retry_at = self._look_behind_at = 0.0
        if table.emptied:
            self._trouble.rebuilt(table.emptied)
        self._partitions = PartitionSet(
            log, table, conversations, self._names, sources_of, clock, self._trouble, settings, self._forget
        )
        self._progress = self._partitions.progress

    def _forget(self) -> None:
        self._written = self._looked = 0.0
        self._more = False
        self._intake.rows = []
        self._writer.forget()

    # --- ports.ConversationReader ------------------------------------------------------------------------------------

    def turn(self) -> None:
        """See `ports.ConversationReader`. Never raises for what the table or the brokers do."""
        now = self._clock.monotonic()
        if now < self._retry_at:
            return
        failed, self._conversations.failed = self._conversations.failed, None
        try:
            if failed is not None:
                raise failed
            self._turn(now)
            self._trouble.table_works()
        except TableBroken as error:
            self._partitions.throw_away(str(error))
        except TableFailed as error:
            self._trouble.table_fails(str(error))
            self._retry_at = now + _RETRY_SECONDS

    @property
    def wait(self) -> float:
        """See `ports.ConversationReader`."""
        now = self._clock.monotonic()
        if now < self._retry_at:
            return self._retry_at - now
        if (self._more and self._partitions.reading) or self._writes:
            return 0.0
        return self._partitions.wait(now)

    def progress(self, oldest: int, furthest: int) -> None:
        """See `ports.ConversationReader`."""
        self._furthest = max(self._furthest, furthest)
        self._partitions.needs(oldest)

    def report(self) -> None:
        """See `ports.ConversationReader`."""
        self._intake.report()
        now = self._clock.now()
        for source in self._names:
            frontier = self._conversations.frontiers.get(source, ALWAYS)
            behind = now - frontier / 1000 if frontier > ALWAYS // 2 else float("nan")
            self._listener.gauge("conversation_behind_seconds", behind, (source,))
        try:
            size = float(self._table.bytes)
        except TableFailed:
            size = float("nan")
        self._listener.gauge("conversation_points", self._table.points)
        self._listener.gauge("conversation_bytes", size)
        self._trouble.report(self._partitions.words())

    @property
    def stalled(self) -> str:
        """See `ports.ConversationReader`."""
        return f"{self.reads}: {self._trouble.stalled}" if self._trouble.stalled else ""

    def close(self) -> None:
        """See `ports.ConversationReader`."""
        try:
            if self._partitions.reading and not self._partitions.renew:
                self._finish_batch()
                self._begin_batch()
                self._finish_batch()
        except TableFailed:
            pass
        self._table.close()
        self._log.close()
        self._released()

    # --- one turn ----------------------------------------------------------------------------------------------------

    @property
    def _writes(self) -> bool:
        """True if a batch isn't committed yet."""
        return self._writer.partitions is not None

    def _turn(self, now: float) -> None:
        writes = self._writes
        if not self._partitions.turn(now, writing=writes):
            return
        end = now + TURN_SECONDS
        if not writes:
            self._take(end)
            self._progress.mark_positions()
            self._flush_if_due(now)
        if self._writes and (writes or self._clock.monotonic() < end):
            self._write(lambda: self._clock.monotonic() < end)
        if not self._writes and self._partitions.reading:
            self._partitions.expire(now)

    # --- reading -----------------------------------------------------------------------------------------------------

    def _take(self, end: float) -> None:
        intake, parts, changed = self._intake, self._progress.parts, self._progress.changed
        intake.begin()
        taken = self._retry_held()
        self._more = len(intake.rows) >= self._settings.batch
        while taken < TURN_RECORDS and len(intake.rows) < self._settings.batch:
            messages = self._log.take(_PORTION)
            taken += len(messages)
            key: TopicPartition = ("", -1)
            part: ReadPartition | None = None
            for message in messages:
                if message.partition != key[1] or message.topic != key[0]:
                    key = message.topic, message.partition
                    part = parts.get(key)
                    if part is not None:
                        changed.add(key)
                if part is None or message.offset < part.next:
                    continue
                if part.held or not intake.add(part, message):
                    self._hold(key, part, message)
            self._more = len(messages) == _PORTION
            self._pause_ahead()
            if not self._more or self._clock.monotonic() >= end:
                break
        if taken:
            self._progress.note_taken()

    def _hold(self, key: TopicPartition, part: ReadPartition, message: Message) -> None:
        if not part.held:
            self._log.pause([key])
        if not part.held or message.offset > part.held[-1].offset:
            part.held.append(message)

    def _retry_held(self) -> int:
        """Take what was held, as far as it can be evaluated now; the number of records."""
        taken, looked = 0, False
        for key, part in self._progress.parts.items():
            if part.held:
                while part.held and self._intake.add(part, part.held[0]):
                    part.held.pop(0)
                    taken += 1
                    self._progress.changed.add(key)
                if part.held and self._clock.monotonic() >= self._look_behind_at:
                    looked = True
                    self._intake.look(part.held[1:_BEHIND])
                if not part.held and not part.paused:
                    self._log.resume([key])
        if looked:
            self._look_behind_at = self._clock.monotonic() + 1.0
        return taken

    def _pause_ahead(self) -> None:
        """Read at most an hour further than messages may ask for soon, so that a backfill holds days, not months."""
        furthest = max(self._furthest, self._conversations.furthest)
        if furthest == ALWAYS:
            furthest = int(self._clock.now() * 1000)
        limit = furthest + self._delay + self._settings.ahead
        for key, part in self._progress.parts.items():
            if not part.paused:
                # What compaction took is replaced by what may stand anywhere behind it.
                if not part.gap and part.clock > limit and key in self._progress.changed:
                    part.paused = True
                    self._log.pause([key])
            elif part.clock <= limit - self._settings.ahead // 2:
                part.paused = False
                if not part.held:
                    self._log.resume([key])

    # --- writing -----------------------------------------------------------------------------------------------------

    def _flush_if_due(self, now: float) -> None:
        rows = len(self._intake.rows)
        age = now - self._written
        if not rows:
            if self._progress.unpublished:
                self._progress.keep_seen()
            if not self._progress.changed or age < _LONGEST_SECONDS:
                return
        due = rows >= self._settings.batch or age >= _LONGEST_SECONDS or (age >= 1.0 and not self._more)
        if not due and self._conversations.wanted and now >= self._looked + _WANTED_SECONDS / 2:
            self._looked = now
            enough = age >= _WANTED_SECONDS or not self._more
            due = enough and self._progress.would_help()
        if due:
            self._begin_batch()
            self._written = now

    def _begin_batch(self) -> None:
        rows, self._intake.rows = self._intake.rows, []
        self._writer.begin(rows, self._progress.take_changed())

    def _finish_batch(self) -> None:
        while not self._writer.step(lambda: True):
            pass

    def _write(self, in_time: Callable[[], bool]) -> None:
        written = self._writer.partitions
        if written is not None and self._writer.step(in_time):
            self._progress.keep(written)


class ConversationTopicReader(LogReader):
    """The reader of conversation topics; `activities` is what a record gives."""

    def __init__(
        self,
        log: ConversationLog,
        table: ActivityTable,
        conversations: SourceHorizons,
        sources: Sequence[ConversationSource],
        sources_of: Callable[[str], Iterable[str]],
        activities: Callable[[Message], Activities | NotYet],
        clock: Clock,
        listener: Listener,
        settings: ReaderSettings,
        released: Callable[[], None] = lambda: None,
    ) -> None:
        intake = ActivityIntake(sources, table, activities, conversations, clock, listener, settings.early)
        super().__init__(log, table, conversations, sources, sources_of, intake, clock, listener, settings, released)
