"""Kafka in: one consumer of one group, on confluent-kafka.

Nothing may raise inside `consume()`: the fetched batch would be thrown away and the position stand behind it. So
every callback is guarded and only records; what was recorded is raised by `take` afterwards, and is fatal.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as KafkaMessage

from consumer.errors import BrokerUnreachable, GreenflashKafkaError, SourceFailed
from consumer.model.message import Message
from consumer.ports import Listener, RebalanceListener
from consumer.ports import TopicPartition as Partition
from consumer.source.assignment import Assignment
from consumer.source.commits import Commits
from consumer.source.kafka_offsets import RESOLVE_SECONDS, KafkaOffsets, OffsetAnswers, error_text
from consumer.source.start import GroupAtStart, StartAt, recreated, start_for
from consumer.source.subscription import Subscription

IDENTIFY_SECONDS = 5.0
"""How long an assignment waits for its topics' ids; after that their partitions wait, and the others go on."""

WATCH_SECONDS = 10.0
"""How often topic ids are asked for: a recreated topic goes unnoticed by a classic group."""

ASK_AGAIN_SECONDS = 1.0
"""The same while partitions wait for an id."""

_TIMESTAMP_TYPES = ("none", "create", "append")
_HARMLESS_COMMIT_ERRORS = frozenset(
    {
        KafkaError._NO_OFFSET,
        KafkaError.ILLEGAL_GENERATION,
        KafkaError.REBALANCE_IN_PROGRESS,
        KafkaError.UNKNOWN_MEMBER_ID,
        KafkaError.STALE_MEMBER_EPOCH,
    }
)
"""What an ordinary rebalance answers to a commit: the partitions' next owner commits."""

OnMissing = Literal["halt", "continue"]


class Cluster(OffsetAnswers, Protocol):
    """Who knows the topics' ids, and where partitions begin and end."""

    def ask(self, topics: Iterable[str]) -> None:
        """Start asking; a question under way is left to finish."""
        ...

    def answer(self, timeout: float) -> Mapping[str, str] | None:
        """What was answered, waiting at most so long; None when nothing was asked, answered, or it failed."""
        ...


