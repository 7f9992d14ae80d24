"""Metadata of the cluster and its topics: ids, partitions, limits. Every query has a time limit."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from threading import Thread
from typing import Any, Final, Literal, TypeVar

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    ConfigResource,
    ConsumerGroupDescription,
    ListOffsetsResultInfo,
    MemberDescription,
    OffsetSpec,
    ResourceType,
    TopicDescription,
    TopicMetadata,
)

from greenflash_kafka.errors import BrokerUnreachable, ConfigInvalid, TopicMissing
from greenflash_kafka.ports import TopicPartition as Partition
from greenflash_kafka.source.api_versions import GroupProtocol, ask_group_protocol
from greenflash_kafka.source.connection_diagnosis import ConnectionDiagnosis
from greenflash_kafka.source.ends import EndsAsked
from greenflash_kafka.source.permission import Access, GroupAccess, TopicAccess
from greenflash_kafka.source.start_questions import StartQuestions
from greenflash_kafka.source.subscription import Subscription
from greenflash_kafka.source.topic_settings import TopicSettings

NO_ID: Final = "-"
"""The placeholder of the topic id in a cluster without topic ids."""

FIRST_SECONDS: Final = 2.0
"""After so many seconds a client with a connection error isn't waited for any longer: a rejection takes a fraction of
it."""

_MOCK: Final = "mockCluster"
_NOT_THERE: Final = (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError.UNKNOWN_TOPIC_ID)
_NOT_ALLOWED: Final = (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED)
_ZERO_ID: Final = "AAAAAAAAAAAAAAAAAAAAAA"

T = TypeVar("T")


class TopicIdQuery:
    """A query of topic ids in progress; the loop checks it from time to time instead of waiting."""

    def __init__(self, asked: Mapping[str, Future[TopicDescription]], known: Mapping[str, str], required: bool) -> None:
        self._asked = asked
        self._known = known
        self._required = required

    def done(self) -> bool:
        """True if `result` has a response; at the latest after the time limit of the query."""
        return all(future.done() for future in self._asked.values())

    def result(self, timeout: float = 0) -> dict[str, str | None]:
        """Each topic's id, None for a topic that doesn't exist; waits at most `timeout` seconds.

        Raises BrokerUnreachable when the question failed (ask again: there is no other answer to go on with),
        ConfigInvalid when the broker has no topic ids and the configuration doesn't say that this is known.
        """
        ids: dict[str, str | None] = dict(self._known)
        until = time.monotonic() + timeout
        for name, future in self._asked.items():
            try:
                described = future.result(max(0.0, until - time.monotonic()))
            except KafkaException as error:
                if error.args[0].code() in _NOT_THERE:
                    ids[name] = None
                    continue
                raise BrokerUnreachable(f"the id of topic {name} could not be had: {error.args[0].str()}") from error
            except TimeoutError as error:
                raise BrokerUnreachable(f"the id of topic {name} could not be had in time") from error
            ids[name] = self._id(name, described)
        return ids

    def _id(self, name: str, described: TopicDescription) -> str:
        topic_id = described_id(described)
        if topic_id == NO_ID and self._required:
            raise ConfigInvalid(
                f"the broker has no id for topic {name} (Apache Kafka before 2.8?). Ids tell a recreated topic from "
                "the old one; without them its first events would be taken for old ones and dropped. "
                "Set kafka.topic_ids: optional if topics are never recreated"
            )
        return topic_id


class Topics:
    """Queries to the cluster, through an admin client made of `properties.admin(...)`.

    `ids_required` False: a cluster without topic ids is fine, `-` stands in their place. librdkafka's mock cluster
    has none either, and no controller that would answer: it is recognised by its cluster id and never asked.
    """

    def __init__(
        self,
        properties: Mapping[str, str],
        *,
        timeout: float = 10.0,
        ids_required: bool = True,
        logger: logging.Logger | None = None,
    ) -> None:
        self._properties = properties
        self._servers = properties["bootstrap.servers"]
        self._timeout = timeout
        self._ids_required = ids_required
        self._trouble = ConnectionDiagnosis(properties)
        settings: dict[str, Any] = {**properties, "error_cb": self._trouble.note}
        self._admin = AdminClient(settings) if logger is None else AdminClient(settings, logger=logger)
        self._cluster_id: str | None = None
        self.brokers = 1
        """The number of brokers in the latest listing."""
        self._question: TopicIdQuery | None = None

    def cluster_id(self) -> str:
        """The cluster's id, queried once; `-` when it has none. Raises BrokerUnreachable."""
        if self._cluster_id is None:
            self._list()
        return self._cluster_id or NO_ID

    def is_mock(self) -> bool:
        """True if this is librdkafka's mock cluster. Raises BrokerUnreachable."""
        return self.cluster_id().startswith(_MOCK)

    def partitions(self) -> dict[str, int]:
        """Every topic that this user may see, with its number of partitions. Raises BrokerUnreachable."""
        return _partitions(self._list())

    def matching(self, names: Iterable[str], patterns: Sequence[str]) -> dict[str, int]:
        """The topics that exist of `names`, and those whose whole name matches one of `patterns` (RE2)."""
        return _matching(Subscription(list(names), patterns), self._list())

    def ask_topics(self) -> Future[Collection[str]]:
        """Start the query of all topics' names, on a thread: the client has no such query that doesn't wait.

        Fails with BrokerUnreachable.
        """
        return aside(lambda: _partitions(self._list()).keys())

    def ask_member(self, group: str, member: str) -> Future[bool]:
        """Start a query to the group's coordinator: does it know this member, with all partitions given to others?"""
        asked = self._admin.describe_consumer_groups([group], request_timeout=self._timeout)[group]
        answer: Future[bool] = Future()
        asked.add_done_callback(lambda done: answer.set_result(_stands_by(done, member)))
        return answer

    def ask_group_protocol(self) -> GroupProtocol:
        """Start a query to the brokers: do they support groups under KIP-848?"""
        return ask_group_protocol(self._properties, self._timeout)

    def list_topics(self, timeout: float) -> object:
        """The client's list of all topics, for `lost_clients.answered`. Raises KafkaException."""
        return self._admin.list_topics(timeout=timeout)

    def missing(self, names: Iterable[str]) -> dict[str, str]:
        """The topics among `names` that can't be used, and the reasons, in words. Raises BrokerUnreachable."""
        found = self._list()
        return {name: why for name in names if (why := _wrong_with(name, found)) is not None}

    def require(self, name: str, purpose: str, *, partitions: int = 3) -> None:
        """Raise TopicMissing for a missing topic, with the command that creates it; this program never creates one."""
        self._require(name, purpose, self._list(), partitions)

    def _require(self, name: str, purpose: str, found: Mapping[str, TopicMetadata], partitions: int = 3) -> None:
        why = _wrong_with(name, found)
        if why is not None:
            raise TopicMissing(
                f"{purpose} {name!r} {why} at {self._servers}. "
                "Create it (this program never does), or correct its name:\n"
                f"  kafka-topics.sh --bootstrap-server {self._servers} --create --topic {name} "
                f"--partitions {partitions} --config retention.ms=1209600000"
            )

    def ask_ids(self, names: Iterable[str]) -> TopicIdQuery:
        """Start the query of topic ids without waiting for the response. Raises BrokerUnreachable as `cluster_id`
        does."""
        wanted = list(dict.fromkeys(names))
        self._admin.poll(0)
        if not wanted or self.is_mock():
            return TopicIdQuery({}, dict.fromkeys(wanted, NO_ID), required=False)
        asked = self._admin.describe_topics(TopicCollection(wanted), request_timeout=self._timeout)
        return TopicIdQuery(asked, {}, self._ids_required)

    def ids(self, names: Iterable[str]) -> dict[str, str | None]:
        """Each topic's id, None for one that doesn't exist; waits. Raises as `TopicIdQuery.result` does."""
        return self.ask_ids(names).result(self._timeout + 1)

    def start_id_query(self, topics: Iterable[str]) -> None:
        """Start the query of the ids of `topics`; one in progress is not repeated. Never raises for a fault."""
        if self._question is not None and not self._question.done():
            return
        try:
            self._question = self.ask_ids(topics)
        except BrokerUnreachable:
            self._question = None

    def poll_ids(self, timeout: float) -> dict[str, str] | None:
        """The response to `start_id_query`, waiting at most `timeout` seconds; topics that don't exist are left out.

        None when nothing was asked, nothing is answered yet, or the question failed: ask again. Raises
        ConfigInvalid as `TopicIdQuery.result` does.
        """
        question = self._question
        if question is None:
            return None
        try:
            ids = question.result(timeout)
        except BrokerUnreachable:
            if question.done():
                self._question = None
            return None
        self._question = None
        return {name: topic_id for name, topic_id in ids.items() if topic_id is not None}

    def ask_at_start(
        self,
        subscription: Subscription,
        group: str,
        dead_letters: str | None,
        protocol: str = "classic",
        conversations: Subscription | None = None,
    ) -> StartQuestions:
        """Start the queries before a run: may the matching topics be read, may `dead_letters` (if any) be written, and
        can the group be joined by this protocol? `conversations`: topics that are read beside those of the group.
        Raises TopicMissing when there is no dead-letter topic, TooManyTopics, and as `cluster_id` does."""
        found = self._list()
        if dead_letters is not None:
            self._require(dead_letters, "the dead-letter topic", found)
        meant = _matching(subscription, found)
        subscription.require_few(meant)
        if self.is_mock():
            return StartQuestions()
        speaks = self.ask_group_protocol() if protocol == "consumer" else None
        joining = self._ask_group(group)
        settings = None if dead_letters is None else self._ask_settings(dead_letters)
        access = [] if dead_letters is None else [self._ask_access([dead_letters], "Write", found)]
        beside = {} if conversations is None else _matching(conversations, found)
        access.append(self._ask_access(meant | beside, "Read", found))
        missing = () if conversations is None else conversations.missing(beside)
        return StartQuestions(settings, access, joining, speaks, missing)

    def require_dead_letters(self, name: str, least_bytes: int = 0) -> int | None:
        """Check the dead-letter topic; its `max_message_bytes`, for `properties.producer`. Raises as `ask_at_start`
        and what it gives do."""
        self.require(name, "the dead-letter topic")
        settings = self._ask_settings(name)
        settings.require_for_dead_letters(least_bytes)
        return settings.max_message_bytes

    def require_access(self, names: Iterable[str], access: Access) -> None:
        """Raise NotAllowed when this user may not read (or write) one of these topics; those that don't exist are
        passed over, and so is a cluster that doesn't say. Raises BrokerUnreachable as `cluster_id` does."""
        found = self._list()
        if not self.is_mock():
            self._ask_access(names, access, found).require()

    def _ask_access(self, names: Iterable[str], access: Access, found: Mapping[str, TopicMetadata]) -> TopicAccess:
        wanted = [name for name in names if _wrong_with(name, found) is None]
        asked = (
            self._admin.describe_topics(
                TopicCollection(wanted), include_authorized_operations=True, request_timeout=self._timeout
            )
            if wanted
            else {}
        )
        return TopicAccess(self._servers, access, asked, self._timeout + 1)

    def _ask_group(self, name: str) -> GroupAccess:
        asked = self._admin.describe_consumer_groups(
            [name], include_authorized_operations=True, request_timeout=self._timeout
        )
        return GroupAccess(asked[name], self._timeout + 1)

    def offsets(
        self, partitions: Sequence[Partition], at: Literal["earliest", "latest", "end"] | int
    ) -> dict[Partition, int]:
        """The first offset, the last stable one (`latest`), the high watermark (`end`), or the first at or after a time
        in ms since 1970; -1 there when no message is so late.

        Asked over the admin client's own connections: a consumer's question waits behind its own fetches, for up to
        half a second each. Raises KafkaException.
        """
        asked = self._ask_offsets(partitions, at)
        return {each: future.result(self._timeout + 1).offset for each, future in asked.items()}

    def ask_ends(self, partitions: Sequence[Partition]) -> EndsAsked:
        """Start the query of begin and end offsets of these partitions, without waiting for the response."""
        return EndsAsked(*(self._ask_offsets(partitions, at) for at in ("earliest", "end", "latest")))

    def ask_descriptions(self, names: Iterable[str]) -> Mapping[str, Future[TopicDescription]]:
        """Start the query of these topics' ids and partitions; `described_id` gives the id of a response."""
        self._admin.poll(0)
        wanted = TopicCollection(list(dict.fromkeys(names)))
        return self._admin.describe_topics(wanted, request_timeout=self._timeout)

    def ask_written(
        self, partitions: Sequence[Partition], at: Literal["earliest", "end"] | int
    ) -> Mapping[Partition, Future[ListOffsetsResultInfo]]:
        """Start the query of the first offset, the end, or the first record at or after a time (ms since 1970; -1 for
        none), of all that is written: records of open and of aborted transactions count."""
        return self._ask_offsets(partitions, at, uncommitted=True)

    def _ask_offsets(
        self,
        partitions: Sequence[Partition],
        at: Literal["earliest", "latest", "end"] | int,
        uncommitted: bool = False,
    ) -> dict[Partition, Future[ListOffsetsResultInfo]]:
        if not partitions:
            return {}
        match at:
            case "earliest":
                wanted = OffsetSpec.earliest()  # type: ignore[no-untyped-call]
            case "latest" | "end":
                wanted = OffsetSpec.latest()  # type: ignore[no-untyped-call]
            case _:
                wanted = OffsetSpec.for_timestamp(at)
        asked = self._admin.list_offsets(
            {TopicPartition(*each): wanted for each in partitions},
            isolation_level=IsolationLevel.READ_UNCOMMITTED
            if uncommitted or at == "end"
            else IsolationLevel.READ_COMMITTED,
            request_timeout=self._timeout,
        )
        return {(each.topic, each.partition): future for each, future in asked.items()}

    def max_message_bytes(self, name: str) -> int | None:
        """The largest record batch that the topic accepts, in bytes; None when the cluster doesn't say."""
        return self._ask_settings(name).max_message_bytes

    def settings(self, name: str) -> TopicSettings:
        """The topic's configuration, as a query in progress."""
        return self._ask_settings(name)

    def _ask_settings(self, name: str) -> TopicSettings:
        if self.is_mock():
            return TopicSettings(name, None, 0.0)
        resource = ConfigResource(ResourceType.TOPIC, name)
        asked = self._admin.describe_configs([resource], request_timeout=self._timeout)
        return TopicSettings(name, asked[resource], self._timeout + 1)

    def _list(self) -> Mapping[str, TopicMetadata]:
        # All topics at once: asking for one by name would have brokers create it where clients are allowed to.
        self._admin.poll(0)
        began = time.monotonic()
        first = min(FIRST_SECONDS, self._timeout)
        try:
            listed = self._admin.list_topics(timeout=first)
        except KafkaException as error:
            self._admin.poll(0)  # what the client has to say about it comes this way
            left = self._timeout - first
            if self._trouble.refused or left <= 0:
                raise self._unreachable(error, began) from error
            try:
                listed = self._admin.list_topics(timeout=left)
            except KafkaException as again:
                self._admin.poll(0)
                raise self._unreachable(again, began) from again
        self.brokers = max(1, len(listed.brokers))
        if listed.cluster_id is not None:
            self._cluster_id = listed.cluster_id
        return listed.topics or {}

    def _unreachable(self, error: KafkaException, began: float) -> BrokerUnreachable:
        said, advice = self._trouble.words(error.args[0].str())
        if self._trouble.refused:
            return BrokerUnreachable(f"no way to the brokers at {self._servers}: {said}. {advice}")
        waited = time.monotonic() - began
        return BrokerUnreachable(f"no broker answered at {self._servers} within {waited:.0f} s ({said}). {advice}")


