"""Queries to the cluster through the Kafka admin client: topics, ids, offsets, groups. Every query has a time limit."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, wait
from typing import Any, Final, Literal, NamedTuple

import confluent_kafka
from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    ConfigEntry,
    ConfigResource,
    ConsumerGroupDescription,
    ListOffsetsResultInfo,
    MemberDescription,
    OffsetSpec,
    ResourceType,
    TopicDescription,
    TopicMetadata,
)

from greenflash_kafka.errors import BrokerUnreachable, ConfigInvalid
from greenflash_kafka.ports import TopicPartition as Partition
from greenflash_kafka.source.api_versions import GroupProtocol, ask_group_protocol
from greenflash_kafka.source.background import aside
from greenflash_kafka.source.client_errors import ConnectionDiagnosis
from greenflash_kafka.source.cluster import At
from greenflash_kafka.source.ends import EndsAsked
from greenflash_kafka.source.near_topic import near_topic
from greenflash_kafka.source.rights import grant_command
from greenflash_kafka.source.subscription import Subscription

NO_ID: Final = "-"
"""The placeholder of the topic id in a cluster without topic ids."""

FIRST_SECONDS: Final = 2.0
"""After so many seconds a client with a connection error isn't waited for any longer: a rejection takes a fraction of
it."""

Offsets = Mapping[Partition, Future[ListOffsetsResultInfo]]

_MOCK: Final = "mockCluster"
_NOT_THERE: Final = (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError.UNKNOWN_TOPIC_ID)
_NOT_ALLOWED: Final = (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED)
_ZERO_ID: Final = "AAAAAAAAAAAAAAAAAAAAAA"


class _MockPartition(NamedTuple):
    id: int


class _MockTopic(NamedTuple):
    """The part of a `TopicDescription` that is read, of a mock cluster."""

    topic_id: str
    partitions: Sequence[_MockPartition]


class AdminQueries:
    """The one admin client of a process, made of `properties.admin(...)`. What begins with `ask` doesn't wait.

    `ids_required` False: a cluster without topic ids is fine, `-` stands in their place. librdkafka's mock cluster
    has none either, and no controller that would answer: it is recognised by its cluster id, and asked for what it
    knows.
    """

    def __init__(
        self,
        properties: Mapping[str, str],
        *,
        timeout: float = 10.0,
        ids_required: bool = True,
        logger: logging.Logger | None = None,
    ) -> None:
        self.properties = properties
        self.servers = properties["bootstrap.servers"]
        self.timeout = timeout
        """Time limit of a query, in seconds; an answer may take a second longer to arrive."""
        self._ids_required = ids_required
        self._trouble = ConnectionDiagnosis(properties)
        settings: dict[str, Any] = {**properties, "error_cb": self._trouble.note}
        self._admin = AdminClient(settings) if logger is None else AdminClient(settings, logger=logger)
        self._cluster_id: str | None = None
        self.brokers = 1
        """The number of brokers in the latest listing."""
        self._ids_asked: Mapping[str, Future[TopicDescription]] | None = None

    # --- the listing: the only query that waits ---------------------------------------------------------------------

    def listing(self) -> Mapping[str, TopicMetadata]:
        """All topics that this user may see. Raises BrokerUnreachable."""
        # All at once: asking for one by name would have brokers create it where clients are allowed to.
        self._admin.poll(0)
        began = time.monotonic()
        first = min(FIRST_SECONDS, self.timeout)
        try:
            listed = self._admin.list_topics(timeout=first)
        except KafkaException as error:
            self._admin.poll(0)  # what the client has to say about it comes this way
            left = self.timeout - first
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
            return BrokerUnreachable(f"no way to the brokers at {self.servers}: {said}. {advice}")
        waited = time.monotonic() - began
        return BrokerUnreachable(f"no broker answered at {self.servers} within {waited:.0f} s ({said}). {advice}")

    def cluster_id(self) -> str:
        """The cluster's id, queried once; `-` when it has none. Raises BrokerUnreachable."""
        if self._cluster_id is None:
            self.listing()
        return self._cluster_id or NO_ID

    def is_mock(self) -> bool:
        """True if this is librdkafka's mock cluster. Raises BrokerUnreachable."""
        return self.cluster_id().startswith(_MOCK)

    @property
    def _known_as_mock(self) -> bool:
        return self._cluster_id is not None and self._cluster_id.startswith(_MOCK)

    def partitions(self) -> dict[str, int]:
        """Every topic that this user may see, with its number of partitions. Raises BrokerUnreachable."""
        return partition_counts(self.listing())

    def matching(self, names: Iterable[str], patterns: Sequence[str]) -> dict[str, int]:
        """The topics that exist of `names`, and those whose whole name matches one of `patterns` (RE2)."""
        return among(Subscription(list(names), patterns), self.listing())

    def missing(self, names: Iterable[str]) -> dict[str, str]:
        """The topics among `names` that can't be read, and the reasons, in words. Raises BrokerUnreachable."""
        found = self.listing()
        wrong = {name: why for name in names if (why := wrong_with(name, found)) is not None}
        for name in self.refused(wrong):
            wrong[name] = f"is refused to this user. Grant it: {grant_command(self.properties, 'Read', topic=name)}"
        return wrong

    def refused(self, names: Iterable[str]) -> list[str]:
        """The topics among `names` that this user may not describe: the list of all topics leaves them out, as if they
        weren't there. A cluster that doesn't say is passed over."""
        asked = self.ask_descriptions(names)
        wait([each for each in asked.values() if not each.done()], self.timeout + 1)
        return [name for name, each in asked.items() if each.done() and _refused(each)]

    def ask_topics(self) -> Future[Collection[str]]:
        """Start the query of all topics' names, on a thread. Fails with BrokerUnreachable."""
        return aside(lambda: self.partitions().keys())

    def list_topics(self, timeout: float) -> object:
        """The client's list of all topics, for `lost_clients.answered`. Raises KafkaException."""
        return self._admin.list_topics(timeout=timeout)

    def answers(self) -> bool:
        """True if brokers answer: a bootstrap address, and then a broker that it has named. Raises KafkaException and
        TimeoutError."""
        self._admin.poll(0)
        if not self._admin.list_topics(timeout=self.timeout).brokers:
            return False
        return bool(self._admin.describe_cluster(request_timeout=self.timeout).result(self.timeout + 1).nodes)

    # --- topics and their ids ---------------------------------------------------------------------------------------

    def ask_descriptions(
        self, names: Iterable[str], *, permissions: bool = False
    ) -> Mapping[str, Future[TopicDescription]]:
        """Start the query of these topics' ids and partitions, and of what this user may do with them; `described_id`
        gives the id of a response."""
        self._admin.poll(0)
        wanted = list(dict.fromkeys(names))
        if not wanted:
            return {}
        if self._known_as_mock:
            counts = self.partitions()
            return {name: _mock_topic(counts.get(name, 0)) for name in wanted}
        return self._admin.describe_topics(
            TopicCollection(wanted), include_authorized_operations=permissions, request_timeout=self.timeout
        )

    def ids(self, names: Iterable[str]) -> dict[str, str | None]:
        """Each topic's id, None for one that doesn't exist; waits. Raises as `_ids`, and as `cluster_id` does."""
        return self._ids(self._ask_ids(names), self.timeout + 1)

    def start_id_query(self, topics: Iterable[str]) -> None:
        """Start the query of the ids of `topics`; one in progress is not repeated. Never raises for a fault."""
        if self._ids_asked is not None and not all(future.done() for future in self._ids_asked.values()):
            return
        try:
            self._ids_asked = self._ask_ids(topics)
        except BrokerUnreachable:
            self._ids_asked = None

    def poll_ids(self, timeout: float) -> dict[str, str] | None:
        """The response to `start_id_query`, waiting at most `timeout` seconds; topics that don't exist are left out.

        None when nothing was asked, nothing is answered yet, or the question failed: ask again. Raises ConfigInvalid as
        `_ids` does.
        """
        asked = self._ids_asked
        if asked is None:
            return None
        try:
            ids = self._ids(asked, timeout)
        except BrokerUnreachable:
            if all(future.done() for future in asked.values()):
                self._ids_asked = None
            return None
        self._ids_asked = None
        return {name: topic_id for name, topic_id in ids.items() if topic_id is not None}

    def _ask_ids(self, names: Iterable[str]) -> Mapping[str, Future[TopicDescription]]:
        self._admin.poll(0)
        wanted = list(names)
        if wanted and self.is_mock():
            return {name: _mock_topic(0) for name in wanted}
        return self.ask_descriptions(wanted)

    def _ids(self, asked: Mapping[str, Future[TopicDescription]], timeout: float) -> dict[str, str | None]:
        """Each topic's id, None for one that doesn't exist. Raises BrokerUnreachable when the question failed (ask
        again: there is no other answer to go on with), ConfigInvalid when the broker has no topic ids and the
        configuration doesn't say that this is known."""
        ids: dict[str, str | None] = {}
        until = time.monotonic() + timeout
        for name, future in asked.items():
            try:
                ids[name] = described_id(future.result(max(0.0, until - time.monotonic())))
            except KafkaException as error:
                if error.args[0].code() not in _NOT_THERE:
                    said = error.args[0].str()
                    raise BrokerUnreachable(f"the id of topic {name} could not be had: {said}") from error
                ids[name] = None
            except TimeoutError as error:
                raise BrokerUnreachable(f"the id of topic {name} could not be had in time") from error
            if ids[name] == NO_ID and self._ids_required and not self._known_as_mock:
                raise ConfigInvalid(
                    f"the broker has no id for topic {name} (Apache Kafka before 2.8?). Ids tell a recreated topic "
                    "from the old one; without them its first events would be taken for old ones and dropped. "
                    "Set kafka.topic_ids: optional if topics are never recreated"
                )
        return ids

    def ask_settings(self, name: str) -> Future[dict[str, ConfigEntry]] | None:
        """Start the query of a topic's configuration; None for a mock cluster, which has none."""
        if self.is_mock():
            return None
        resource = ConfigResource(ResourceType.TOPIC, name)
        answer: Future[dict[str, ConfigEntry]]
        answer = self._admin.describe_configs([resource], request_timeout=self.timeout)[resource]
        return answer

    # --- offsets ----------------------------------------------------------------------------------------------------

    def offsets(self, partitions: Sequence[Partition], at: At) -> dict[Partition, int]:
        """The offsets of these partitions; -1 when no message is so late. Waits. Raises KafkaException.

        Asked over the admin client's own connections: a consumer's question waits behind its own fetches, for up to
        half a second each.
        """
        return {
            each: asked.result(self.timeout + 1).offset for each, asked in self._ask_offsets(partitions, at).items()
        }

    def ask_ends(self, partitions: Sequence[Partition]) -> EndsAsked:
        """Start the query of begin and end offsets of these partitions."""
        return EndsAsked(*(self._ask_offsets(partitions, at) for at in ("earliest", "end", "latest")))

    def ask_written(self, partitions: Sequence[Partition], at: Literal["earliest", "end"] | int) -> Offsets:
        """Start the query of the first offset, the end, or the first record at or after a time (ms since 1970; -1 for
        none), of all that is written: records of open and of aborted transactions count.

        A mock cluster finds no offset by time, and keeps only some megabytes of a partition: its first offset stands
        for any time.
        """
        if isinstance(at, int) and self._known_as_mock:
            at = "earliest"
        return self._ask_offsets(partitions, at, uncommitted=True)

    def _ask_offsets(self, partitions: Sequence[Partition], at: At, uncommitted: bool = False) -> Offsets:
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
            request_timeout=self.timeout,
        )
        return {(each.topic, each.partition): future for each, future in asked.items()}

    # --- groups -----------------------------------------------------------------------------------------------------

    def ask_group(self, name: str, *, permissions: bool = False) -> Future[ConsumerGroupDescription]:
        """Start the query of a group's state and members, and of what this user may do with it."""
        answer: Future[ConsumerGroupDescription]
        answer = self._admin.describe_consumer_groups(
            [name], include_authorized_operations=permissions, request_timeout=self.timeout
        )[name]
        return answer

    def ask_member(self, group: str, member: str) -> Future[bool]:
        """Start a query to the group's coordinator: does it know this member, with all partitions given to others?"""
        answer: Future[bool] = Future()
        self.ask_group(group).add_done_callback(lambda done: answer.set_result(_stands_by(done, member)))
        return answer

    def ask_group_protocol(self) -> GroupProtocol:
        """Start a query to the brokers: do they support groups under KIP-848?"""
        return ask_group_protocol(self.properties, self.timeout)


