"""The keys of schemas that the latest messages of topics name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from greenflash_kafka.cli.check import SECONDS
from greenflash_kafka.decoding.framing import key_framing, value_framing
from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.schema import SchemaKey
from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.client_errors import settings_refused
from greenflash_kafka.source.properties import ClientSettings
from greenflash_kafka.source.samples import latest


def keys_in_topics(client: ClientSettings, topics: Sequence[str], most: int, timeout: float) -> Iterator[SchemaKey]:
    """The keys in the last `most` messages of these topics, those that come within `timeout` seconds a topic. Raises
    `BrokerUnreachable`."""
    with settings_refused(client):
        cluster = AdminQueries({**properties.admin(client), "log_level": "0"}, timeout=SECONDS, ids_required=False)
    for topic, partitions in cluster.matching(topics, []).items():
        ends = cluster.ask_ends([(topic, each) for each in range(partitions)]).require(SECONDS)
        for message in latest(cluster.properties, client.group, ends, most, timeout):
            yield from keys_of(message)


def keys_of(message: Message) -> Iterator[SchemaKey]:
    """The keys that a message names, of its value and of its key."""
    for part, framing in ((message.value, value_framing), (message.key, key_framing)):
        # What names its schema in a way that isn't read has no key.
        with suppress(DecodeError):
            found = framing(part, message.headers) if part is not None else None
            if found is not None:
                yield found.key
