"""Kafka in: one consumer of one group, on confluent-kafka.

Nothing may raise inside `consume()`: the fetched batch would be thrown away and the position stand behind it. So
every callback is guarded and only records; what was recorded is raised by `take` afterwards, and is fatal.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from consumer.errors import BrokerUnreachable, SourceFailed
from consumer.model.message import Message
from consumer.ports import Listener, RebalanceListener
from consumer.ports import TopicPartition as Partition
from consumer.source.kafka_offsets import KafkaOffsets, error_text
from consumer.source.start import GroupAtStart, StartAt, recreated, start_for

IDENTIFY_SECONDS = 5.0
"""How long an assignment waits for its topics' ids; after that their partitions wait, and the others go on."""

WATCH_SECONDS = 15.0
"""How often topic ids are asked for: a recreated topic goes unnoticed by a classic group (`engine` 9)."""

COMMIT_ALARM_SECONDS = 60.0
"""No confirmed commit for so long, with something to commit, is worth a notice; a single failure isn't."""

_TIMESTAMP_TYPES = {0: "none", 1: "create", 2: "append"}
_HARMLESS_COMMIT_ERRORS = frozenset(
    {
        KafkaError._NO_OFFSET,
        KafkaError.ILLEGAL_GENERATION,
        KafkaError.REBALANCE_IN_PROGRESS,
        KafkaError.UNKNOWN_MEMBER_ID,
        KafkaError.STALE_MEMBER_EPOCH,
    }
)

OnMissing = Literal["halt", "continue"]


class TopicIdentities(Protocol):
    """Who knows the topics' ids."""

    def ask(self, topics: Iterable[str]) -> None:
        """Start asking; a question under way is left to finish."""
        ...

    def answer(self, timeout: float) -> Mapping[str, str] | None:
        """What was answered, waiting at most so long; None when nothing was asked, answered, or it failed."""
        ...