def librdkafka() -> str:
    """The version of the Kafka client, as librdkafka says it, such as 2.12.1."""
    return confluent_kafka.libversion()[0]


def described_id(described: TopicDescription) -> str:
    """The topic's id as Kafka's own tools write it: without "/", which separates the parts of an insert_id, and "+".
    NO_ID where the broker has none."""
    topic_id = str(described.topic_id)
    return NO_ID if topic_id == _ZERO_ID else topic_id.replace("/", "_").replace("+", "-")


def partition_counts(listing: Mapping[str, TopicMetadata]) -> dict[str, int]:
    """The topics of a listing that this user may see, with their numbers of partitions."""
    return {name: len(topic.partitions) for name, topic in listing.items() if topic.error is None}


def among(subscription: Subscription, listing: Mapping[str, TopicMetadata]) -> dict[str, int]:
    """The topics of a listing that the subscription matches, with their numbers of partitions."""
    there = partition_counts(listing)
    return {name: there[name] for name in subscription.among(there)}


def wrong_with(name: str, listing: Mapping[str, TopicMetadata]) -> str | None:
    """The reason why a topic can't be used, in words; None when it can."""
    topic = listing.get(name)
    if topic is None or (topic.error is not None and topic.error.code() in _NOT_THERE):
        near = near_topic(name, partition_counts(listing))
        return f"does not exist (or this user may not describe it{f'; {near}' if near else ''})"
    if topic.error is not None and topic.error.code() in _NOT_ALLOWED:
        return "is not allowed to this user (grant Describe, and Read or Write)"
    return None


def _refused(asked: Future[TopicDescription]) -> bool:
    error = asked.exception()
    return isinstance(error, KafkaException) and error.args[0].code() in _NOT_ALLOWED


def _mock_topic(partitions: int) -> Future[Any]:
    answer: Future[Any] = Future()
    answer.set_result(_MockTopic(NO_ID, [_MockPartition(number) for number in range(partitions)]))
    return answer


def _stands_by(described: Future[ConsumerGroupDescription], member: str) -> bool:
    # If nobody has anything, the group has not shared yet: the topics of a pattern are found a while after joining.
    if described.exception() is not None:
        return False
    with_any = {each.member_id: _has_any(each) for each in described.result().members}
    return with_any.get(member) is False and any(with_any.values())


def _has_any(member: MemberDescription) -> bool:
    given = (member.assignment, member.target_assignment)
    return any(part is not None and part.topic_partitions for part in given)
