"""The reader of conversation topics: a part each turn of the loop, into the table, as far as messages need it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Literal

import msgspec

from greenflash_kafka.linking.batch_writer import BatchWriter
from greenflash_kafka.linking.decision import ALWAYS
from greenflash_kafka.linking.frontier import MARGIN_MS, Frontier, least
from greenflash_kafka.linking.intake import Intake, ReadPartition
from greenflash_kafka.linking.logged import DAY_MS, LoggedConversations
from greenflash_kafka.linking.sweeper import Sweeper
from greenflash_kafka.linking.table import ActivityTable, StoredPartition, TableBroken, TableFailed
from greenflash_kafka.linking.trouble import Trouble
from greenflash_kafka.model.activities import Activities
from greenflash_kafka.model.conversations import ConversationSource
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.ports import Clock, ConversationLog, Listener, LogEnds, TopicPartition

TURN_SECONDS: Final = 0.005
TURN_RECORDS: Final = 500
_PORTION: Final = 100

ASK_SECONDS: Final = 1.0
"""How often the brokers are asked which partitions there are, and where they end."""

_WANTED_SECONDS: Final = 0.05
"""How long rows wait for others at most if a message waits for them."""

_LONGEST_SECONDS: Final = 10.0
_RETRY_SECONDS: Final = 1.0
_PATIENCE_SECONDS: Final = 30.0
_GONE_SECONDS: Final = 60.0


class ReaderSettings(msgspec.Struct, frozen=True):
    """`lookback`: the longest of all links; `slack`: how much later than it happened an outcome may be recorded, with
    all of its history there; `spare`: how much earlier than the first message others may be without reading anew;
    `margin`: how much clocks may differ; `ahead`: how much further than messages need it
    topics are read; all in milliseconds. `batch`: rows that are written at once while many are read: sorted, so that
    many share their pages; `portion`: rows that are added without a look at the clock, about 2 ms."""

    lookback: int
    margin: int = MARGIN_MS
    slack: int = DAY_MS
    spare: int = 3_600_000
    ahead: int = 3_600_000
    batch: int = 30_000
    portion: int = 250


class ConversationTopicReader:
    """`ports.ConversationReader`. `sources_of` gives the names of the sources that a topic tells; `activities` what a
    record gives.

    It begins when a message asks for the first time (or after half a minute), a lookback and a day before that message.
    """

    def __init__(
        self,
        log: ConversationLog,
        table: ActivityTable,
        conversations: LoggedConversations,
        sources: Sequence[ConversationSource],
        sources_of: Callable[[str], Iterable[str]],
        activities: Callable[[Message], Activities | NotYet],
        clock: Clock,
        listener: Listener,
        settings: ReaderSettings,
    ) -> None:
        self._log = log
        self._table = table
        self._conversations = conversations
        self._names = tuple(each.name for each in sources)
        self._delay = max((each.max_delay_ms for each in sources), default=0)
        self._sources_of = sources_of
        self._clock = clock
        self._listener = listener
        self._settings = settings
        self._reach = settings.lookback + settings.slack
        self._spare = settings.spare
        self._intake = Intake(sources, table, activities, conversations, clock, listener)
        self._writer = BatchWriter(table, settings.portion)
        self._sweeper = Sweeper(table, settings.lookback + settings.slack + settings.spare, clock)
        self._trouble = Trouble(conversations, clock, listener)
        self._state: Literal["resting", "listing", "starting", "reading"] = "resting"
        self._floor = -ALWAYS
        self._needed: int | None = None
        self._oldest: int | None = None
        self._furthest = ALWAYS
        self._rest_until = clock.monotonic() + _PATIENCE_SECONDS
        self._retry_at = 0.0
        self._renew = ""
        self._asking = self._asking_starts = False
        self._former: dict[TopicPartition, str] = {}
        if table.emptied:
            self._trouble.rebuilt(table.emptied)
        self._start_over()

    def _start_over(self) -> None:
        """Forget all that was read."""
        self._parts: dict[TopicPartition, ReadPartition] = {}
        self._new: dict[TopicPartition, tuple[str, int]] = {}
        self._gone: dict[TopicPartition, float] = {}
        self._shrunk: set[TopicPartition] = set()
        self._before: dict[TopicPartition, int] = {}
        self._by_source: dict[str, list[TopicPartition]] = {}
        self._seen, self._kept = Frontier(self._settings.margin), Frontier(self._settings.margin)
        self._changed: set[TopicPartition] = set()
        self._progressed = False
        self._next_ask = self._written = self._looked = 0.0
        self._more = False
        self._failed = ""
        self._intake.rows = []
        self._writer.forget()

    # --- ports.ConversationReader ------------------------------------------------------------------------------------

    def turn(self) -> None:
        """See `ports.ConversationReader`. Never raises for what the table or the brokers do."""
        now = self._clock.monotonic()
        if now < self._retry_at:
            return
        try:
            self._turn(now)
            self._trouble.table_works()
        except TableBroken as error:
            self._throw_away(str(error))
        except TableFailed as error:
            self._trouble.table_fails(str(error))
            self._retry_at = now + _RETRY_SECONDS

    @property
    def wait(self) -> float:
        """See `ports.ConversationReader`."""
        now = self._clock.monotonic()
        if now < self._retry_at:
            return self._retry_at - now
        renews = self._renew and not self._asking_starts
        if renews or (self._more and self._state == "reading") or self._writer.partitions is not None:
            return 0.0
        if self._asking or self._asking_starts or self._conversations.wanted:
            return 0.02
        if self._state == "resting":
            return min(0.5, max(0.0, self._rest_until - now))
        return min(0.5, max(0.0, self._next_ask - now))

    def progress(self, oldest: int, furthest: int) -> None:
        """See `ports.ConversationReader`."""
        self._oldest, self._furthest = oldest, max(self._furthest, furthest)
        self._sweeper.oldest = oldest

    def report(self) -> None:
        """See `ports.ConversationReader`."""
        self._intake.report()
        now = self._clock.now()
        for source in self._names:
            frontier = self._conversations.frontiers.get(source, ALWAYS)
            behind = now - frontier / 1000 if frontier > ALWAYS // 2 else float("nan")
            self._listener.gauge("conversation_behind_seconds", behind, (source,))
        self._listener.gauge("conversation_points", self._table.points)
        try:
            self._listener.gauge("conversation_bytes", self._table.bytes)
        except TableFailed:
            self._listener.gauge("conversation_bytes", float("nan"))
        self._trouble.report(self._words() if self._state != "resting" else "")

    @property
    def stalled(self) -> str:
        """See `ports.ConversationReader`."""
        return self._trouble.stalled

    def close(self) -> None:
        """See `ports.ConversationReader`."""
        try:
            if self._state == "reading" and not self._renew:
                self._writer.step(lambda: True)
                self._begin_batch()
                self._writer.step(lambda: True)
        except TableFailed:
            pass
        self._table.close()
        self._log.close()

    # --- one turn ----------------------------------------------------------------------------------------------------

    def _turn(self, now: float) -> None:
        if self._asking_starts and self._writer.partitions is None and (starts := self._log.starts()) is not None:
            self._asking_starts = False
            if not self._renew:
                self._begin_partitions(starts)
        if self._renew and not self._asking_starts:
            self._table.renew()
            self._renew = ""
            self._begin_listing()
        if self._state == "resting" and (self._conversations.earliest is not None or now >= self._rest_until):
            self._begin_listing()
        if self._renew or self._state == "resting":
            return
        self._ask(now)
        self._rewind_if_asked()
        if self._renew or (self._state != "reading" and not self._parts):
            return
        end = now + TURN_SECONDS
        if self._writer.partitions is None:
            self._take(end)
            self._mark_positions()
            self._flush_if_due(now)
        if self._writer.partitions is not None:
            self._write(lambda: self._clock.monotonic() < end)
        if self._writer.partitions is None and self._state == "reading":
            self._expire(now)

    def _throw_away(self, why: str) -> None:
        """Have the table made anew with the next turn; until then nothing is known."""
        self._renew = why
        self._conversations.begin_anew()
        self._trouble.rebuilt(why)

    def _begin_listing(self) -> None:
        self._start_over()
        self._conversations.begin_anew()
        self._state = "listing"

    def _ask(self, now: float) -> None:
        if not self._asking and now >= self._next_ask:
            self._next_ask = now + ASK_SECONDS
            self._before = {key: part.next for key, part in self._parts.items()}
            self._log.ask_ends()
            self._asking = True
        if self._asking and (ends := self._log.ends()) is not None:
            self._asking = False
            self._failed = ends.failed
            self._answered(ends, now)

    def _answered(self, ends: LogEnds, now: float) -> None:
        if self._state == "listing":
            if not ends.failed:
                self._choose_start(ends)
        else:
            self._compare(ends, now)
        if self._renew or self._state == "listing":
            return
        self._seen.answered(ends)
        self._kept.answered(ends)
        for key in self._parts:
            self._mark_position(key)

    # --- which partitions, from where --------------------------------------------------------------------------------

    def _choose_start(self, ends: LogEnds) -> None:
        """Go on with the table if it fits, else begin one."""
        earliest = self._conversations.earliest
        asked = [each for each in (earliest, self._oldest) if each is not None]
        self._needed = min(asked) if asked else self._needed or ends.asked
        self._conversations.earliest = None
        floor = self._table.noted("floor")
        stored = self._table.partitions()
        if floor is not None and not (why := _differs(stored, ends.partitions)):
            if floor + self._reach <= self._needed:
                self._floor = floor
                self._resume({key: each for key, each in stored.items() if key in ends.partitions}, ends)
                return
        elif floor is not None:
            self._conversations.earliest = self._needed
            self._throw_away(why)
            return
        if floor is not None:
            # There is none from now on if the next line fails.
            self._renew = "it does not reach back far enough"
            self._table.renew()
            self._renew = ""
        self._floor = self._needed - self._reach - self._spare
        self._trouble.restoring(self._floor)
        self._start(ends.partitions)

    def _resume(self, stored: Mapping[TopicPartition, StoredPartition], ends: LogEnds) -> None:
        for key, each in stored.items():
            found = ends.partitions[key]
            part = self._parts[key] = ReadPartition(each.topic_id, each.next, each.clock, each.since)
            if found.begin > each.next:
                self._missed(key, part, found.begin, ends.asked)
            self._open(key)
        self._start({key: each for key, each in ends.partitions.items() if key not in stored})

    def _start(self, partitions: Mapping[TopicPartition, object]) -> None:
        """Ask where these partitions begin at the floor."""
        self._new = {key: (each.topic_id, each.begin) for key, each in partitions.items()}  # type: ignore[attr-defined]
        self._state = "starting"
        if not self._new:
            self._begin_partitions({})
            return
        self._log.ask_starts(list(self._new), max(0, self._floor))
        self._asking_starts = True

    def _begin_partitions(self, starts: Mapping[TopicPartition, int]) -> None:
        alone = not self._parts
        asked = int(self._clock.now() * 1000)
        for key, offset in starts.items():
            if key not in self._new:
                continue
            topic_id, begin = self._new.pop(key)
            complete = offset <= begin
            # Before a partition's first record nothing is missing; what retention deleted was stamped before the next.
            since = self._floor if not complete else ALWAYS if begin == 0 else asked
            self._parts[key] = ReadPartition(
                topic_id, max(offset, begin), since=since, provisional=complete and begin > 0
            )
            if complete and begin > 0:
                self._trouble.history_missing(key, begin)
            self._open(key)
        if self._new:
            # Some brokers gave no answer: asked again with the next question about the ends.
            self._more = False
        if alone and not self._new and all(part.next == 0 or part.provisional for part in self._parts.values()):
            self._floor = ALWAYS
        self._table.begin()
        self._table.note("floor", self._floor)
        # Of the others less may be written than is read.
        self._table.commit({key: _stored(self._parts[key]) for key in starts if key in self._parts})
        self._state = "reading" if not self._new else "starting"
        self._assign()

    def _assign(self) -> None:
        self._log.assign({key: part.next for key, part in self._parts.items()})
        for part in self._parts.values():
            part.paused = False
            part.held = []
        self._group()

    def _open(self, key: TopicPartition) -> None:
        part = self._parts[key]
        self._seen.open(key, part.next, part.clock)
        self._kept.open(key, part.next, part.clock)

    def _group(self) -> None:
        self._by_source = {name: [] for name in self._names}
        for key in self._parts:
            for source in self._sources_of(key[0]):
                if source in self._by_source:
                    self._by_source[source].append(key)
        self._tell_floor()

    def _tell_floor(self) -> None:
        since = {
            name: max((self._parts[key].since for key in keys), default=ALWAYS)
            for name, keys in self._by_source.items()
        }
        self._conversations.complete_since(self._floor, since)

    def _compare(self, ends: LogEnds, now: float) -> None:
        """Find partitions that are new, other ones than before, cut off, or gone."""
        jumped = False
        for key, part in self._parts.items():
            found = ends.partitions.get(key)
            if found is None:
                continue
            self._gone.pop(key, None)
            if found.topic_id != part.topic_id:
                self._throw_away(f"the topic {key[0]} was created anew")
                return
            if found.end < self._before.get(key, 0):
                # Twice, since a new leader may know less of the end for a moment.
                if key in self._shrunk:
                    self._throw_away(f"{key[0]}/{key[1]} ends at {found.end}, before what was read of it")
                    return
                self._shrunk.add(key)
                continue
            self._shrunk.discard(key)
            if found.begin > part.next and not part.held:
                self._missed(key, part, found.begin, ends.asked)
                jumped = True
        if not ends.failed:
            jumped = self._let_go(ends, now) or jumped
        new = {key: each for key, each in ends.partitions.items() if key not in self._parts}
        if any(self._former.get(key, each.topic_id) != each.topic_id for key, each in new.items()):
            self._throw_away(f"the topic {next(iter(new))[0]} was created anew")
        elif new and not self._asking_starts and self._writer.partitions is None:
            self._start(new)
        elif jumped:
            self._assign()

    def _missed(self, key: TopicPartition, part: ReadPartition, begin: int, asked: int) -> None:
        """Retention has deleted what wasn't read yet."""
        part.next, part.since, part.provisional = begin, asked, True
        self._changed.add(key)
        self._trouble.history_missing(key, begin)

    def _let_go(self, ends: LogEnds, now: float) -> bool:
        """Stop waiting for partitions that haven't been there for some time: a broker that just started may not know
        all of them."""
        gone = [key for key in self._parts if key not in ends.partitions]
        over = [key for key in gone if now - self._gone.setdefault(key, now) >= _GONE_SECONDS]
        for key in over:
            self._former[key] = self._parts.pop(key).topic_id
            del self._gone[key]
            self._changed.discard(key)
            self._seen.drop(key)
            self._kept.drop(key)
        return bool(over)

    def _rewind_if_asked(self) -> None:
        """Begin again further back if a message asks for what the table doesn't have any more, or never had."""
        earliest = self._conversations.earliest
        if earliest is None or self._state != "reading":
            return
        if earliest >= self._floor + self._reach:
            self._conversations.earliest = None
            return
        # Others may follow that are older still: twice as far, so that it happens a few times at most.
        self._spare = max(self._settings.spare, self._floor + self._reach - earliest)
        self._sweeper.hold()
        self._renew = "a message is older than what it holds"
        self._conversations.begin_anew()

    # --- reading -----------------------------------------------------------------------------------------------------

    def _take(self, end: float) -> None:
        intake, parts, changed = self._intake, self._parts, self._changed
        intake.begin()
        self._retry_held()
        taken = 0
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
            self._progressed = True
            for key in changed:
                self._seen.read(key, parts[key].next, parts[key].clock)

    def _hold(self, key: TopicPartition, part: ReadPartition, message: Message) -> None:
        if not part.held:
            self._log.pause([key])
        if not part.held or message.offset > part.held[-1].offset:
            part.held.append(message)

    def _retry_held(self) -> None:
        for key, part in self._parts.items():
            if part.held:
                while part.held and self._intake.add(part, part.held[0]):
                    part.held.pop(0)
                    self._changed.add(key)
                if not part.held and not part.paused:
                    self._log.resume([key])

    def _pause_ahead(self) -> None:
        """Read at most an hour further than messages may ask for soon, so that a backfill holds days, not months."""
        furthest = max(self._furthest, self._conversations.furthest)
        if furthest == ALWAYS:
            furthest = int(self._clock.now() * 1000)
        limit = furthest + self._delay + self._settings.ahead
        for key, part in self._parts.items():
            if not part.paused:
                if part.clock > limit and key in self._changed:
                    part.paused = True
                    self._log.pause([key])
            elif part.clock <= limit - self._settings.ahead // 2:
                part.paused = False
                if not part.held:
                    self._log.resume([key])

    def _mark_positions(self) -> None:
        for key in self._parts:
            if self._seen.asks(key):
                self._mark_position(key)

    def _mark_position(self, key: TopicPartition) -> None:
        """Markers of transactions and aborted records are behind us too, though nobody gets to see them."""
        part = self._parts[key]
        position = None if part.held else self._log.position(key)
        if position is not None and position > part.next:
            part.next = position
            self._changed.add(key)
        self._seen.read(key, part.next, part.clock)
        self._progressed = True

    # --- writing -----------------------------------------------------------------------------------------------------

    def _flush_if_due(self, now: float) -> None:
        rows = len(self._intake.rows)
        age = now - self._written
        if not rows:
            if self._progressed:
                self._keep_seen()
            if not self._changed or age < _LONGEST_SECONDS:
                return
        due = rows >= self._settings.batch or age >= _LONGEST_SECONDS or (age >= 1.0 and not self._more)
        if not due and self._conversations.wanted and now >= self._looked + _WANTED_SECONDS / 2:
            self._looked = now
            enough = age >= _WANTED_SECONDS or not self._more
            due = enough and self._would_help()
        if due:
            self._begin_batch()
            self._written = now

    def _would_help(self) -> bool:
        """True if a message that waits can go on once what was read is written."""
        frontiers = {name: self._seen.of(keys) for name, keys in self._by_source.items()}
        delays = self._conversations.delays
        return any(
            recorded <= least(frontiers, delays, sources) for sources, recorded in self._conversations.wanted.items()
        )

    def _begin_batch(self) -> None:
        rows, self._intake.rows = self._intake.rows, []
        changed, self._changed = self._changed, set()
        self._writer.begin(rows, {key: _stored(self._parts[key]) for key in changed})

    def _write(self, in_time: Callable[[], bool]) -> None:
        partitions = self._writer.partitions
        if partitions is None or not self._writer.step(in_time):
            return
        for key, each in partitions.items():
            if key in self._parts:
                self._kept.read(key, each.next, each.clock)
        self._publish()

    def _keep_seen(self) -> None:
        """Nothing is unwritten: what was seen is kept. Positions go to the table with the next rows."""
        self._progressed = False
        for key in self._parts:
            part = self._parts[key]
            self._kept.read(key, part.next, part.clock)
        self._publish()

    def _publish(self) -> None:
        if self._state == "listing":
            return
        self._conversations.publish({name: self._kept.of(keys) for name, keys in self._by_source.items()})
        self._conversations.wanted.clear()
        if any(not part.provisional for part in self._parts.values()):
            self._tell_floor()

    def _expire(self, now: float) -> None:
        floor = self._sweeper.step(now, self._floor)
        if floor > self._floor:
            self._floor = floor
            self._tell_floor()

    # --- what is told ------------------------------------------------------------------------------------------------

    def _words(self) -> str:
        """What holds the frontier back."""
        if self._failed:
            return self._failed
        if self._state == "listing" or (self._asking and self._clock.monotonic() > self._next_ask + 10 * ASK_SECONDS):
            return "the brokers don't answer which partitions there are and where they end"
        key = self._kept.hindmost(self._parts)
        if key is None:
            return "the topics have no partitions"
        where, end = f"{key[0]}/{key[1]} is read up to offset {self._kept.next(key)}", self._kept.end(key)
        if end is None:
            return where
        return f"{where} of {end}: behind it is an open transaction, or the brokers give no records"


def _stored(part: ReadPartition) -> StoredPartition:
    return StoredPartition(part.topic_id, part.next, part.clock, part.since)


def _differs(stored: Mapping[TopicPartition, StoredPartition], found: Mapping[TopicPartition, object]) -> str:
    """Why a table can't be gone on with; empty if it can."""
    for key, each in stored.items():
        now = found.get(key)
        if now is None:
            continue
        if now.topic_id != each.topic_id:  # type: ignore[attr-defined]
            return f"the topic {key[0]} was created anew"
        if now.end < each.next:  # type: ignore[attr-defined]
            return f"{key[0]}/{key[1]} ends at {now.end}, before what was read of it"  # type: ignore[attr-defined]
    return ""