class KafkaSource:
    """`ports.Source` on confluent-kafka.

    `subscription` holds topic names and, starting with `^`, regular expressions as librdkafka takes them. A partition
    is *unready* from its assignment until its start offset is committed and its topic's id known; it is paused
    meanwhile and its messages are held back. `read_only` never commits.
    """

    def __init__(
        self,
        properties: Mapping[str, Any],
        subscription: Sequence[str],
        start: StartAt,
        on_missing: OnMissing,
        identities: TopicIdentities | None,
        listener: Listener,
        read_only: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._consumer = Consumer(
            {**properties, "on_commit": self._on_commit, "error_cb": self._on_error},
        )
        self._offsets = KafkaOffsets(self._consumer, listener, monotonic)
        self._subscription = list(subscription)
        self._start: StartAt = start
        self._on_missing = on_missing
        self._identities = identities
        self._tell = listener
        self._read_only = read_only
        self._monotonic = monotonic
        self._rebalance: RebalanceListener | None = None
        self._group = GroupAtStart(True, frozenset())
        self._ours: dict[Partition, int] = {}
        """Partition -> number of its assignment."""
        self._assignments = 0
        self._anchoring: dict[Partition, int] = {}
        """Partition -> start offset whose commit isn't confirmed yet."""
        self._unidentified: set[Partition] = set()
        self._halted: dict[Partition, str] = {}
        self._wanted_paused: set[Partition] = set()
        self._held: list[Message] = []
        self._committed: dict[Partition, int] = {}
        self._stored: dict[Partition, int] = {}
        self._commit_due_since: float | None = None
        self._commit_alarm = False
        self._polls_late = False
        self._next_watch = 0.0
        self._failure: BaseException | None = None
        self._closing = False
        self.topic_ids: dict[str, str] = {}
        """Topic -> id, for every topic of the current assignment that has answered; the evaluation context reads it."""

    # --- joining -----------------------------------------------------------------------------------------------

    def subscribe(self, listener: RebalanceListener, timeout: float = 30.0) -> None:
        """Join the group. Raises `BrokerUnreachable` when no broker answers within `timeout` seconds."""
        self._rebalance = listener
        partitions = self._existing(timeout)
        committed = self._offsets.committed(partitions)
        self._group = GroupAtStart(not committed, frozenset(partitions))
        self._consumer.subscribe(
            self._subscription, on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
        )

    def _existing(self, timeout: float) -> list[Partition]:
        try:
            metadata = self._consumer.list_topics(timeout=timeout)
        except KafkaException as error:
            said = error_text(error)
            raise BrokerUnreachable(
                f"no Kafka broker answered within {timeout:.0f} s ({said}); check kafka.bootstrap_servers "
                "(KAFKA_BOOTSTRAP_SERVERS), the network, and the TLS and SASL settings in kafka.properties"
            ) from None
        import re2

        patterns = [re2.compile(each) for each in self._subscription if each.startswith("^")]
        names = {each for each in self._subscription if not each.startswith("^")}
        found = [
            topic for topic in metadata.topics if topic in names or any(pattern.search(topic) for pattern in patterns)
        ]
        for missing in sorted(names - set(found)):
            self._tell.notice("topic_missing", topic=missing)
        return [(topic, partition) for topic in found for partition in metadata.topics[topic].partitions]

    # --- callbacks: inside consume(), so they are guarded and only record --------------------------------------

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
        self._identify({topic for topic, _ in partitions}, IDENTIFY_SECONDS)
        gone = recreated(committed, self.topic_ids)
        starts = {each: was.offset for each, was in committed.items() if each not in gone}
        fresh = self._resolve([each for each in partitions if each not in committed])
        if self._on_missing == "continue":
            fresh |= self._offsets.starts(gone, "earliest")
        starts |= fresh
        # A halted partition is held at its old offset, paused: it stays ours, and nobody else takes it for free.
        starts |= {each: committed[each].offset for each in gone if each not in starts}
        self._assignments += 1
        for each in partitions:
            self._ours[each] = self._assignments
            self._halted.pop(each, None)
            self._committed.pop(each, None)
        self._committed |= {each: was.offset for each, was in committed.items()}
        self._consumer.incremental_assign([TopicPartition(*each, offset) for each, offset in starts.items()])
        if fresh and not self._read_only:
            self._anchoring |= fresh
            self._store(fresh)
            self.commit()
        if fresh:
            self._tell.notice("start_resolved", start=str(self._start), offsets=_by_topic(fresh))
        self._unidentified |= {each for each in partitions if self._needs_id(each[0])}
        self._hold_back(partitions)
        assert self._rebalance is not None
        self._rebalance.assigned(starts)
        for each in gone:
            said = f"its committed offset {committed[each].offset} belongs to another topic of that name"
            if self._on_missing == "halt":
                self._halt(each, f"the topic was deleted and created again: {said}")
            else:
                self._tell.notice("partition_skipped_ahead", topic=each[0], partition=each[1], reason=said)

    def _revoked(self, partitions: list[Partition]) -> None:
        if self._polls_late:
            # librdkafka PR 5604: after a missed max.poll.interval a lost partition may come as merely revoked.
            self._lost(partitions)
            return
        if not self._closing:
            assert self._rebalance is not None
            self._rebalance.revoking([each for each in partitions if each in self._ours])
        self._forget(partitions)
        self._consumer.incremental_unassign([TopicPartition(*each) for each in partitions])

    def _lost(self, partitions: list[Partition]) -> None:
        self._polls_late = False
        if not self._closing:
            assert self._rebalance is not None
            self._rebalance.lost([each for each in partitions if each in self._ours])
            self._tell.notice("partitions_lost", partitions=len(partitions))
        self._forget(partitions)
        self._consumer.incremental_unassign([TopicPartition(*each) for each in partitions])

    def _forget(self, partitions: list[Partition]) -> None:
        gone = set(partitions)
        for each in partitions:
            for mapping in (self._ours, self._anchoring, self._halted, self._committed, self._stored):
                mapping.pop(each, None)
        self._unidentified -= gone
        self._wanted_paused -= gone
        self._held = [each for each in self._held if (each.topic, each.partition) not in gone]

    def _commit_answered(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        failed = {}
        for each in partitions or ():
            key = (each.topic, each.partition)
            wrong = each.error or error
            if wrong is not None:
                failed[key] = wrong
            elif key in self._ours and each.offset >= 0:
                self._committed[key] = each.offset
                if self._anchoring.get(key, each.offset + 1) <= each.offset:
                    del self._anchoring[key]
        if failed or error is not None:
            first = next(iter(failed.values()), error)
            assert first is not None
            self._tell.count("commits_failed", 1, (first.name(),))
            if first.code() not in _HARMLESS_COMMIT_ERRORS:
                self._tell.notice("commit_failed", code=first.name(), partitions=len(failed))
        else:
            self._tell.count("commits")
        if all(self._committed.get(key, -1) >= offset for key, offset in self._stored.items()):
            self._commit_due_since, self._commit_alarm = None, False
        self._release()

    def _resolve(self, partitions: Sequence[Partition]) -> dict[Partition, int]:
        """Start offsets for partitions that have none committed."""
        by_start: dict[StartAt, list[Partition]] = {}
        for each in partitions:
            by_start.setdefault(start_for(each, self._group, self._start), []).append(each)
        return {
            key: offset
            for start, group in by_start.items()
            for key, offset in self._offsets.starts(group, start).items()
        }

    def _client_error(self, error: KafkaError) -> None:
        if error.fatal():
            self._failure = self._failure or SourceFailed(f"the Kafka client gave up: {error.str()}")
        else:
            self._tell.notice("kafka_error", code=error.name(), text=error.str())

    # --- taking ------------------------------------------------------------------------------------------------

    def take(self, limit: int, timeout: float) -> list[Message]:
        """See `ports.Source`. `consume(n, t)` would wait the whole t for n messages: so one is waited for first."""
        self._watch_topics()
        try:
            if timeout > 0:
                before = self._assignments
                raw = self._consumer.consume(1, timeout)
                if raw and limit > 1:
                    first = raw[0]
                    raw = self._consumer.consume(limit - 1, 0)
                    if (
                        self._assignments == before
                        or self._ours.get((str(first.topic()), first.partition() or 0), 0) <= before
                    ):
                        raw.insert(0, first)
            else:
                raw = self._consumer.consume(limit, 0)
        except KafkaException as error:
            self._check()
            raise SourceFailed(f"the Kafka client can't go on: {error_text(error)}") from None
        self._check()
        messages = self._held_released() if self._held else []
        ours = self._ours
        for each in raw:
            wrong = each.error()
            if wrong is not None:
                self._message_error(each, wrong)
                continue
            topic, partition, offset = each.topic(), each.partition(), each.offset()
            assert topic is not None and partition is not None and offset is not None
            if (topic, partition) not in ours:
                continue
            kind, stamp = each.timestamp()
            message = Message(
                topic,
                partition,
                offset,
                stamp if kind else 0,
                each.key(),  # type: ignore[arg-type]
                each.value(),  # type: ignore[arg-type]
                tuple(each.headers() or ()),  # type: ignore[arg-type]
                _TIMESTAMP_TYPES[kind],
            )
            if self._unready((topic, partition)):
                self._held.append(message)
            else:
                messages.append(message)
        self._check()
        return messages

    def _check(self) -> None:
        if self._failure is None:
            return
        failure = self._failure
        if isinstance(failure, SourceFailed):
            raise failure
        raise SourceFailed(f"an error inside the Kafka client's callback: {failure!r}") from failure

    def _held_released(self) -> list[Message]:
        ready = [each for each in self._held if not self._unready((each.topic, each.partition))]
        self._held = [each for each in self._held if self._unready((each.topic, each.partition))]
        return ready

    def _message_error(self, message: Any, error: KafkaError) -> None:
        key = (message.topic(), message.partition())
        code = error.code()
        if code == KafkaError._PARTITION_EOF:
            return
        if code == KafkaError._AUTO_OFFSET_RESET and key in self._ours:
            self._out_of_range(key)
        elif code == KafkaError._MAX_POLL_EXCEEDED:
            self._polls_late = True
            self._tell.notice("poll_too_late")
        elif error.fatal():
            self._failure = SourceFailed(f"the Kafka client gave up: {error.str()}")
        else:
            self._tell.notice("kafka_error", code=error.name(), text=error.str(), topic=key[0], partition=key[1])

    # --- partitions that wait, and partitions that stop ---------------------------------------------------------

    def _needs_id(self, topic: str) -> bool:
        return self._identities is not None and topic not in self.topic_ids

    def _unready(self, partition: Partition) -> bool:
        return partition in self._anchoring or partition in self._unidentified or partition in self._halted

    def _hold_back(self, partitions: Iterable[Partition]) -> None:
        waiting = [each for each in partitions if self._unready(each)]
        if waiting:
            self._consumer.pause([TopicPartition(*each) for each in waiting])

    def _release(self) -> None:
        """Let partitions go on that have become ready and that the pipeline doesn't want paused."""
        ready = [each for each in self._ours if not self._unready(each) and each not in self._wanted_paused]
        if ready:
            self._consumer.resume([TopicPartition(*each) for each in ready])

    def _identify(self, topics: set[str], timeout: float) -> None:
        """Ask for the topics' ids; what isn't answered in time keeps its partitions waiting."""
        if self._identities is None:
            return
        self._identities.ask(topics)
        self.topic_ids |= self._identities.answer(timeout) or {}

    def _watch_topics(self) -> None:
        if self._identities is None or not self._ours:
            return
        answer = self._identities.answer(0)
        if answer is not None:
            self._compare(answer)
        now = self._monotonic()
        if now >= self._next_watch or (self._unidentified and now >= self._next_watch - WATCH_SECONDS + 1.0):
            self._next_watch = now + WATCH_SECONDS
            self._identities.ask({topic for topic, _ in self._ours})

    def _compare(self, answer: Mapping[str, str]) -> None:
        changed = {topic for topic, identity in answer.items() if self.topic_ids.get(topic, identity) != identity}
        self.topic_ids |= {topic: identity for topic, identity in answer.items() if topic not in changed}
        for each in [each for each in self._ours if each[0] in changed and each not in self._halted]:
            since = self._committed.get(each, -1)
            if self._on_missing == "halt":
                self._halt(
                    each,
                    f"the topic was deleted and created again; committed was {since}, and nothing of the "
                    "new topic has been read",
                )
            else:
                self._go_on_at_beginning(each, f"the topic was deleted and created again; committed was {since}")
        if self._on_missing == "continue":
            self.topic_ids |= answer
        known = {each for each in self._unidentified if not self._needs_id(each[0])}
        if known:
            self._unidentified -= known
            self._release()

    def _out_of_range(self, partition: Partition) -> None:
        low, high = self._offsets.watermarks(partition)
        was = self._committed.get(partition, -1)
        if was < low:
            missing = f"offsets {was} to {low - 1} are gone (the topic now begins at {low})"
        else:
            missing = f"the topic ends at {high}, before the committed offset {was}: it was truncated or created again"
        if self._on_missing == "halt":
            self._halt(partition, missing)
        else:
            self._go_on_at_beginning(partition, missing)

    def _halt(self, partition: Partition, reason: str) -> None:
        self._halted[partition] = reason
        self._hold_back([partition])
        self._held = [each for each in self._held if (each.topic, each.partition) != partition]
        self._tell.notice("partition_halted", topic=partition[0], partition=partition[1], reason=reason)
        assert self._rebalance is not None
        self._rebalance.halted(partition, reason)

    def _go_on_at_beginning(self, partition: Partition, reason: str) -> None:
        """The configuration says to go on: from the oldest message that there is, so that nothing more is lost."""
        start = self._offsets.starts([partition], "earliest")
        self._tell.notice("partition_skipped_ahead", topic=partition[0], partition=partition[1], reason=reason)
        assert self._rebalance is not None
        self._rebalance.lost([partition])
        self._committed.pop(partition, None)
        self._stored.pop(partition, None)
        self._consumer.incremental_unassign([TopicPartition(*partition)])
        # `seek()` raises after such an error; assigning anew doesn't (`engine` 5).
        self._consumer.incremental_assign([TopicPartition(*partition, start[partition])])
        self._assignments += 1
        self._ours[partition] = self._assignments
        self._rebalance.assigned(start)

    def pause(self, partitions: Iterable[Partition]) -> None:
        """See `ports.Source`."""
        wanted = {each for each in partitions if each in self._ours} - self._wanted_paused
        self._wanted_paused |= wanted
        if wanted:
            self._consumer.pause([TopicPartition(*each) for each in wanted])

    def resume(self, partitions: Iterable[Partition]) -> None:
        """See `ports.Source`."""
        wanted = self._wanted_paused & set(partitions)
        self._wanted_paused -= wanted
        ready = [each for each in wanted if not self._unready(each)]
        if ready:
            self._consumer.resume([TopicPartition(*each) for each in ready])

    # --- offsets back ------------------------------------------------------------------------------------------

    def position(self, partition: Partition) -> int | None:
        """See `ports.Source`. None while messages are held back or halted: the client's position is past them."""
        if partition not in self._ours or self._unready(partition):
            return None
        if self._held and any((each.topic, each.partition) == partition for each in self._held):
            return None
        offset: int = self._consumer.position([TopicPartition(*partition)])[0].offset
        return offset if offset >= 0 else None

    def store(self, offsets: Mapping[Partition, int]) -> None:
        """See `ports.Source`."""
        mine = {each: offset for each, offset in offsets.items() if each in self._ours and each not in self._halted}
        if mine and not self._read_only:
            self._store(mine)

    def _store(self, offsets: Mapping[Partition, int]) -> None:
        # One at a time: the client refuses a partition that isn't ours (any more), and the others must not suffer.
        for (topic, partition), offset in offsets.items():
            metadata = self.topic_ids.get(topic, "")
            try:
                self._consumer.store_offsets(offsets=[TopicPartition(topic, partition, offset, metadata)])
            except KafkaException as error:
                self._tell.count("stores_refused", 1, (error.args[0].name(),))
            else:
                self._stored[topic, partition] = offset

    def commit(self) -> None:
        """See `ports.Source`. Never synchronous: that hangs for as long as a silent broker does."""
        if self._read_only:
            return
        pending = any(self._committed.get(key, -1) < offset for key, offset in self._stored.items())
        if not pending:
            return
        now = self._monotonic()
        if self._commit_due_since is None:
            self._commit_due_since = now
        elif now - self._commit_due_since > COMMIT_ALARM_SECONDS and not self._commit_alarm:
            self._commit_alarm = True
            self._tell.notice("commits_overdue", seconds=round(now - self._commit_due_since))
        try:
            self._consumer.commit(asynchronous=True)
        except KafkaException as error:
            if error.args[0].code() not in _HARMLESS_COMMIT_ERRORS:
                self._tell.notice("commit_failed", code=error.args[0].name(), partitions=len(self._stored))

    def committed(self) -> Mapping[Partition, int]:
        """See `ports.Source`."""
        return self._committed

    def ends(self) -> Mapping[Partition, int]:
        """See `ports.Source`."""
        return {each: self._offsets.watermarks(each)[1] for each in self._ours}

    def close(self, timeout: float) -> bool:
        """See `ports.Source`. Leaves the group only if everything stored is confirmed, since `close()` can hang."""
        until = self._monotonic() + timeout
        self.commit()
        while any(self._committed.get(key, -1) < offset for key, offset in self._stored.items()):
            if self._monotonic() >= until:
                return False
            self._consumer.consume(1, 0.1)
            self._check()
        self._closing = True
        self._consumer.close()
        return True


def _by_topic(offsets: Mapping[Partition, int]) -> dict[str, dict[int, int]]:
    topics: dict[str, dict[int, int]] = {}
    for (topic, partition), offset in sorted(offsets.items()):
        topics.setdefault(topic, {})[partition] = offset
    return topics