def described_id(described: TopicDescription) -> str:
    """The topic's id as Kafka's own tools write it: without "/", which separates the parts of an insert_id, and "+".
    NO_ID where the broker has none."""
    topic_id = str(described.topic_id)
    return NO_ID if topic_id == _ZERO_ID else topic_id.replace("/", "_").replace("+", "-")


def _partitions(found: Mapping[str, TopicMetadata]) -> dict[str, int]:
    return {name: len(topic.partitions) for name, topic in found.items() if topic.error is None}


def _matching(subscription: Subscription, found: Mapping[str, TopicMetadata]) -> dict[str, int]:
    there = _partitions(found)
    return {name: there[name] for name in subscription.among(there)}


def _stands_by(described: Future[ConsumerGroupDescription], member: str) -> bool:
    # If nobody has anything, the group has not shared yet: the topics of a pattern are found a while after joining.
    if described.exception() is not None:
        return False
    with_any = {each.member_id: _has_any(each) for each in described.result().members}
    return with_any.get(member) is False and any(with_any.values())


def _has_any(member: MemberDescription) -> bool:
    given = (member.assignment, member.target_assignment)
    return any(part is not None and part.topic_partitions for part in given)


def aside(ask: Callable[[], T]) -> Future[T]:
    """Run this on a daemon thread, for which the exit of the process doesn't wait."""
    answer: Future[T] = Future()

    def work() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:
            answer.set_exception(error)

    Thread(target=work, name="kafka-question", daemon=True).start()
    return answer


def _wrong_with(name: str, found: Mapping[str, TopicMetadata]) -> str | None:
    topic = found.get(name)
    if topic is None or (topic.error is not None and topic.error.code() in _NOT_THERE):
        return "does not exist (or this user may not describe it)"
    if topic.error is not None and topic.error.code() in _NOT_ALLOWED:
        return "is not allowed to this user (grant Describe, and Read or Write)"
    return None
