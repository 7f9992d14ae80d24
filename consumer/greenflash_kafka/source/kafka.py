"""The Kafka source: one consumer of one group, on confluent-kafka.

Nothing may raise inside `consume()`: the fetched batch would be thrown away and the position stand behind it. So
every callback is guarded and only records; what was recorded is raised by `take` afterwards, and is fatal.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as KafkaMessage

from greenflash_kafka.errors import AskedToStop, BrokerUnreachable, GreenflashKafkaError, SourceFailed
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.open_transaction import OpenTransaction
from greenflash_kafka.model.start_at import StartAt
from greenflash_kafka.ports import Listener, RebalanceListener, RulesInUse
from greenflash_kafka.ports import TopicPartition as Partition
from greenflash_kafka.source.assigner import Assigner
from greenflash_kafka.source.client_errors import UNREADABLE, error_text, group_refused, notice_of
from greenflash_kafka.source.cluster import Cluster
from greenflash_kafka.source.kafka_offsets import RESOLVE_SECONDS, KafkaOffsets
from greenflash_kafka.source.membership import Membership
from greenflash_kafka.source.other_rules import OtherRules
from greenflash_kafka.source.partitions import Partitions
from greenflash_kafka.source.plan import NOTHING_SAID, InitialOffsets, OnMissing, group_at_start
from greenflash_kafka.source.properties import EAGER, poll_interval
from greenflash_kafka.source.reachability import Reachability
from greenflash_kafka.source.records import message_of
from greenflash_kafka.source.rights import group_refusal
from greenflash_kafka.source.subscription import Subscription
from greenflash_kafka.source.topic_ids import TopicIds
from greenflash_kafka.source.topic_watch import LOOK_SECONDS, TopicWatch
from greenflash_kafka.source.waiting import Waiting

REACH_SECONDS = 0.5
"""Time limit of the question whether a broker can be reached. The loop waits for it."""

COMMIT_AGAIN_SECONDS = 0.5
"""Seconds that the last commit waits for its response before it is repeated."""

_NOT_THERE = frozenset(
    {
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError.UNKNOWN_TOPIC_ID,
        KafkaError._UNKNOWN_TOPIC,
        KafkaError._UNKNOWN_PARTITION,
    }
)
"""librdkafka reports this for every partition, again and again; `TopicWatch` reports it once for the topic."""


class KafkaSource:
    """`ports.Source` on confluent-kafka.

    `on_missing` says what happens when messages are gone before they were read. `read_only` never commits. `client`
    makes the consumer, and `monotonic` and `sleep` are its time: the simulation has others.
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
        sleep: Callable[[float], None] = time.sleep,
        client: Callable[..., Consumer] = Consumer,
        initial: InitialOffsets = NOTHING_SAID,
    ) -> None:
        settings: dict[str, Any] = {**properties, "on_commit": self._on_commit, "error_cb": self._on_error}
        self._consumer = client(settings) if logger is None else client(settings, logger=logger)
        refusal = group_refusal(properties, properties.get("group.id", ""))
        self._offsets = KafkaOffsets(self._consumer, cluster, listener, monotonic, sleep, refusal)
        refresh = float(properties.get("topic.metadata.refresh.interval.ms", "-1")) / 1000
        self._topics = TopicWatch(subscription, cluster, listener, monotonic, refresh if refresh > 0 else LOOK_SECONDS)
        self._there = self._topics.there
        self._subscribed: list[str] = []
        self._changed = False
        ids = TopicIds(cluster, listener, monotonic, self._topics.gone, keep=on_missing == "halt")
        self.topic_ids = ids.known
        """Topic -> id, for every topic of the current assignment that has answered; the evaluation context reads it."""
        eager = properties.get("partition.assignment.strategy") in EAGER
        self._partitions = Partitions(
            self._consumer, self.topic_ids, listener, monotonic, read_only=read_only, eager=eager
        )
        self._assignment, self._commits = self._partitions.assignment, self._partitions.commits
        self._assigner = Assigner(self._partitions, self._offsets, ids, listener, start, on_missing, initial)
        group = properties.get("group.id", "")
        self._member = Membership(
            listener,
            monotonic,
            (lambda: cluster.ask_member(group, self._consumer.memberid() or ""))
            if properties.get("group.protocol") == "consumer"
            else None,
        )
        self._waiting = Waiting(self._consumer, self._partitions, cluster, listener, monotonic)
        self._others = OtherRules(self._offsets.glance, listener, monotonic)
        self._reachability = Reachability(listener, self._reached, monotonic)
        self._question_seconds = poll_interval(properties) / 2
        self._subscription = subscription
        self._listener = listener
        self._monotonic = monotonic
        self._poll_was_late = False
        self._failure: BaseException | None = None
        self._closing = False

    @property
    def stopping(self) -> Callable[[], bool]:
        """True if the process was asked to end: then no query is repeated. Set before `subscribe`."""
        return self._offsets.stopping

    @stopping.setter
    def stopping(self, asked: Callable[[], bool]) -> None:
        self._offsets.stopping = asked

    @property
    def rules(self) -> Callable[[Partition], RulesInUse | None]:
        """See `ports.Source`."""
        return self._commits.marks.rules

    @rules.setter
    def rules(self, asked: Callable[[Partition], RulesInUse | None]) -> None:
        self._commits.marks.rules = asked

    # --- joining -------------------------------------------------------------------------------------------------

    def subscribe(self, listener: RebalanceListener) -> None:
        """See `ports.Source`. Raises `BrokerUnreachable` when no broker answers."""
        self._partitions.rebalance = listener
        existing = self._existing()
        self._others.partitions = existing
        self._assigner.group = group_at_start(existing, self._offsets.committed(existing))
        self._subscribe()
        self._member.waits()

    def resubscribe(self, names: Collection[str], patterns: Sequence[str]) -> None:
        """See `ports.Source`. The client is told once the cluster has said which of the topics exist, so that the
        group shares its partitions anew only once."""
        self._subscription = Subscription(list(names), patterns, self._subscription.most)
        self._changed = True
        self._topics.change(self._subscription)
        meant = set(self._subscription.among({topic for topic, _ in self._others.partitions}))
        self._others.partitions = [each for each in self._others.partitions if each[0] in meant]

    def _subscribe(self) -> None:
        """Subscribe to the existing topics, if they have changed; with none the client waits."""
        self._there = self._topics.there
        if self._there is None:
            return
        entries = self._subscription.entries(self._there)
        changed, self._changed = self._changed, False
        if entries and entries != self._subscribed:
            self._subscribed = entries
            self._consumer.subscribe(
                entries, on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
            )
        elif changed and not entries:
            # What was read before isn't meant any more; the group is joined again with the first topic that is.
            self._subscribed = []
            self._consumer.unsubscribe()

    def _existing(self) -> list[Partition]:
        """The existing partitions of the subscription."""
        try:
            topics = self._consumer.list_topics(timeout=30).topics or {}
        except KafkaException as error:
            raise BrokerUnreachable(
                f"no Kafka broker answered within 30 s ({error_text(error)}); check kafka.bootstrap_servers "
                "(KAFKA_BOOTSTRAP_SERVERS), the network, and the TLS and SASL settings in kafka.properties"
            ) from None
        self._topics.seen(topics)
        return [
            (topic, partition) for topic in self._subscription.among(topics) for partition in topics[topic].partitions
        ]

    # --- callbacks: inside consume(), so they are guarded and only record ------------------------------------------

    def _guarded(self, action: Callable[..., None], *arguments: object) -> None:
        try:
            action(*arguments)
        except AskedToStop:
            # Nothing was begun; the loop ends next.
            return
        except BaseException as error:
            self._failure = self._failure or error

    def _on_assign(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        self._guarded(self._assigned, [(each.topic, each.partition) for each in partitions])

    def _on_revoke(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        self._guarded(self._revoked, [(each.topic, each.partition) for each in partitions])

    def _on_lost(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        self._guarded(self._lost, [(each.topic, each.partition) for each in partitions])

    def _on_commit(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        if error is None and self._reachability.doubted:
            self._reachability.answered()
        self._guarded(self._partitions.commit_answered, error, partitions)

    def _on_error(self, error: KafkaError) -> None:
        self._guarded(self._client_error, error)

    def _assigned(self, partitions: list[Partition]) -> None:
        if self._closing:
            return
        self._member.answered()
        if partitions:
            self._topics.came({topic for topic, _ in partitions})
            self._assigner.begin(partitions)
        else:
            self._stands_by()

    def _stands_by(self) -> None:
        """Note an empty assignment: the group has more members than partitions. This member has joined all the same."""
        if not self._assignment.number:
            self._partitions.notified.assigned({})

    def _revoked(self, partitions: list[Partition]) -> None:
        if self._poll_was_late:
            # librdkafka PR 5604: after a missed max.poll.interval a lost partition may come as merely revoked.
            self._lost(partitions)
            return
        if not self._closing:
            self._partitions.notified.revoking([each for each in partitions if each in self._assignment.partitions])
        self._end(partitions)

    def _lost(self, partitions: list[Partition]) -> None:
        self._poll_was_late = False
        if not self._closing:
            self._partitions.notified.lost([each for each in partitions if each in self._assignment.partitions])
            # Whoever loses its membership loses all; librdkafka calls it lost too when some don't exist any more.
            some = len(self._assignment.partitions.keys() - set(partitions)) > 0
            self._listener.notice("partitions_gone" if some else "partitions_lost", partitions=len(partitions))
        self._end(partitions)

    def _end(self, partitions: list[Partition]) -> None:
        self._topics.look()
        self._assigner.end(partitions)
        if not self._assignment.partitions:
            self._member.waits()

    def _client_error(self, error: KafkaError, **where: object) -> None:
        refused = group_refused(error)
        if refused is not None:
            self._failure = self._failure or refused
        elif error.code() == KafkaError._ALL_BROKERS_DOWN:
            self._reachability.down()
        else:
            self._listener.notice(notice_of(error), code=error.name(), text=error.str(), **where)

    # --- taking ----------------------------------------------------------------------------------------------------

    def take(self, limit: int, timeout: float) -> list[Message]:
        """See `ports.Source`."""
        with self._offsets.within(self._question_seconds):
            return self._take(limit, timeout)

    def _take(self, limit: int, timeout: float) -> list[Message]:
        self._assigner.watch()
        self._topics.watch()
        if self._topics.there is not self._there:
            self._subscribe()
        self._waiting.watch()
        if self._member.watch(self._topics.nothing):
            self._stands_by()
        self._others.watch(self._assignment.partitions, self.rules)
        try:
            fetched = self._consume(limit, timeout)
        except KafkaException as error:
            self._check()
            raise SourceFailed(f"the Kafka client can't go on: {error_text(error)}") from None
        self._check()
        if self._reachability.doubted:
            self._reachability.took(sum(each.error() is None for each in fetched), limit)
            self._reachability.watch()
        number = self._assignment.number
        self._assigner.catch_up()
        messages = self._partitions.released()
        ours, unready, later = self._assignment.partitions, self._assignment.unready, number + 1
        for each in fetched:
            fault = each.error()
            if fault is not None:
                self._message_error(each, fault)
                unready = self._assignment.unready
                continue
            message = message_of(each)
            key = (message.topic, message.partition)
            if ours.get(key, later) > number:
                # Not ours, or it began anew after this was fetched, and then it comes again.
                continue
            if key in unready:
                self._partitions.hold(message)
            else:
                messages.append(message)
        self._check()
        if self._assignment.number > number:
            messages = [each for each in messages if ours.get((each.topic, each.partition), later) <= number]
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

    def _message_error(self, message: KafkaMessage, error: KafkaError) -> None:
        topic, partition = message.topic(), message.partition()
        code = error.code()
        if code == KafkaError._PARTITION_EOF:
            return
        if code == KafkaError._AUTO_OFFSET_RESET and topic is not None and partition is not None:
            self._assigner.out_of_range((topic, partition), message.offset())
        elif code in _NOT_THERE:
            self._topics.look()
        elif code in UNREADABLE and topic is not None and partition is not None:
            self._assigner.unreadable((topic, partition), error.str())
        elif code == KafkaError._MAX_POLL_EXCEEDED:
            self._poll_was_late = True
            self._listener.notice("poll_too_late")
        else:
            self._client_error(error, topic=topic, partition=partition)

    def pause(self, partitions: Iterable[Partition]) -> None:
        """See `ports.Source`."""
        self._partitions.pause(partitions)

    def resume(self, partitions: Iterable[Partition]) -> None:
        """See `ports.Source`."""
        self._partitions.resume(partitions)

    def put_back(self, partition: Partition, offset: int) -> None:
        """See `ports.Source`."""
        self._partitions.put_back(partition, offset)

    # --- offsets back ----------------------------------------------------------------------------------------------

    def position(self, partition: Partition) -> int | None:
        """See `ports.Source`."""
        return self._partitions.position(partition)

    def store(self, offsets: Mapping[Partition, int]) -> None:
        """See `ports.Source`."""
        self._partitions.store(offsets)

    def commit(self) -> None:
        """See `ports.Source`."""
        self._commits.commit()

    def committed(self) -> Mapping[Partition, int]:
        """See `ports.Source`."""
        return self._commits.confirmed

    def lag(self) -> Mapping[Partition, int]:
        """See `ports.Source`."""
        return self._waiting.lag()

    @property
    def ready(self) -> bool:
        """True if there are partitions, and all of them hand on messages."""
        return bool(self._assignment.partitions) and not self._assignment.unready

    def ends(self, seconds: float = RESOLVE_SECONDS) -> Mapping[Partition, int]:
        """See `ports.Source`."""
        return self._offsets.ends(list(self._assignment.partitions), seconds)

    def open_transactions(self) -> Mapping[Partition, OpenTransaction]:
        """See `ports.Source`."""
        return self._offsets.open_transactions(list(self._assignment.partitions))

    def remaining(self) -> Mapping[Partition, int]:
        """See `ports.Source`."""
        others = [each for each in self._existing() if each not in self._assignment.partitions]
        committed = self._offsets.committed(others)
        ends = self._offsets.ends(others)
        beginnings = self._offsets.starts([each for each in others if each not in committed], "earliest")
        at = beginnings | {each: was.offset for each, was in committed.items()}
        return {each: end - at[each] for each, end in ends.items() if end > at[each]}

    def lacking(self) -> Sequence[str]:
        """See `ports.Source`."""
        return self._topics.lacking

    def nothing(self) -> bool:
        """See `ports.Source`."""
        return self._topics.nothing

    def list_topics(self, timeout: float) -> object:
        """The client's list of all topics, for `lost_clients.answered`. Raises KafkaException."""
        return self._consumer.list_topics(timeout=timeout)

    def _reached(self) -> bool:
        try:
            self._consumer.list_topics(next(iter(self._assignment.partitions), ("",))[0] or None, timeout=REACH_SECONDS)
        except KafkaException as error:
            return error.args[0].code() not in (KafkaError._TRANSPORT, KafkaError._TIMED_OUT)
        return True

    def settle(self, timeout: float) -> bool:
        """See `ports.Source`. What is fetched meanwhile is dropped, and comes again."""
        now = self._monotonic()
        until, again = now + timeout, now + COMMIT_AGAIN_SECONDS
        self.commit()
        while self._commits.pending:
            now = self._monotonic()
            if now >= until:
                return False
            if now >= again:
                # A group that is just sharing its partitions anew refuses, and takes the same commit after that.
                self.commit()
                again = now + COMMIT_AGAIN_SECONDS
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
        if self._subscribed and not self._assignment.partitions:
            # librdkafka 2.16 leaves a group when it gives up partitions; without any, `close` doesn't tell the group,
            # which then waits for this member until its session ends (45 s) whenever it shares its partitions anew.
            self._consumer.unsubscribe()
        self._consumer.close()
