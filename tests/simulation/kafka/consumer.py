"""The part of `confluent_kafka.Consumer` that the source uses, on a `MemoryKafka`: for a member of the simulation.

As librdkafka 2.16 does it: messages are fetched ahead, the position advances when `consume` hands them out, a callback
that raises costs the batch, pausing drops what was fetched ahead, assigning clears what was stored, a heartbeat of its
own keeps the membership between polls until `max.poll.interval.ms`.

Otherwise than the real one: several errors of a request in flight are one, `close()` doesn't wait for a broker that
is gone, and a `committed` of an unknown group is answered as of an empty one.
"""

from __future__ import annotations

import itertools
import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from confluent_kafka import OFFSET_INVALID, KafkaError, KafkaException, Message, TopicPartition

from tests.simulation.kafka.cluster import MemoryKafka, Unanswered
from tests.simulation.kafka.group import Committed, Joining, Key, Protocol
from tests.simulation.scheduler import Gone

FETCHED = 200
"""Records of one answer to a fetch."""

RETRY = 0.1
"""Seconds before a request that failed for the network is made again."""

REQUEST_SECONDS = 60.0
"""How long such a request is made again before its error is told."""

NEVER = 2466319141706670115
"""An offset that librdkafka 2.16.1 took out of the text of a broken batch."""

_RETRIED = (
    KafkaError.NOT_COORDINATOR,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.REQUEST_TIMED_OUT,
)


_NUMBERS = itertools.count()


class Owned:
    """A partition that is assigned: where the application and the fetcher are."""

    def __init__(self, offset: int) -> None:
        self.number = next(_NUMBERS)
        """Not its address, which another may have been at before: then it would be woken in that one's place."""
        self.position = OFFSET_INVALID
        self.start = self.fetch_at = offset
        self.queue: deque[Message | int] = deque()
        """Messages to hand out, and positions behind transaction markers."""
        self.version = 0
        self.epoch = -1
        """The leader's epoch of what was fetched last."""
        self.asking = False
        self.stored: int | None = None
        self.metadata = ""
        self.end = -1001