class KafkaSource:
    """`ports.Source` on confluent-kafka.

    `on_missing` says what happens when messages are gone before they were read. `read_only` never commits.
    """

    def __init__(
        self,
        properties: Mapping[str, str],
        subscription: Subscription,
        start: StartAt,
        on_missing: OnMissing,
        cluster: Cluster,
        listener: Listener,
        read_only: bool = False,
        logger: logging.Logger | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        settings: dict[str, Any] = {**properties, "on_commit": self._on_commit, "error_cb": self._on_error}
        self._consumer = Consumer(settings) if logger is None else Consumer(settings, logger=logger)
        self._offsets = KafkaOffsets(self._consumer, cluster, listener, monotonic)
        self._subscription = subscription
        self._start: StartAt = start
        self._on_missing = on_missing
        self._cluster = cluster
        self._tell = listener
        self._read_only = read_only
        self._monotonic = monotonic
        self._rebalance: RebalanceListener | None = None
        self._group = GroupAtStart(True, set())
        self._assignment = Assignment()
        self._commits = Commits()
        self._held: list[Message] = []
        self._next_watch = 0.0
        self._poll_was_late = False
        self._failure: BaseException | None = None
        self._closing = False
        self.topic_ids: dict[str, str] = {}
        """Topic -> id, for every topic of the current assignment that has answered; the evaluation context reads it."""

    # --- joining -------------------------------------------------------------------------------------------------

    def subscribe(self, listener: RebalanceListener) -> None:
        """See `ports.Source`. Raises `BrokerUnreachable` when no broker answers."""
        self._rebalance = listener
        existing = self._existing()
        self._group = GroupAtStart(not self._offsets.committed(existing), set(existing))
        self._consumer.subscribe(
            self._subscription.entries, on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
        )

    def _existing(self) -> list[Partition]:
        """The partitions of the subscription that there are now."""
        try:
            topics = self._consumer.list_topics(timeout=30).topics or {}
        except KafkaException as error:
            raise BrokerUnreachable(
                f"no Kafka broker answered within 30 s ({error_text(error)}); check kafka.bootstrap_servers "
                "(KAFKA_BOOTSTRAP_SERVERS), the network, and the TLS and SASL settings in kafka.properties"
            ) from None
        for missing in self._subscription.newly_missing(topics):
            self._tell.notice("topic_missing", topic=missing)
        return [
            (topic, partition) for topic in self._subscription.among(topics) for partition in topics[topic].partitions
        ]

    # --- callbacks: inside consume(), so they are guarded and only record ------------------------------------------

    def _guarded(self, action: Callable[..., None], *arguments: object) -> None:
        try:
            action(*arguments)
        except BaseException as error:
            self._failure = self._failure or error

    def _on_assign(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        self._guarded(self._assigned, [(each.topic, each.partition) for each in partitions])

    def _on_revoke(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        self._guarded(self._revoked, [(each.topic, each.partition) for each in partitions])

    def _on_lost(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        self._guarded(self._lost, [(each.topic, each.partition) for each in partitions])

    def _on_commit(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        self._guarded(self._commit_answered, error, partitions)

    def _on_error(self, error: KafkaError) -> None:
        self._guarded(self._client_error, error)

    def _assigned(self, partitions: list[Partition]) -> None:
        if self._closing or not partitions:
            return
        committed = self._offsets.committed(partitions)
        topics = {topic for topic, _ in partitions}
        self._cluster.ask(topics)
        answer = self._cluster.answer(IDENTIFY_SECONDS) or {}
        changed = self._learn(answer)
        gone = {each for each in partitions if each[0] in changed} | set(recreated(committed, self.topic_ids))
        starts = {each: was.offset for each, was in committed.items() if each not in gone}
        fresh = self._resolve([each for each in partitions if each not in committed and each not in gone])
        # A recreated topic is read from its beginning, if at all: halted, it stays there, paused.
        beginnings = self._offsets.starts(sorted(gone), "earliest")
        anchoring = fresh if self._on_missing == "halt" else fresh | beginnings
        starts |= fresh | beginnings
        self._commits.forget(partitions)
        for each, was in committed.items():
            self._commits.confirm(each, was.offset)
        # What we knew of a topic before this assignment doesn't count: it may have been created again since.
        unidentified = [each for each in partitions if each[0] not in answer]
        self._assign(starts, {} if self._read_only else anchoring, unidentified)
        if fresh:
            self._tell.notice("start_resolved", start=str(self._start), offsets=_by_topic(fresh))
        for each in sorted(gone):
            self._recreated(each, "nothing of the new one is read")

    def _assign(
        self,
        starts: Mapping[Partition, int],
        anchoring: Mapping[Partition, int],
        unidentified: Collection[Partition] = (),
    ) -> None:
        """Begin at these offsets, hold back what isn't ready, and tell."""
        assert self._rebalance is not None
        self._assignment.begin(starts, anchoring, unidentified)
        self._consumer.incremental_assign([TopicPartition(*each, offset) for each, offset in starts.items()])
        # The client remembers pauses over assignments, so both are said: what it did before is not what we want now.
        self._client_pause(each for each in starts if each in self._assignment.unready)
        self._client_resume(each for each in starts if each not in self._assignment.unready)
        if anchoring:
            self._store(anchoring)
            self.commit()
        self._rebalance.assigned(starts)

    def _resolve(self, partitions: Sequence[Partition]) -> dict[Partition, int]:
        """Start offsets for partitions that have none committed."""
        by_start: dict[StartAt, list[Partition]] = {}
        for each in partitions:
            by_start.setdefault(start_for(each, self._group, self._start), []).append(each)
        # Should they ever lose their offsets while we run, they have been ours before: then from the beginning.
        self._group.known.difference_update(partitions)
        found: dict[Partition, int] = {}
        for start, group in by_start.items():
            found |= self._offsets.starts(group, start)
        return found

    def _revoked(self, partitions: list[Partition]) -> None:
        if self._poll_was_late:
            # librdkafka PR 5604: after a missed max.poll.interval a lost partition may come as merely revoked.
            self._lost(partitions)
            return
        if not self._closing:
            assert self._rebalance is not None
            self._rebalance.revoking([each for each in partitions if each in self._assignment.partitions])
        self._unassign(partitions)

    def _lost(self, partitions: list[Partition]) -> None:
        self._poll_was_late = False
        if not self._closing:
            assert self._rebalance is not None
            self._rebalance.lost([each for each in partitions if each in self._assignment.partitions])
            self._tell.notice("partitions_lost", partitions=len(partitions))
        self._unassign(partitions)

    def _unassign(self, partitions: Sequence[Partition]) -> None:
        """Forget these, and have the client forget them."""
        gone = set(partitions)
        self._assignment.end(gone)
        self._commits.forget(gone)
        self._held = [each for each in self._held if (each.topic, each.partition) not in gone]
        self._consumer.incremental_unassign([TopicPartition(*each) for each in partitions])

    def _commit_answered(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        wrong = error
        unready = self._assignment.unready
        for each in partitions or ():
            key = (each.topic, each.partition)
            if each.error is not None:
                wrong = each.error
            elif error is None and key in self._assignment.partitions and each.offset >= 0:
                self._commits.confirm(key, each.offset)
                self._assignment.anchored(key, each.offset)
        self._client_resume(self._assignment.to_resume(unready))
        if wrong is None:
            self._tell.count("commits")
            return
        self._tell.count("commits_failed", 1, (wrong.name(),))
        if wrong.code() not in _HARMLESS_COMMIT_ERRORS:
            self._tell.notice("commit_failed", code=wrong.name(), partitions=len(partitions or ()))

    def _client_error(self, error: KafkaError) -> None:
        if error.fatal():
            self._failure = self._failure or SourceFailed(f"the Kafka client gave up: {error.str()}")
        else:
            known = error.code() == KafkaError._ALL_BROKERS_DOWN
            self._tell.notice("brokers_unreachable" if known else "kafka_error", code=error.name(), text=error.str())

    # --- taking ----------------------------------------------------------------------------------------------------

    def take(self, limit: int, timeout: float) -> list[Message]:
        """See `ports.Source`."""
        self._watch_topics()
        try:
            fetched = self._consume(limit, timeout)
        except KafkaException as error:
            self._check()
            raise SourceFailed(f"the Kafka client can't go on: {error_text(error)}") from None
        self._check()
        messages = self._released() if self._held else []
        ours, unready = self._assignment.partitions, self._assignment.unready
        for each in fetched:
            fault = each.error()
            if fault is not None:
                self._message_error(each, fault)
                continue
            message = _message(each)
            key = (message.topic, message.partition)
            if key not in ours:
                continue
            if key in unready:
                self._held.append(message)
            else:
                messages.append(message)
        self._check()
        return messages

    def _consume(self, limit: int, timeout: float) -> list[KafkaMessage]:
        # `consume(n, t)` waits for n messages or the whole t, so one is waited for first.
        if timeout <= 0:
            return self._consumer.consume(limit, 0)
        first = self._consumer.consume(1, timeout)
        if not first or limit == 1:
            return first
        number = self._assignment.number
        rest = self._consumer.consume(limit - 1, 0)
        key = (first[0].topic() or "", first[0].partition() or 0)
        if self._assignment.partitions.get(key, 0) > number:
            # Its partition went and came back while it was in hand: it comes again, from the new start.
            return rest
        return first + rest

    def _check(self) -> None:
        failure = self._failure
        if isinstance(failure, GreenflashKafkaError):
            # It says what happened and has its own exit code: no topic ids is the configuration's fault.
            raise failure
        if failure is not None:
            # Its own text may hold a payload, unless it is the client's.
            said = error_text(failure) if isinstance(failure, KafkaException) else type(failure).__name__
            raise SourceFailed(f"an error inside a callback of the Kafka client: {said}") from failure

    def _released(self) -> list[Message]:
        unready = self._assignment.unready
        ready = [each for each in self._held if (each.topic, each.partition) not in unready]
        self._held = [each for each in self._held if (each.topic, each.partition) in unready]
        return ready

    def _message_error(self, message: KafkaMessage, error: KafkaError) -> None:
        topic, partition = message.topic(), message.partition()
        code = error.code()
        if code == KafkaError._PARTITION_EOF:
            return
        if code == KafkaError._AUTO_OFFSET_RESET and topic is not None and partition is not None:
            self._out_of_range((topic, partition))
        elif code == KafkaError._MAX_POLL_EXCEEDED:
            self._poll_was_late = True
            self._tell.notice("poll_too_late")
        elif error.fatal():
            self._failure = SourceFailed(f"the Kafka client gave up: {error.str()}")
        else:
            self._tell.notice("kafka_error", code=error.name(), text=error.str(), topic=topic, partition=partition)

    # --- partitions that wait, and partitions that stop ------------------------------------------------------------

    def _learn(self, answer: Mapping[str, str]) -> set[str]:
        """Note the topics' ids; returns the topics that have another id than before."""
        changed = {topic for topic, identity in answer.items() if self.topic_ids.get(topic, identity) != identity}
        # Halted, a topic keeps its old id: what is still in hand of it was read under that one.
        keep = changed if self._on_missing == "halt" else set()
        self.topic_ids |= {topic: identity for topic, identity in answer.items() if topic not in keep}
        unready = self._assignment.unready
        self._assignment.identified(answer.keys())
        self._client_resume(self._assignment.to_resume(unready))
        return changed

    def _watch_topics(self) -> None:
        if not self._assignment.partitions:
            return
        answer = self._cluster.answer(0)
        if answer:
            self._topics_recreated(self._learn(answer))
        now = self._monotonic()
        if now >= self._next_watch:
            self._next_watch = now + (ASK_AGAIN_SECONDS if self._assignment.unidentified else WATCH_SECONDS)
            self._cluster.ask({topic for topic, _ in self._assignment.partitions})

    def _topics_recreated(self, topics: set[str]) -> None:
        """Noticed while reading: a classic group goes on at the old topic's offsets until then."""
        for each in [each for each in self._assignment.partitions if each[0] in topics]:
            if not self._assignment.is_halted(each):
                at = self._commits.confirmed.get(each)
                self._recreated(each, f"messages before offset {'?' if at is None else at} of the new one are not read")

    def _recreated(self, partition: Partition, missing: str) -> None:
        _, end = self._offsets.watermarks(partition)
        self._gap(partition, f"the topic was deleted and created again: {missing} (it ends at {end})")

    def _out_of_range(self, partition: Partition) -> None:
        if partition not in self._assignment.partitions:
            return
        self._cluster.ask([partition[0]])
        changed = self._learn(self._cluster.answer(IDENTIFY_SECONDS) or {})
        if changed:
            self._topics_recreated(changed)
            return
        low, high = self._offsets.watermarks(partition)
        was = self._commits.confirmed.get(partition, -1)
        if was < low:
            self._gap(partition, f"offsets {was} to {low - 1} are gone: the topic now begins at {low}")
        else:
            self._gap(partition, f"the topic ends at {high}, before the committed offset {was}: was it truncated?")

    def _gap(self, partition: Partition, missing: str) -> None:
        """Messages are gone that were never read: halt the partition, or go on where there are some."""
        assert self._rebalance is not None
        topic, number = partition
        if self._on_missing == "halt":
            self._assignment.halt(partition)
            self._client_pause([partition])
            self._held = [each for each in self._held if (each.topic, each.partition) != partition]
            self._tell.notice("partition_halted", topic=topic, partition=number, reason=missing)
            self._rebalance.halted(partition, missing)
            return
        self._tell.notice("partition_skipped_ahead", topic=topic, partition=number, reason=missing)
        start = self._offsets.starts([partition], "earliest")
        self._rebalance.lost([partition])
        # `seek()` raises after such an error; assigning anew doesn't.
        self._unassign([partition])
        self._assign(start, {} if self._read_only else start)

    def pause(self, partitions: Iterable[Partition]) -> None:
        """See `ports.Source`."""
        self._client_pause(self._assignment.pause(partitions))

    def resume(self, partitions: Iterable[Partition]) -> None:
        """See `ports.Source`."""
        self._client_resume(self._assignment.resume(partitions))

    def _client_pause(self, partitions: Iterable[Partition]) -> None:
        wanted = [TopicPartition(*each) for each in partitions]
        if wanted:
            self._consumer.pause(wanted)

    def _client_resume(self, partitions: Iterable[Partition]) -> None:
        wanted = [TopicPartition(*each) for each in partitions]
        if wanted:
            self._consumer.resume(wanted)

    # --- offsets back ----------------------------------------------------------------------------------------------

    def position(self, partition: Partition) -> int | None:
        """See `ports.Source`. None while messages are held back: the client's position is past them."""
        if partition not in self._assignment.partitions or partition in self._assignment.unready or self._held:
            return None
        offset: int = self._consumer.position([TopicPartition(*partition)])[0].offset
        return offset if offset >= 0 else None

    def store(self, offsets: Mapping[Partition, int]) -> None:
        """See `ports.Source`."""
        assignment = self._assignment
        mine = {
            each: offset
            for each, offset in offsets.items()
            if each in assignment.partitions and not assignment.is_halted(each)
        }
        if not self._read_only:
            self._store(mine)

    def _store(self, offsets: Mapping[Partition, int]) -> None:
        # One at a time: the client refuses a partition that isn't ours (any more), and the others must not suffer.
        for (topic, partition), offset in offsets.items():
            wanted = TopicPartition(topic, partition, offset, self.topic_ids.get(topic, ""))
            try:
                self._consumer.store_offsets(offsets=[wanted])
            except KafkaException as error:
                self._tell.count("stores_refused", 1, (error.args[0].name(),))
            else:
                self._commits.stored((topic, partition), offset)

    def commit(self) -> None:
        """See `ports.Source`. Never synchronous: that hangs for as long as a silent broker does."""
        if self._read_only:
            return
        overdue = self._commits.overdue(self._monotonic())
        if overdue is not None:
            self._tell.notice("commits_overdue", seconds=round(overdue))
        if not self._commits.pending:
            if self._commits.recovered():
                self._tell.notice("commits_working")
            return
        try:
            self._consumer.commit(asynchronous=True)
        except KafkaException as error:
            if error.args[0].code() not in _HARMLESS_COMMIT_ERRORS:
                self._tell.notice("commit_failed", code=error.args[0].name(), partitions=0)

    def committed(self) -> Mapping[Partition, int]:
        """See `ports.Source`."""
        return self._commits.confirmed

    def lag(self) -> Mapping[Partition, int]:
        """See `ports.Source`."""
        found: dict[Partition, int] = {}
        for each in self._assignment.partitions:
            _, end = self._consumer.get_watermark_offsets(TopicPartition(*each), cached=True) or (0, -1)
            at = self._commits.confirmed.get(each, -1)
            if end >= 0 and at >= 0:
                found[each] = max(0, end - at)
        return found

    @property
    def ready(self) -> bool:
        """Whether there are partitions, and all of them hand on messages."""
        return bool(self._assignment.partitions) and not self._assignment.unready

    def ends(self, seconds: float = RESOLVE_SECONDS) -> Mapping[Partition, int]:
        """See `ports.Source`."""
        return self._offsets.ends(list(self._assignment.partitions), seconds)

    def remaining(self) -> Mapping[Partition, int]:
        """See `ports.Source`."""
        others = [each for each in self._existing() if each not in self._assignment.partitions]
        committed = self._offsets.committed(others)
        ends = self._offsets.ends(others)
        beginnings = self._offsets.starts([each for each in others if each not in committed], "earliest")
        at = beginnings | {each: was.offset for each, was in committed.items()}
        return {each: end - at[each] for each, end in ends.items() if end > at[each]}

    def settle(self, timeout: float) -> bool:
        """See `ports.Source`. What is fetched meanwhile is dropped, and comes again."""
        until = self._monotonic() + timeout
        self.commit()
        while self._commits.pending:
            if self._monotonic() >= until:
                return False
            self._consumer.consume(1, 0.1)
            self._check()
        return self._coordinator_answers(max(1.0, until - self._monotonic()))

    def _coordinator_answers(self, seconds: float) -> bool:
        # Nothing to commit doesn't mean that anybody is there to take our leave, which would hang.
        any_partition = next(iter(self._assignment.partitions), ("-", 0))
        try:
            self._consumer.committed([TopicPartition(*any_partition)], timeout=seconds)
        except KafkaException:
            return False
        return True

    def close(self) -> None:
        """See `ports.Source`."""
        self._closing = True
        self._consumer.close()


def _message(record: KafkaMessage) -> Message:
    kind, stamp = record.timestamp()
    return Message(
        record.topic(),  # type: ignore[arg-type]
        record.partition(),  # type: ignore[arg-type]
        record.offset(),  # type: ignore[arg-type]
        stamp if kind else 0,
        record.key(),
        record.value(),
        tuple(record.headers() or ()),  # type: ignore[arg-type]
        _TIMESTAMP_TYPES[kind],
    )


def _by_topic(offsets: Mapping[Partition, int]) -> dict[str, dict[int, int]]:
    topics: dict[str, dict[int, int]] = {}
    for (topic, partition), offset in sorted(offsets.items()):
        topics.setdefault(topic, {})[partition] = offset
    return topics
