"""Properties of the Kafka clients: our defaults, and what `kafka.properties` sets in their place.

Nothing here imports confluent-kafka.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from greenflash_kafka.source.given_properties import ALIASES, CONSUMER_ONLY, PRODUCER_ONLY, GroupProtocol

Assignor = Literal["cooperative-sticky", "range", "roundrobin"]

EAGER: Final = frozenset({"range", "roundrobin"})
"""Assignors under which every change revokes all partitions and assigns them again."""


class ClientSettings(msgspec.Struct, frozen=True):
    """The settings from which the three clients (consumer, dead-letter producer, admin) are made.

    `properties` have been through `given_properties.check` and `resolve`: plain text values, secrets included (so never
    print it). `oauth_token_url` is the one way to name a token endpoint.
    """

    bootstrap_servers: str
    group: str = ""
    group_protocol: GroupProtocol = "classic"
    properties: Mapping[str, str] = {}
    oauth_token_url: str | None = None
    assignor: Assignor = "cooperative-sticky"

    def __repr__(self) -> str:
        return f"ClientSettings({self.bootstrap_servers!r}, group={self.group!r}, properties={sorted(self.properties)})"


_EVERY_CLIENT: Final[Mapping[str, str]] = {
    "client.id": "greenflash-kafka",
    # Otherwise every idle connection that a broker closes is a log line.
    "log.connection.close": "false",
    "socket.keepalive.enable": "true",
    # librdkafka's producers and admin clients ask brokers to create what they name; nothing of ours ever may.
    "allow.auto.create.topics": "false",
}
_CONSUMER: Final[Mapping[str, str]] = {
    "enable.auto.commit": "false",
    "enable.auto.offset.store": "false",
    # With "earliest" or "latest" a range that retention took is skipped without a word; "error" says so.
    "auto.offset.reset": "error",
    "isolation.level": "read_committed",
    "check.crcs": "true",
    # What has been fetched is unpacked whole, whatever its codec makes of it, before the limit of the queue is looked
    # at: so the answer to a fetch is what bounds memory, not a partition's share of it (docs/decisions/0019).
    "max.partition.fetch.bytes": "131072",
    "queued.max.messages.kbytes": "4096",
    # librdkafka wants fetch.max.bytes to be no less than this. It limits what is produced, which this client does not.
    "message.max.bytes": "1000",
    # Belongs to the small queue: so long after it was full it is looked at again.
    "fetch.queue.backoff.ms": "5",
    # New topics that match a pattern, and new partitions, are seen within half a minute.
    "topic.metadata.refresh.interval.ms": "30000",
}
_FETCH_BYTES: Final = 131_072
"""Limit of one fetch response of a broker, compressed, over all partitions. A larger batch is returned all the same,
alone: so a limit blocks no message."""
_FRAMING_BYTES: Final = 512
"""The difference that librdkafka requires between receive.message.max.bytes and fetch.max.bytes."""
_LEAST_FETCH_BYTES: Final = 1000
_POLL_INTERVAL_MS: Final = 60_000
"""Time for which a group waits for a member that hangs, and all other members with it. librdkafka's five minutes are
for applications that work between two polls; our loop polls while events are in flight."""
_GROUP: Final[Mapping[GroupProtocol, Mapping[str, str]]] = {
    # 10 s instead of 45 s: so long a killed process keeps its partitions. And a member hears by its heartbeats that
    # partitions change hands, twice until they have: every second instead of every three.
    "classic": {
        "group.protocol": "classic",
        "session.timeout.ms": "10000",
        "heartbeat.interval.ms": "1000",
    },
    # Session and heartbeat are the broker's settings here, and librdkafka refuses ours.
    "consumer": {"group.protocol": "consumer"},
}
_READER: Final[Mapping[str, str]] = {
    # Beside the group's consumer, whose messages matter more.
    "queued.max.messages.kbytes": "1024",
}
_MEMBERSHIP: Final = frozenset(
    {
        "group.instance.id",
        "group.protocol",
        "group.remote.assignor",
        "heartbeat.interval.ms",
        "max.poll.interval.ms",
        "partition.assignment.strategy",
        "session.timeout.ms",
    }
)
"""Properties of members, which a consumer outside of any group doesn't take."""
_PRODUCER: Final[Mapping[str, str]] = {
    "acks": "all",
    "enable.idempotence": "true",
    # So soon a write that got no answer is reported and tried again by the writer, which never gives up.
    "delivery.timeout.ms": "15000",
    "request.timeout.ms": "5000",
    "compression.type": "lz4",
    # The broker, not the client, says what is too large: the topic's own limit decides.
    "message.max.bytes": "1000000000",
    # A topic that is created again, or becomes allowed, is found within seconds.
    "topic.metadata.refresh.interval.ms": "5000",
    # Bounds the memory of dead letters under way; when it is full the writer keeps them itself.
    "queue.buffering.max.kbytes": "65536",
}
_ADMIN: Final[Mapping[str, str]] = {
    # Questions go to the controller, which in KRaft is any broker that a metadata response names. If it dies, they
    # wait for another response, by default for up to five minutes, and two threads of librdkafka 2.16 use most of a
    # core.
    "topic.metadata.refresh.interval.ms": "2000",
}


