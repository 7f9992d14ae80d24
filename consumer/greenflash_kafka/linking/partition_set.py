"""The conversation partitions that are read: which there are, and from where on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Literal

from greenflash_kafka.linking.decision import ALWAYS
from greenflash_kafka.linking.intake import ReadPartition
from greenflash_kafka.linking.partition_changes import PartitionChanges, difference
from greenflash_kafka.linking.reader_settings import ReaderSettings
from greenflash_kafka.linking.reading_progress import ReadingProgress
from greenflash_kafka.linking.source_horizons import SourceHorizons
from greenflash_kafka.linking.sweeper import Sweeper
from greenflash_kafka.linking.table import ActivityTable, StoredPartition
from greenflash_kafka.linking.trouble import Trouble
from greenflash_kafka.model.conversations import MINUTE_MS
from greenflash_kafka.ports import Clock, ConversationLog, LogEnds, LogPartition, TopicPartition

ASK_SECONDS: Final = 1.0
"""How often the brokers are asked which partitions there are, and where they end."""

_PATIENCE_SECONDS: Final = 30.0


class PartitionSet:
    """Begins when a message asks for the first time (or after half a minute), early enough for all that
    may count for that message.

    `names` are those of the sources; `sources_of` gives the ones that a topic tells; `begun` is called when all that
    was read is forgotten.
    """

    def __init__(
        self,
        log: ConversationLog,
        table: ActivityTable,
        conversations: SourceHorizons,
        names: Sequence[str],
        sources_of: Callable[[str], Iterable[str]],
        clock: Clock,
        trouble: Trouble,
        settings: ReaderSettings,
        begun: Callable[[], None],
    ) -> None:
        self._log = log
        self._table = table
        self._conversations = conversations
        self._clock = clock
        self._trouble = trouble
        self._settings = settings
        self._begun = begun
        self._reach = settings.lookback + settings.late
        self._spare = settings.spare
        self._sweeper = Sweeper(table, self._reach + settings.spare, clock)
        self._changes = PartitionChanges()
        self.progress = ReadingProgress(log, conversations, names, sources_of, settings.margin)
        self._parts = self.progress.parts
        self._state: Literal["resting", "listing", "starting", "reading"] = "resting"
        self._floor = -ALWAYS
        self._needed: int | None = None
        self._rest_until = clock.monotonic() + _PATIENCE_SECONDS
        self._asking = self._asking_starts = False
        self.renew = ""
        """The reason why the table is made anew with the next turn; empty if it isn't."""
        self._start_over()

    def _start_over(self) -> None:
        """Forget all that was read."""
        self._new: dict[TopicPartition, LogPartition] = {}
        self._begins: dict[TopicPartition, int] = {}
        self._next_ask = 0.0
        self._failed = ""
        self._changes.forget()
        self.progress.forget()
        self._begun()

    # --- a turn ------------------------------------------------------------------------------------------------------

    def turn(self, now: float, *, writing: bool) -> bool:
        """Ask, and begin what the answers say; True if records may be taken. `writing`: a batch isn't committed yet.
        Raises TableFailed."""
        if self._asking_starts and not writing and (starts := self._log.starts()) is not None:
            self._asking_starts = False
            if not self.renew:
                self._begin_partitions(starts)
        if self.renew and not self._asking_starts:
            self._table.renew()
            self.renew = ""
            self._begin_listing()
        if self._state == "resting" and (self._conversations.earliest is not None or now >= self._rest_until):
            self._begin_listing()
        if self.renew or self._state == "resting":
            return False
        self._ask(now, writing)
        self._rewind_if_asked()
        if self._begins:
            self._tell_what_is_missing()
        return not self.renew and (self._state == "reading" or bool(self._parts))

    def wait(self, now: float) -> float:
        """Seconds after which it wants its next turn."""
        if self.renew and not self._asking_starts:
            return 0.0
        if self._asking or self._asking_starts or self._conversations.wanted:
            return 0.02
        if self._state == "resting":
            return min(0.5, max(0.0, self._rest_until - now))
        return min(0.5, max(0.0, self._next_ask - now))

    @property
    def reading(self) -> bool:
        """True if all partitions are read."""
        return self._state == "reading"

    def throw_away(self, why: str) -> None:
        """Have the table made anew with the next turn; until then nothing is known."""
        self.renew = why
        self._conversations.begin_anew()
        self._trouble.rebuilt(why)

    def needs(self, oldest: int) -> None:
        """Note the timestamp (milliseconds) of the message that is furthest behind."""
        self._sweeper.oldest = oldest

    def expire(self, now: float) -> None:
        """Delete a part of what no message can ask for any more. Raises TableFailed."""
        floor = self._sweeper.step(now, self._floor)
        if floor > self._floor:
            self._floor = floor
            self.progress.tell_floor(self._floor)

    def words(self) -> str:
        """What holds the frontier back; empty while nobody has asked."""
        if self._state == "resting":
            return ""
        if self._failed:
            return self._failed
        if self._state == "listing" or (self._asking and self._clock.monotonic() > self._next_ask + 10 * ASK_SECONDS):
            return "the brokers don't answer which partitions there are and where they end"
        return self.progress.words()

    def _begin_listing(self) -> None:
        self._start_over()
        self._conversations.begin_anew()
        self._state = "listing"

    def _ask(self, now: float, writing: bool) -> None:
        if not self._asking and now >= self._next_ask:
            self._next_ask = now + ASK_SECONDS
            self._changes.asked(self._parts)
            self.progress.asks_now()
            self._log.ask_ends()
            self._asking = True
        if self._asking and (ends := self._log.ends()) is not None:
            self._asking = False
            self._failed = ends.failed
            self._answered(ends, now, writing)

    def _answered(self, ends: LogEnds, now: float, writing: bool) -> None:
        if self._state == "listing":
            if not ends.failed:
                self._choose_start(ends)
        else:
            self._compare(ends, now, writing)
        if self.renew or self._state == "listing":
            return
        self.progress.answered(ends)

    # --- from where --------------------------------------------------------------------------------------------------

    def _choose_start(self, ends: LogEnds) -> None:
        """Go on with the table if it fits, else begin one."""
        asked = [each for each in (self._conversations.earliest, self._sweeper.oldest) if each is not None]
        self._needed = min(asked) if asked else self._needed or ends.asked
        self._conversations.earliest = None
        floor = self._table.noted("floor")
        stored = self._table.partitions()
        if floor is not None and not (why := difference(stored, ends.partitions)):
            if floor + self._reach <= self._needed:
                self._floor = floor
                self._resume({key: each for key, each in stored.items() if key in ends.partitions}, ends)
                return
        elif floor is not None:
            self._conversations.earliest = self._needed
            self.throw_away(why)
            return
        if floor is not None:
            # There is none from now on if the next line fails.
            self.renew = "it does not reach back far enough"
            self._table.renew()
            self.renew = ""
        self._floor = self._needed - self._reach - self._spare
        if self._settings.whole:
            self._floor = ALWAYS
        self._trouble.restoring(max(0, self._floor))
        self._start(ends.partitions)

    def _resume(self, stored: Mapping[TopicPartition, StoredPartition], ends: LogEnds) -> None:
        for key, each in stored.items():
            found = ends.partitions[key]
            gap = self._table.gap(key[0]) is not None
            part = self._parts[key] = ReadPartition(
                each.topic_id, each.next, each.clock, each.since, seen=each.next, gap=gap
            )
            if found.begin > each.next:
                self._missed(key, part, found.begin, ends.asked)
            self.progress.open(key)
        self._start({key: each for key, each in ends.partitions.items() if key not in stored})

    def _start(self, partitions: Mapping[TopicPartition, LogPartition]) -> None:
        """Ask where these partitions begin at the floor."""
        self._new = dict(partitions)
        self._state = "starting"
        if not self._new:
            self._begin_partitions({})
            return
        # What happened from the floor on may have been told before it; of a minute all is needed, or nothing.
        since = self._floor - self._settings.early - MINUTE_MS
        self._log.ask_starts(list(self._new), 0 if self._settings.whole else max(0, since))
        self._asking_starts = True

    def _begin_partitions(self, starts: Mapping[TopicPartition, int]) -> None:
        """Begin these; if some brokers gave no answer, the rest is asked for with the next question about the ends."""
        alone = not self._parts
        asked = int(self._clock.now() * 1000)
        for key, start in starts.items():
            if key not in self._new:
                continue
            found = self._new.pop(key)
            begin = found.begin
            offset = begin if self._settings.whole else start
            complete = offset <= begin
            # Before a partition's first record nothing is missing; what retention deleted was stamped before the next.
            since = self._floor if not complete else ALWAYS if begin == 0 else asked
            self._parts[key] = ReadPartition(
                found.topic_id, max(offset, begin), since=since, provisional=complete and begin > 0
            )
            if complete and begin > 0 and not self._settings.whole:
                self._begins[key] = begin
                if found.end <= begin:
                    self._trouble.history_missing(key, self._begins.pop(key))
            self.progress.open(key)
        if alone and not self._new and all(part.next == 0 or part.provisional for part in self._parts.values()):
            self._floor = ALWAYS
        self._table.begin()
        self._table.note("floor", self._floor)
        # Of the others less may be written than is read.
        self._table.commit({key: self._parts[key].stored() for key in starts if key in self._parts})
        self._state = "reading" if not self._new else "starting"
        self._assign()

    def _tell_what_is_missing(self) -> None:
        """Tell of partitions that begin later than a lookback may reach, once their first record says when that is."""
        assert self._needed is not None
        for key in [each for each in self._begins if each not in self._parts or not self._parts[each].provisional]:
            begin, part = self._begins.pop(key), self._parts.get(key)
            if part is not None and part.since > self._needed - self._reach:
                self._trouble.history_missing(key, begin)

    def _assign(self) -> None:
        self._log.assign({key: part.next for key, part in self._parts.items()})
        for part in self._parts.values():
            part.paused = False
            part.held = []
        self.progress.group(self._floor)

    def _compare(self, ends: LogEnds, now: float, writing: bool) -> None:
        changes = self._changes.found(ends, self._parts, now)
        if changes.broken:
            self.throw_away(changes.broken)
            return
        for key in changes.missed:
            self._missed(key, self._parts[key], ends.partitions[key].begin, ends.asked)
        for key in changes.gone:
            self.progress.drop(key)
        if changes.new and not self._asking_starts and not writing:
            self._start(changes.new)
        elif changes.missed or changes.gone:
            self._assign()

    def _missed(self, key: TopicPartition, part: ReadPartition, begin: int, asked: int) -> None:
        """Go on where the partition begins now."""
        part.next, part.since, part.provisional = begin, asked, True
        self.progress.changed.add(key)
        self._trouble.history_missing(key, begin)

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
        self.renew = "a message is older than what it holds"
        self._conversations.begin_anew()
