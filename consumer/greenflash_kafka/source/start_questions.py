"""Questions to the cluster before a run begins, all sent at once: each runs until its answer is required."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import Final

import msgspec
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AclOperation, ConfigEntry, ConsumerGroupDescription, TopicDescription, TopicMetadata

from greenflash_kafka.errors import ConfigInvalid, NotAllowed, TopicMissing
from greenflash_kafka.source.admin import AdminQueries, among, wrong_with
from greenflash_kafka.source.api_versions import GroupProtocol
from greenflash_kafka.source.rights import Access, group_refusal, topic_refusal
from greenflash_kafka.source.subscription import Subscription


class TopicAccess(msgspec.Struct, frozen=True):
    """A query in progress: may topics be read (or written)? `properties` are the asking client's, `seconds` is the
    time limit."""

    properties: Mapping[str, str]
    access: Access
    asked: Mapping[str, Future[TopicDescription]]
    seconds: float

    def require(self) -> None:
        """Raise NotAllowed when one of them may not; a cluster that doesn't say is passed over."""
        for name, future in self.asked.items():
            try:
                may = future.result(self.seconds).authorized_operations
            except KafkaException as error:
                if error.args[0].code() != KafkaError.TOPIC_AUTHORIZATION_FAILED:
                    continue
            except TimeoutError:
                continue
            else:
                if not may or AclOperation[self.access.upper()] in may:
                    continue
            raise NotAllowed(topic_refusal(self.properties, self.access, name))


class GroupAccess(msgspec.Struct, frozen=True):
    """A query in progress: may this user be a member of the group? `refusal` is the text of the error if not."""

    asked: Future[ConsumerGroupDescription]
    seconds: float
    refusal: str

    def require(self) -> None:
        """Raise NotAllowed when not; a cluster that doesn't say is passed over.

        The consumer itself would only wait: without the right it never learns who coordinates the group.
        """
        try:
            may = self.asked.result(self.seconds).authorized_operations
        except KafkaException as error:
            if error.args[0].code() == KafkaError.GROUP_AUTHORIZATION_FAILED:
                raise NotAllowed(self.refusal) from None
        except TimeoutError:
            return
        else:
            if may and AclOperation.READ not in may:
                raise NotAllowed(self.refusal)


class TopicSettings(msgspec.Struct):
    """A query of a topic's configuration in progress. `asked` is None for a cluster that has none; `seconds` is the
    time limit."""

    topic: str
    asked: Future[dict[str, ConfigEntry]] | None
    seconds: float
    known: dict[str, str] | None = None

    def value(self, name: str) -> str | None:
        """A setting by its name in Kafka; None when the cluster doesn't say."""
        if self.known is None:
            self.known = self._answer()
        return self.known.get(name)

    def _answer(self) -> dict[str, str]:
        # Empty too when this user may not read it (DescribeConfigs).
        if self.asked is None:
            return {}
        try:
            entries = self.asked.result(self.seconds)
        except (KafkaException, TimeoutError):
            return {}
        return {entry.name: str(entry.value) for entry in entries.values()}

    @property
    def max_message_bytes(self) -> int | None:
        """The largest record batch that the topic accepts, in bytes; None when the cluster doesn't say."""
        limit = self.value("max.message.bytes") or ""
        return int(limit) if limit.isdecimal() else None

    def require_for_dead_letters(self, least_bytes: int = 0) -> None:
        """Raise ConfigInvalid for a compacted topic, which would drop the older of two dead letters with one key, and
        for one that may reject even the smallest form of a dead letter: commits would wait for it without end."""
        if "compact" in (self.value("cleanup.policy") or "delete"):
            raise ConfigInvalid(
                f"the dead-letter topic {self.topic!r} is compacted: of two dead letters with one key only the last "
                "stays. Set its cleanup.policy to delete, or name another topic in dead_letter.topic"
            )
        limit = self.max_message_bytes
        if limit is not None and limit < least_bytes:
            raise ConfigInvalid(
                f"the dead-letter topic {self.topic!r} takes {limit} bytes at most (max.message.bytes), and a dead "
                f"letter without its message's key, value and headers may take {least_bytes}. One that doesn't fit can "
                "never be written, and commits would wait for it. Set max.message.bytes to that of the source topics "
                "plus 32 KB"
            )