def consumer(settings: ClientSettings) -> dict[str, str]:
    """Properties of the group's consumer."""
    own = {"group.id": settings.group, **_CONSUMER, **_GROUP[settings.group_protocol]}
    own["max.poll.interval.ms"] = _poll_interval_ms(settings.properties)
    own["fetch.max.bytes"] = _fetch_bytes(settings.properties)
    if settings.group_protocol == "classic":
        own["partition.assignment.strategy"] = settings.assignor
    return _merge(settings, own, without=PRODUCER_ONLY)


def reader(settings: ClientSettings) -> dict[str, str]:
    """Properties of a consumer that reads partitions whole, assigned by hand: never a member, never committing.

    It has the group's name, which is the one that this user has rights for: the client asks for the coordinator of the
    group that it is given, member or not, and brokers log each refusal.
    """
    own = {"group.id": settings.group, **_CONSUMER, **_READER, "fetch.max.bytes": _fetch_bytes(settings.properties)}
    return _merge(settings, own, without=PRODUCER_ONLY | _MEMBERSHIP)


def _poll_interval_ms(given: Mapping[str, str]) -> str:
    # librdkafka wants it to be no less than the session's time.
    session = given.get("session.timeout.ms", "")
    return str(max(_POLL_INTERVAL_MS, int(session) if session.isdecimal() else 0))


def _fetch_bytes(given: Mapping[str, str]) -> str:
    # librdkafka wants the largest answer that is taken to have room for a fetch.
    received = given.get("receive.message.max.bytes", "")
    room = int(received) - _FRAMING_BYTES if received.isdecimal() else _FETCH_BYTES
    return str(max(_LEAST_FETCH_BYTES, min(_FETCH_BYTES, room)))


def poll_interval(properties: Mapping[str, str]) -> float:
    """Seconds after which the group removes a member that doesn't poll, under these consumer properties."""
    return int(properties.get("max.poll.interval.ms", "300000")) / 1000


def producer(settings: ClientSettings, topic_limit: int | None = None) -> dict[str, str]:
    """Properties of the dead-letter producer.

    `topic_limit` is the topic's max.message.bytes if it is known: the broker holds it against whole batches, so a
    batch stays below it, or holds one record where the limit isn't known. Otherwise small records in one large
    batch would be refused as too large, all of them.
    """
    batch = {"batch.num.messages": "1"} if topic_limit is None else {"batch.size": str(_batch_size(topic_limit))}
    return _merge(settings, {**_PRODUCER, **batch}, without=CONSUMER_ONLY)


def _batch_size(topic_limit: int) -> int:
    return max(1, min(1_000_000, topic_limit - 1024))


def admin(settings: ClientSettings) -> dict[str, str]:
    """Properties of the admin client: those that it needs to connect, and little else."""
    return _merge(settings, _ADMIN, without=CONSUMER_ONLY | PRODUCER_ONLY)


def _merge(settings: ClientSettings, own: Mapping[str, str], *, without: frozenset[str]) -> dict[str, str]:
    merged = {ALIASES.get(key, key): value for key, value in {**_EVERY_CLIENT, **own}.items()}
    # What we own never gets this far in `properties` (`check`), so the user's word simply replaces a default.
    for key, value in settings.properties.items():
        name = ALIASES.get(key, key)
        if name not in without:
            merged[name] = value
    if settings.oauth_token_url is not None:
        merged["sasl.oauthbearer.token.endpoint.url"] = settings.oauth_token_url
    merged["bootstrap.servers"] = settings.bootstrap_servers
    return merged
