"""Replay of dead letters: today's rules, the same dispatcher, the original `insert_id`s."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Protocol

import msgspec

from greenflash_kafka.deadlines import Deadlines
from greenflash_kafka.delivery.dispatcher import Dispatcher
from greenflash_kafka.delivery.queue import Send
from greenflash_kafka.delivery.response_table import Verdict
from greenflash_kafka.dlq.progress import Progress
from greenflash_kafka.dlq.reader import NotADeadLetter, ParsedDeadLetter, is_dead_letter, read
from greenflash_kafka.dlq.topic import StoredDeadLetter
from greenflash_kafka.letter_judge import Judge
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import Want, words
from greenflash_kafka.offsets.tracker import OffsetTracker
from greenflash_kafka.pass_stop import COMMIT_SECONDS, PassStop, drive
from greenflash_kafka.ports import Clock, ConversationReader, TopicPartition

BATCH: Final = 200

WAITING_SECONDS: Final = 20.0
"""How long letters may wait for what isn't known yet, once nothing else is left to do; for conversations their
`max_delay` longer."""

MAX_WAITING_BYTES: Final = 16 * 1024 * 1024
"""Bytes of letters that wait so; above it no more are read."""

WAITING_COST: Final = 512
"""Bytes that such a letter takes beside its content, about."""

LOOK_SECONDS: Final = 0.01
"""Seconds between two looks at whether it is known, when there is nothing else to do."""


class Staying(msgspec.Struct):
    """Dead letters that stay for the same reason; `example` is the coordinate of one, as `show` takes it."""

    count: int
    example: str
    text: str


class ReplayReport(msgspec.Struct):
    """The result of a replay, in dead letters; `events` were accepted by Greenflash (a dry run: would be sent)."""

    dead_letters: int = 0
    passed: int = 0
    events: int = 0
    again: int = 0
    """Written twice, by a crash between write and commit: counted, and tried once."""
    foreign: int = 0
    """Records that aren't ours."""
    earlier: int = 0
    """Records that earlier replays have settled."""
    unanswered: int = 0
    """Pending when it was stopped: the next replay tries them again."""
    stopped_by: str = ""
    staying: dict[tuple[str, str], Staying] = {}

    def stays(self, code: str, rule: str, example: str, text: str) -> None:
        """Count a letter that stays."""
        found = self.staying.setdefault((code, rule), Staying(0, example, text))
        found.count += 1


class DeadLetterSource(Protocol):
    """The dead-letter topic, as `dlq.topic.TopicReader` reads it."""

    @property
    def done(self) -> bool:
        """Everything was handed on."""
        ...

    def take(self, limit: int, timeout: float) -> list[StoredDeadLetter]:
        """More records."""
        ...

    def commit(self, progress: Mapping[int, Progress]) -> None:
        """Commit."""
        ...


class _PendingDeadLetter:
    """A pending dead letter; the dispatcher's owner of its events."""

    __slots__ = ("_replay", "key", "left", "partition", "record", "record_ms", "refused")

    def __init__(self, replay: Replay, record: StoredDeadLetter, message: Message, left: int) -> None:
        self._replay = replay
        self.partition: TopicPartition = (message.topic, message.partition)
        self.key = record.key
        self.record_ms = message.record_ms
        self.record = record
        self.left = left
        self.refused: tuple[Verdict, str] | None = None

    @property
    def may_send(self) -> bool:
        return not self._replay.stopping

    def settled(self, send: Send, verdict: Verdict) -> None:
        self.left -= 1
        if verdict.action == "accepted":
            self._replay.report.events += 1
        else:
            self.refused = (verdict, send.event.rule)
        if self.left == 0:
            self._replay.settled(self)

    def failed(self, send: Send, verdict: Verdict) -> None:
        """It is tried again."""

    def abandoned(self, send: Send) -> None:
        """Its letter isn't settled, so the next replay has it again."""


class _Waiting(msgspec.Struct, frozen=True, eq=False):
    """A letter that can't be judged before `want` is known."""

    record: StoredDeadLetter
    kept: ParsedDeadLetter
    want: Want
    bytes: int