class MemoryConsumer:
    """Made like the real one, but with the cluster it belongs to; `pr5604` drops the flag that partitions are lost."""

    def __init__(
        self, settings: Mapping[str, Any], cluster: MemoryKafka, logger: object = None, pr5604: bool = False
    ) -> None:
        del logger
        self.fetched = FETCHED
        self._settings, self._cluster, self._scheduler = dict(settings), cluster, cluster.scheduler
        self._member = self._scheduler.current
        self._group = cluster.group(str(settings["group.id"]))
        self._protocol = _protocol(settings)
        self._session = float(settings.get("session.timeout.ms", 45000)) / 1000
        self._beat = float(settings.get("heartbeat.interval.ms", 3000)) / 1000
        self._most_between_polls = float(settings.get("max.poll.interval.ms", 300000)) / 1000
        self._refresh = float(settings.get("topic.metadata.refresh.interval.ms", 300000)) / 1000
        self.pr5604 = pr5604
        self._callbacks: dict[str, Callable[..., None] | None] = {}
        self._entries: list[str] = []
        self._known: list[Key] = []
        self.owned: dict[Key, Owned] = {}
        """What is assigned, by the application's word."""
        self._paused: set[Key] = set()
        self._committed_to: dict[Key, int] = {}
        """The last commit of each partition, remembered over assignments: only more than that is committed."""
        self._events: deque[Callable[[], Message | None]] = deque()
        self._order = 0
        self._id, self._epoch, self._membership, self._heard = "", 0, 0, 0
        self._given: frozenset[Key] = frozenset()
        """What the group gave us and we haven't given back."""
        self._joining = self._again = self._reconciling = False
        self.polling = False
        """Whether the application is inside `consume`."""
        self._polled = self._scheduler.now
        self._exceeded = self._lost = False
        self.closed = False
        self._dead = False

    # --- the life of the process ------------------------------------------------------------------------------------

    def kill(self) -> None:
        """The process died: nothing of it does anything any more, and the broker isn't told."""
        self._dead = True

    def _running(self) -> None:
        if self._dead:
            raise Gone
        if self.closed:
            raise RuntimeError("Consumer closed")

    @property
    def _gone(self) -> bool:
        return self._dead or self.closed or (self._member is not None and not self._member.alive)

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something later, unless the client or its process is gone by then."""
        self._scheduler.call_for(self._member, self._scheduler.now + seconds, lambda: None if self._gone else action())

    def _event(self, event: Callable[[], Message | None]) -> None:
        self._events.append(event)
        self._scheduler.notify(self)

    # --- the group --------------------------------------------------------------------------------------------------

    def subscribe(
        self,
        topics: Sequence[str],
        on_assign: Callable[..., None] | None = None,
        on_revoke: Callable[..., None] | None = None,
        on_lost: Callable[..., None] | None = None,
    ) -> None:
        """Join; what begins with ^ is a regular expression."""
        self._running()
        self._callbacks = {"assign": on_assign, "revoke": on_revoke, "lost": on_lost or on_revoke}
        self._entries = list(topics)
        self._polled = self._scheduler.now
        self._known = self._cluster.partitions_of(self._topics())
        self.after(self._cluster.latency, self._join)
        self.after(self._beat, self._heartbeat)
        self.after(self._refresh, self._look_for_topics)

    def _topics(self) -> list[str]:
        found = [each for each in sorted(self._cluster.topics) if each in self._entries]
        patterns = [re.compile(each) for each in self._entries if each.startswith("^")]
        return found + [each for each in sorted(self._cluster.topics) if any(p.search(each) for p in patterns)]

    def _topics_to_share(self) -> list[str]:
        """What it tells the group that it wants; from then on it looks for what differs from that."""
        found = self._topics()
        self._known = self._cluster.partitions_of(found)
        return found

    def _look_for_topics(self) -> None:
        if self._cluster.reachable:
            seen = self._cluster.partitions_of(self._topics())
            if seen != self._known:
                self._known = seen
                self._group.topics_changed()
        self.after(self._refresh, self._look_for_topics)

    def _join(self) -> None:
        if self._exceeded:
            return
        try:
            if self._cluster.meet("JoinGroup"):
                self.after(RETRY, self._join)
                return
        except Unanswered:
            self.after(RETRY, self._join)
            return
        if self._id and not self._group.knows(self._id):
            self._fenced(KafkaError.UNKNOWN_MEMBER_ID)
            return
        self._joining = True
        self._membership += 1
        self._heard = 0
        number = self._membership

        def assign(epoch: int, partitions: frozenset[Key]) -> None:
            self.after(self._cluster.latency, lambda: self._told(number, epoch, partitions))

        joining = Joining(
            self._protocol, self._topics_to_share, self._session, self._most_between_polls, self._given, assign
        )
        self._id = self._group.join(self._id, joining)

    def _join_later(self) -> None:
        # It travels as long as what was sent before, and so doesn't overtake a commit.
        self._joining = True
        self.after(self._cluster.latency, self._join)

    def _heartbeat(self) -> None:
        self.after(self._beat, self._heartbeat)
        if self._exceeded:
            return
        if not self.polling and self._scheduler.now - self._polled > self._most_between_polls:
            self._too_late()
            return
        # It travels as long as a commit that was sent before: what it says must not overtake that.
        # In the middle of a change it says nothing about what it has.
        given, heard = self._given, -1 if self._reconciling else self._heard
        self.after(self._cluster.latency, lambda: self._beats(given, heard))

    def _beats(self, given: frozenset[Key], heard: int) -> None:
        if not self._id or self._exceeded:
            return
        try:
            code = self._cluster.meet("Heartbeat")
        except Unanswered:
            return
        if not isinstance(code, int):
            return
        code = code or self._group.heartbeat(self._id, self._epoch, given, heard)
        if code == KafkaError.ILLEGAL_GENERATION and self._joining:
            return  # the answer to its join, with the new generation, is on its way
        if code == KafkaError.REBALANCE_IN_PROGRESS and not self._joining:
            self._joining = True
            if self._protocol == "eager" and self._given:
                self._event(lambda: self._give_back(self._given, "revoke", then_join=True))
            else:
                self._join_later()
        elif code in (KafkaError.UNKNOWN_MEMBER_ID, KafkaError.ILLEGAL_GENERATION, KafkaError.FENCED_MEMBER_EPOCH):
            self._fenced(code)

    def _fenced(self, code: int) -> None:
        if code != KafkaError.ILLEGAL_GENERATION:
            self._id = ""
        self._membership += 1
        self._joining = True
        self._event(lambda: self._give_back(self._given, "lost", then_join=True))

    def _too_late(self) -> None:
        self._exceeded = True
        with_id, self._id = self._id, ""
        self._membership += 1
        if self._cluster.coordinated:
            self._group.leave(with_id)
        error = KafkaError(KafkaError._MAX_POLL_EXCEEDED)
        self._event(lambda: Message(error=error))
        self._event(lambda: self._give_back(self._given, "revoke" if self.pr5604 else "lost", then_join=True))

    def _told(self, number: int, epoch: int, partitions: frozenset[Key]) -> None:
        if number == self._membership:
            self._epoch = epoch
            self._heard += 1
            heard = self._heard
            self._event(lambda: self._take_over(number, heard, partitions))

    def _take_over(self, number: int, heard: int, partitions: frozenset[Key]) -> None:
        self._reconciling = True
        try:
            self._reconcile(number, heard, partitions)
        finally:
            self._reconciling = False

    def _reconcile(self, number: int, heard: int, partitions: frozenset[Key]) -> None:
        if number != self._membership or heard != self._heard:
            return  # a newer one is behind it
        self._joining = False
        again, self._again = self._again, False
        old = self._given - partitions
        if old:
            self._give_back(old, "revoke", then_join=False)
        new = partitions - self._given
        self._given |= new
        if new or self._protocol == "eager":
            wanted = [TopicPartition(*each) for each in sorted(new)]
            on_assign, before = self._callbacks["assign"], self._order
            try:
                if on_assign is not None:
                    on_assign(self, wanted)
            finally:
                if self._order == before and not self._gone:
                    self._assign(wanted)
        if old:
            self._after_revoke()
        elif again:
            self._join_later()

    def _after_revoke(self) -> None:
        if self._protocol == "consumer":
            given, heard = self._given, self._heard
            self.after(self._cluster.latency, lambda: self._ack_revoked(given, heard))
        elif self._joining:
            # The join under way still claims what has just been given back: join again after it.
            self._again = True
        else:
            self._join_later()

    def _ack_revoked(self, given: frozenset[Key], heard: int) -> None:
        if self._cluster.coordinated and self._id:
            self._group.heartbeat(self._id, self._epoch, given, heard)

    def _give_back(self, partitions: frozenset[Key], how: str, *, then_join: bool) -> None:
        gone = sorted(partitions & self._given)
        self._lost = how == "lost"
        try:
            called = self._callbacks[how]
            if gone and called is not None:
                called(self, [TopicPartition(*each) for each in gone])
        finally:
            self._lost = False
            self._given -= partitions
            for each in gone:
                self.owned.pop(each, None)
            if then_join and not self._gone:
                self._exceeded = False
                self._polled = self._scheduler.now
                self.after(self._cluster.latency, self._join)

    # --- the assignment ---------------------------------------------------------------------------------------------

    def incremental_assign(self, partitions: Sequence[TopicPartition]) -> None:
        """Add these, from their offsets; stored offsets of theirs are forgotten."""
        self._running()
        self._assign(partitions)

    def incremental_unassign(self, partitions: Sequence[TopicPartition]) -> None:
        """Take these away."""
        self._running()
        self._order += 1
        for each in partitions:
            self.owned.pop((each.topic, each.partition), None)

    def assign(self, partitions: Sequence[TopicPartition]) -> None:
        """These instead of all others."""
        self._running()
        self.owned.clear()
        self._assign(partitions)

    def unassign(self) -> None:
        """None."""
        self._running()
        self._order += 1
        self.owned.clear()

    def _assign(self, partitions: Sequence[TopicPartition]) -> None:
        self._order += 1
        for each in _in_order(partitions):
            key = (each.topic, each.partition)
            offset = each.offset
            if offset < 0:
                known = self._group.offsets.get(key)
                offset = self._reset(key) if known is None else known.offset
            self.owned[key] = Owned(offset)
            self._fetch_later(key)

    def _reset(self, key: Key) -> int:
        policy = str(self._settings.get("auto.offset.reset", "latest"))
        if policy == "error":
            return OFFSET_INVALID
        try:
            return self._cluster.offset_at(key, "earliest" if policy in ("earliest", "smallest") else "latest")
        except KeyError:
            return 0

    def pause(self, partitions: Sequence[TopicPartition]) -> None:
        """Stop; what was fetched ahead is dropped. Remembered over assignments."""
        self._running()
        for each in _in_order(partitions):
            key = (each.topic, each.partition)
            self._paused.add(key)
            owned = self.owned.get(key)
            if owned is not None:
                owned.version += 1
                owned.queue.clear()
                owned.asking = False
                owned.fetch_at = owned.position if owned.position >= 0 else owned.start

    def resume(self, partitions: Sequence[TopicPartition]) -> None:
        """Go on."""
        self._running()
        for each in _in_order(partitions):
            key = (each.topic, each.partition)
            self._paused.discard(key)
            self._fetch_later(key)

    def seek(self, partition: TopicPartition) -> None:
        """Go on at this offset; what was fetched ahead is dropped, and the position isn't known until the next message.
        Raises _STATE for what isn't assigned."""
        self._running()
        key = (partition.topic, partition.partition)
        owned = self.owned.get(key)
        if owned is None:
            raise KafkaException(KafkaError(KafkaError._STATE))
        owned.version += 1
        owned.queue.clear()
        owned.asking = False
        owned.position, owned.epoch = OFFSET_INVALID, -1
        owned.start = owned.fetch_at = partition.offset
        self._fetch_later(key)

    # --- fetching ---------------------------------------------------------------------------------------------------

    def _fetch_later(self, key: Key, seconds: float | None = None) -> None:
        owned = self.owned.get(key)
        if owned is None or owned.asking or owned.queue or key in self._paused:
            return
        owned.asking = True
        version = owned.version
        wait = self._cluster.latency if seconds is None else seconds
        self.after(wait, lambda: self._fetch(key, owned, version))

    def _fetch(self, key: Key, owned: Owned, version: int) -> None:
        if self.owned.get(key) is not owned or owned.version != version:
            return
        owned.asking = False
        try:
            code = self._cluster.meet("Fetch", key)
            log = self._cluster.log(key)
        except (Unanswered, KeyError):
            self._fetch_later(key, RETRY)
            return
        if code:
            self._fetch_later(key, RETRY)
            return
        owned.end = log.end
        # A new leader is asked whether its log still has what was read: unknown is only what another life read.
        truncated = owned.epoch >= 0 and any(cut < owned.fetch_at for cut in log.cuts[owned.epoch :])
        if self._cluster.misread.get(key, 0):
            self._cluster.misread[key] -= 1
            owned.fetch_at = NEVER
        if truncated or not log.start <= owned.fetch_at <= log.end:
            self._out_of_range(key, owned, truncated)
            return
        owned.epoch = len(log.cuts)
        records = log.read(owned.fetch_at, self.fetched)
        if not records:
            owned.asking = True
            log.watchers[owned.number] = lambda: self._woken(key, owned)
            return
        for each in records:
            owned.fetch_at = each.offset + 1
            if each.marker:
                owned.queue.append(each.offset + 1)
            elif not each.aborted:
                owned.queue.append(_message(key, each))
        if owned.queue:
            self._scheduler.notify(self)
        else:
            self._fetch_later(key)

    def _woken(self, key: Key, owned: Owned) -> None:
        if self.owned.get(key) is owned:
            owned.asking = False
            self._fetch_later(key)

    def _out_of_range(self, key: Key, owned: Owned, truncated: bool) -> None:
        if self._settings.get("auto.offset.reset") != "error":
            owned.fetch_at = self._reset(key)
            self._fetch_later(key)
            return
        owned.asking = True  # nothing more until it is assigned anew
        error = KafkaError(KafkaError._AUTO_OFFSET_RESET, "fetch failed due to requested offset not available")
        # A log that was cut is told without an offset, as the real client does.
        where: dict[str, Any] = {} if truncated else {"offset": owned.fetch_at}
        found = Message(topic=key[0], partition=key[1], error=error, **where)
        self._event(lambda: found if self.owned.get(key) is owned else None)

    def consume(self, num_messages: int = 1, timeout: float = -1) -> list[Message]:
        """At most so many, waiting for all of them or the whole time. Callbacks run in here; what they raise is raised
        here, and the batch is lost."""
        self._running()
        self.polling = True
        until = self._scheduler.now + timeout
        batch: list[Message] = []
        try:
            while True:
                while self._events and len(batch) < num_messages:
                    message = self._events.popleft()()
                    if message is not None:
                        batch.append(message)
                self._hand_out(batch, num_messages)
                if len(batch) >= num_messages or self._scheduler.now >= until:
                    return batch
                self._scheduler.wait(until, (self,))
                self._running()
        except Exception:
            # What was fetched by then is thrown away, and the position stands behind it.
            self._hand_out([], num_messages)
            raise
        finally:
            self.polling = False
            self._polled = self._scheduler.now

    def _hand_out(self, batch: list[Message], most: int) -> None:
        for key, owned in list(self.owned.items()):
            while owned.queue and (len(batch) < most or isinstance(owned.queue[0], int)):
                entry = owned.queue.popleft()
                if isinstance(entry, int):
                    owned.position = entry
                else:
                    owned.position = (entry.offset() or 0) + 1
                    batch.append(entry)
            self._fetch_later(key)

    # --- offsets ----------------------------------------------------------------------------------------------------

    def position(self, partitions: Sequence[TopicPartition]) -> list[TopicPartition]:
        """The offset behind the last message (or marker) that was handed out."""
        self._running()
        found = []
        for each in partitions:
            owned = self.owned.get((each.topic, each.partition))
            found.append(
                TopicPartition(each.topic, each.partition, OFFSET_INVALID if owned is None else owned.position)
            )
        return found

    def store_offsets(self, message: object = None, offsets: Sequence[TopicPartition] = ()) -> None:
        """What `commit` will commit. Raises _STATE for what isn't assigned."""
        del message
        self._running()
        for each in offsets:
            owned = self.owned.get((each.topic, each.partition))
            if owned is None:
                raise KafkaException(KafkaError(KafkaError._STATE))
            owned.stored, owned.metadata = each.offset, each.metadata or ""

    def commit(
        self, message: object = None, offsets: Sequence[TopicPartition] | None = None, asynchronous: bool = True
    ) -> None:
        """Commit what is stored and wasn't committed, or these. For nothing, `on_commit` is told _NO_OFFSET."""
        del message
        self._running()
        assert asynchronous, "a synchronous commit hangs with a silent broker: not modelled"
        if offsets is not None:
            wanted = {(each.topic, each.partition): Committed(each.offset, each.metadata or "") for each in offsets}
        else:
            wanted = {
                key: Committed(owned.stored, owned.metadata)
                for key, owned in self.owned.items()
                if owned.stored is not None and owned.stored > self._committed_to.get(key, -1)
            }
        if not wanted:
            self._event(lambda: self._commit_answered(KafkaError._NO_OFFSET, {}))
            return
        until, member, epoch = self._scheduler.now + REQUEST_SECONDS, self._id, self._epoch
        self.after(self._cluster.latency, lambda: self._send_commit(wanted, member, epoch, until))

    def _send_commit(self, wanted: dict[Key, Committed], member: str, epoch: int, until: float) -> None:
        """Sent again it is the same request: under the generation (or epoch) of its first time."""
        nowhere = {key: each for key, each in wanted.items() if not self._cluster.has(key)}
        if nowhere:
            self.after(
                self._cluster.latency,
                lambda: self._event(lambda: self._commit_answered(KafkaError.UNKNOWN_TOPIC_OR_PART, nowhere)),
            )
            wanted = {key: each for key, each in wanted.items() if key not in nowhere}
            if not wanted:
                return
        try:
            fault = self._cluster.meet("OffsetCommit")
        except Unanswered:
            fault = "unsent"
        code = fault if isinstance(fault, int) else 0
        if fault in (0, "lost"):
            code = self._group.commit(member, epoch, wanted)
        if fault in ("lost", "unsent") or code in _RETRIED:
            if self._scheduler.now < until:
                self.after(RETRY, lambda: self._send_commit(wanted, member, epoch, until))
                return
            code = KafkaError._TIMED_OUT
        self.after(self._cluster.latency, lambda: self._event(lambda: self._commit_answered(code, wanted)))

    def _commit_answered(self, code: int, wanted: dict[Key, Committed]) -> None:
        if not code:
            self._committed_to |= {key: each.offset for key, each in wanted.items()}
        error = KafkaError(code) if code else None
        if code in (KafkaError.UNKNOWN_MEMBER_ID, KafkaError.ILLEGAL_GENERATION) and not self._joining:
            self._fenced(code)
        on_commit = self._settings.get("on_commit")
        if on_commit is not None:
            on_commit(error, [TopicPartition(*key, each.offset, each.metadata) for key, each in wanted.items()])

    # --- questions --------------------------------------------------------------------------------------------------

    def _ask(self, api: str, timeout: float, key: Key | None = None) -> None:
        """Wait as a question does; raises when it has no answer."""
        until = self._scheduler.now + timeout
        while True:
            self._scheduler.wait(self._scheduler.now + self._cluster.latency)
            self._running()
            try:
                fault = self._cluster.meet(api, key)
            except Unanswered:
                fault = "unsent"
            if fault == 0:
                return
            if isinstance(fault, int) and fault not in _RETRIED:
                raise KafkaException(KafkaError(fault))
            if self._scheduler.now >= until:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
            self._scheduler.wait(min(until, self._scheduler.now + RETRY))

    def committed(self, partitions: Sequence[TopicPartition], timeout: float = 5.0) -> list[TopicPartition]:
        """What the group has committed; -1001 for nothing."""
        self._running()
        self._ask("OffsetFetch", timeout)
        found = []
        for each in partitions:
            known = self._group.offsets.get((each.topic, each.partition), Committed(OFFSET_INVALID, ""))
            found.append(TopicPartition(each.topic, each.partition, known.offset, known.metadata))
        return found

    def memberid(self) -> str:
        """The id that the group knows this member by."""
        return self._id

    def list_topics(self, topic: str | None = None, timeout: float = 5.0) -> Any:
        """Like the real one's, as far as `topics[name].partitions` and `.error`."""
        self._running()
        self._ask("Metadata", timeout)
        listed = {
            name: SimpleNamespace(partitions=dict.fromkeys(range(len(each.logs))), error=None)
            for name, each in sorted(self._cluster.topics.items())
            if topic in (None, name)
        }
        return SimpleNamespace(topics=listed)

    def get_watermark_offsets(
        self, partition: TopicPartition, timeout: float = 5.0, cached: bool = False
    ) -> tuple[int, int] | None:
        """First offset and end; cached: as of the last fetch."""
        self._running()
        key = (partition.topic, partition.partition)
        if cached:
            owned = self.owned.get(key)
            return None if owned is None else (OFFSET_INVALID, owned.end)
        self._ask("ListOffsets", timeout, key)
        return self._cluster.offset_at(key, "earliest"), self._cluster.offset_at(key, "latest")

    def unsubscribe(self) -> None:
        """Give everything back, and leave."""
        self._running()
        self._entries = []
        if self._given:
            self._give_back(self._given, "revoke", then_join=False)
        if self._cluster.coordinated and self._id:
            self._group.leave(self._id)
        self._id = ""

    def close(self) -> None:
        """The same; but with nothing to give back a cooperative member of a classic group doesn't tell the group."""
        self._running()
        if self._given or self._protocol != "cooperative":
            self.unsubscribe()
        self.closed = True


def _protocol(settings: Mapping[str, Any]) -> Protocol:
    if settings.get("group.protocol") == "consumer":
        return "consumer"
    return "cooperative" if settings.get("partition.assignment.strategy") == "cooperative-sticky" else "eager"


def _message(key: Key, record: Any) -> Message:
    return Message(
        topic=key[0],
        partition=key[1],
        offset=record.offset,
        key=record.key,
        value=record.value,
        headers=list(record.headers) or None,
        timestamp=(1, record.timestamp_ms),
    )


def _in_order(partitions: Sequence[TopicPartition]) -> list[TopicPartition]:
    # What comes from a set comes in the order of hashes, which differs from run to run.
    return sorted(partitions, key=lambda each: (each.topic, each.partition))