class StartQuestions(msgspec.Struct, frozen=True):
    """Queries in progress: each response takes a round trip, and the group's first has to find its coordinator.

    Meanwhile there is other work to do, so `require` comes later. None and empty is what needn't be asked.
    """

    dead_letters: TopicSettings | None = None
    access: Sequence[TopicAccess] = ()
    group: GroupAccess | None = None
    protocol: GroupProtocol | None = None
    missing: Sequence[str] = ()
    """Conversation topics that don't exist, or that this user may not describe."""

    def require(self, least_bytes: int = 0) -> int | None:
        """Wait for the responses; the dead-letter topic's `max_message_bytes`, for `properties.producer`.

        Raises ConfigInvalid when the dead-letter topic is compacted or takes no record of `least_bytes`, or the brokers
        don't know the group's protocol, and NotAllowed when this user may not write the dead-letter topic, read a
        topic, or be a member of the group.
        """
        if self.dead_letters is not None:
            self.dead_letters.require_for_dead_letters(least_bytes)
        for each in self.access:
            each.require()
        if self.group is not None:
            self.group.require()
        if self.protocol is not None:
            self.protocol.require()
        return None if self.dead_letters is None else self.dead_letters.max_message_bytes


def ask_at_start(
    cluster: AdminQueries,
    subscription: Subscription,
    group: str,
    dead_letters: str | None,
    protocol: str = "classic",
    conversations: Subscription | None = None,
) -> StartQuestions:
    """Start the queries before a run: may the matching topics be read, may `dead_letters` (if any) be written, and can
    the group be joined by this protocol? `conversations`: topics that are read beside those of the group. Raises
    TopicMissing when there is no dead-letter topic, TooManyTopics, and BrokerUnreachable."""
    found = cluster.listing()
    if dead_letters is not None:
        _require(cluster, dead_letters, "the dead-letter topic", found)
    meant = among(subscription, found)
    subscription.require_few(meant)
    if cluster.is_mock():
        return StartQuestions()
    speaks = cluster.ask_group_protocol() if protocol == "consumer" else None
    refusal = group_refusal(cluster.properties, group)
    joining = GroupAccess(cluster.ask_group(group, permissions=True), cluster.timeout + 1, refusal)
    settings = None if dead_letters is None else topic_settings(cluster, dead_letters)
    access = [] if dead_letters is None else [_ask_access(cluster, [dead_letters], "Write")]
    beside = {} if conversations is None else among(conversations, found)
    missing = () if conversations is None else conversations.missing(beside)
    # A topic that this user may not describe isn't in the list of all; asked for by name, it is refused.
    access.append(_ask_access(cluster, [*meant, *subscription.missing(meant), *beside, *missing], "Read"))
    return StartQuestions(settings, access, joining, speaks, missing)


def topic_settings(cluster: AdminQueries, name: str) -> TopicSettings:
    """The topic's configuration, as a query in progress. Raises BrokerUnreachable."""
    return TopicSettings(name, cluster.ask_settings(name), cluster.timeout + 1)


DEAD_LETTERS_KEPT: Final = "retention.ms=1209600000"


def require_topic(cluster: AdminQueries, name: str, purpose: str, setting: str = DEAD_LETTERS_KEPT) -> None:
    """Raise TopicMissing for a missing topic, with the command that creates it, and with this setting (this program
    never creates one), and NotAllowed for one that this user may not describe. Raises BrokerUnreachable."""
    _require(cluster, name, purpose, cluster.listing(), setting)


def require_dead_letters(cluster: AdminQueries, name: str, least_bytes: int = 0) -> int | None:
    """Check the dead-letter topic; its `max_message_bytes`, for `properties.producer`. Raises as `ask_at_start` and
    what it gives do."""
    require_topic(cluster, name, "the dead-letter topic")
    settings = topic_settings(cluster, name)
    settings.require_for_dead_letters(least_bytes)
    return settings.max_message_bytes


def require_access(cluster: AdminQueries, names: Iterable[str], access: Access) -> None:
    """Raise NotAllowed when this user may not read (or write) one of these topics; those that don't exist are passed
    over, and so is a cluster that doesn't say. Raises BrokerUnreachable."""
    if not cluster.is_mock():
        _ask_access(cluster, names, access).require()


def _require(
    cluster: AdminQueries, name: str, purpose: str, found: Mapping[str, TopicMetadata], setting: str = DEAD_LETTERS_KEPT
) -> None:
    why = wrong_with(name, found)
    if why is not None:
        servers = cluster.servers
        if cluster.refused([name]):
            raise NotAllowed(topic_refusal(cluster.properties, "Write", name))
        raise TopicMissing(
            f"{purpose} {name!r} {why} at {servers}. Create it (this program never does), or correct its name:\n"
            f"  kafka-topics.sh --bootstrap-server {servers} --create --topic {name} "
            f"--partitions 3 --config {setting}"
        )


def _ask_access(cluster: AdminQueries, names: Iterable[str], access: Access) -> TopicAccess:
    asked = cluster.ask_descriptions(names, permissions=True)
    return TopicAccess(cluster.properties, access, asked, cluster.timeout + 1)