class Replay:
    """One pass over the letters that earlier passes left. Sends with a dispatcher; without one it only counts.
    `conversations` reads what links search in; `waiting_seconds`: how long letters may wait for what isn't known yet,
    once nothing else is left to do. `oldest` are the first offsets that the topic still has: between them and a start
    all is settled, and isn't read.

    Nothing is written to the dead-letter topic or the original one: a letter that fails again stays where it is, and
    its offset stands in the commit's metadata, so that the next replay tries it again and those that passed not.
    """

    def __init__(
        self,
        dead_letters: DeadLetterSource,
        judge: Judge,
        starts: Mapping[int, Progress],
        clock: Clock,
        deadlines: Deadlines,
        dispatcher: Dispatcher | None,
        in_flight: int = 128,
        conversations: ConversationReader | None = None,
        waiting_seconds: float = WAITING_SECONDS,
        oldest: Mapping[int, int] = MappingProxyType({}),
    ) -> None:
        self._conversations = conversations
        self._waiting_seconds = waiting_seconds
        self._dead_letters = dead_letters
        self._judge = judge
        self._before = dict(starts)
        self._committed = dict(starts)
        self._clock = clock
        self._deadlines = deadlines
        self._dispatcher = dispatcher
        self._in_flight = in_flight
        self._trackers = {each: OffsetTracker(("", each), was.start) for each, was in starts.items()}
        self._kept = {each: set(was.kept) for each, was in starts.items()}
        self._seen: set[tuple[str, str, int, int, int]] = set()
        self._waiting: list[_Waiting] = []
        self._waiting_bytes = 0
        self._busy_at = clock.monotonic()
        self._stop = PassStop(clock, dispatcher)
        self.report = ReplayReport(
            earlier=sum(was.start - oldest.get(partition, was.start) for partition, was in starts.items())
        )

    @property
    def stopping(self) -> bool:
        """True if nothing new is begun."""
        return self._stop.stopping

    def run(self, asked_to_stop: Callable[[], bool] = lambda: False) -> ReplayReport:
        """Read until the ends that were recorded at the start, or until the stop. Raises BrokerUnreachable."""
        commit_at = self._clock.monotonic() + COMMIT_SECONDS
        dispatcher = self._dispatcher
        while True:
            now = self._clock.monotonic()
            self._deadlines.run_due()
            self._stop.look(asked_to_stop())
            if self._conversations is not None:
                self._conversations.turn()
            self._judge_again()
            if dispatcher is None:
                self._take(0.2)
            else:
                self._drive(dispatcher)
            if now >= commit_at:
                if self._conversations is not None:
                    self._conversations.report()
                self._commit()
                commit_at = now + COMMIT_SECONDS
            outstanding = dispatcher.outstanding if dispatcher else 0
            if not outstanding and (self.stopping or (self._dead_letters.done and not self._waiting)):
                break
            self._wait(now, outstanding)
            if self._stop.overdue:
                break
        self._commit()
        self.report.stopped_by = self._stop.reason
        self.report.unanswered = sum(each.unfinished for each in self._trackers.values())
        return self.report

    def _drive(self, dispatcher: Dispatcher) -> None:
        if self.stopping:
            dispatcher.abandon()
        elif dispatcher.outstanding < 4 * self._in_flight:
            self._take(0.0 if dispatcher.outstanding else 0.2)
        drive(dispatcher, self._deadlines, self._clock)

    @property
    def _full(self) -> bool:
        return self._waiting_bytes >= MAX_WAITING_BYTES

    def _take(self, wait: float) -> None:
        if not self._dead_letters.done and not self._full:
            for each in self._dead_letters.take(BATCH, wait):
                self._handle(each)

    def _handle(self, record: StoredDeadLetter) -> None:
        tracker, report = self._trackers[record.partition], self.report
        if self._before[record.partition].is_settled(record.offset):
            report.earlier += 1
            tracker.skip(record.offset)
            return
        tracker.take(record.offset)
        try:
            kept = read(record.key, record.value, record.headers)
        except NotADeadLetter as error:
            if is_dead_letter(record.headers):
                self._stay(record, "unreadable", "", str(error))
            else:
                report.foreign += 1
                self._done(record)
            return
        report.dead_letters += 1
        message = kept.dead_letter.message
        identity = (
            kept.origin.cluster_id,
            kept.origin.topic_id if kept.origin.topic_id != "-" else message.topic,
            message.partition,
            message.offset,
            message.timestamp_ms,
        )
        if identity in self._seen:
            report.again += 1
            self._done(record)
            return
        self._seen.add(identity)
        self._judge_letter(record, kept)

    def _judge_again(self) -> None:
        """Those whose want has become known."""
        if self._waiting and not self.stopping:
            self._judge.ask()
            known = {want for want in {each.want for each in self._waiting} if self._judge.known(want)}
            ready = [each for each in self._waiting if each.want in known]
            self._waiting = [each for each in self._waiting if each.want not in known]
            for each in ready:
                self._waiting_bytes -= each.bytes
                self._judge_letter(each.record, each.kept)

    def _wait(self, now: float, outstanding: int) -> None:
        """Where nothing is left to do but to wait for what isn't known yet: not without end."""
        if outstanding or not (self._waiting and (self._dead_letters.done or self._full)):
            self._busy_at = now
            return
        if self._conversations is not None and self._conversations.wait == 0.0:
            self._busy_at = now  # there is more to read of conversations
            return
        self._clock.sleep(LOOK_SECONDS)
        stalled = "" if self._conversations is None else self._conversations.stalled
        if (stalled or now - self._busy_at > self._waiting_seconds) and not self.stopping:
            why = f": {stalled}" if stalled else ""
            self._stop.ask(f"{words(self._waiting[0].want)} isn't known yet{why}")

    def _judge_letter(self, record: StoredDeadLetter, kept: ParsedDeadLetter) -> None:
        report, message = self.report, kept.dead_letter.message
        judged = self._judge.judge(kept)
        if judged.want is not None:
            # In hand, unfinished: neither passed nor one that stays.
            size = WAITING_COST + len(record.value or b"") + len(record.key or b"")
            self._waiting.append(_Waiting(record, kept, judged.want, size))
            self._waiting_bytes += size
        elif judged.code:
            self._stay(record, judged.code, judged.rule, judged.text)
        elif self._dispatcher is None or not judged.events:
            report.passed += 1
            report.events += len(judged.events)
            self._done(record)
        else:
            dead_letter = _PendingDeadLetter(self, record, message, len(judged.events))
            for event in judged.events:
                self._dispatcher.submit(event, dead_letter)

    def settled(self, dead_letter: _PendingDeadLetter) -> None:
        """Every event of a letter is accepted, or refused for good."""
        if dead_letter.refused is None:
            self.report.passed += 1
            self._done(dead_letter.record)
        else:
            verdict, rule = dead_letter.refused
            self._stay(dead_letter.record, verdict.code, rule, verdict.text)

    def _done(self, record: StoredDeadLetter) -> None:
        self._kept[record.partition].discard(record.offset)
        self._trackers[record.partition].ack(record.offset)

    def _stay(self, record: StoredDeadLetter, code: str, rule: str, text: str) -> None:
        self.report.stays(code, rule, record.coordinates, text)
        self._kept[record.partition].add(record.offset)
        self._trackers[record.partition].ack(record.offset)

    def _commit(self) -> None:
        if self._dispatcher is None:
            return
        news = {}
        for each, tracker in self._trackers.items():
            # Never back: what an earlier replay settled behind a kept letter stays settled.
            offset = max(tracker.committable(), self._before[each].next_offset)
            kept = frozenset(at for at in self._kept[each] if at < offset)
            progress = Progress(offset, kept)
            if progress != self._committed[each]:
                news[each] = progress
        self._dead_letters.commit(news)
        self._committed |= news
