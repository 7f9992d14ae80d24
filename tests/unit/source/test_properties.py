"""Properties of the three clients: what they are given, and that librdkafka takes it."""

from __future__ import annotations

import confluent_kafka
import pytest
from confluent_kafka.admin import AdminClient

from greenflash_kafka.source import given_properties, properties
from greenflash_kafka.source.given_properties import GroupProtocol
from greenflash_kafka.source.properties import ClientSettings

SETTINGS = ClientSettings("127.0.0.1:1", group="greenflash")


def test_an_alias_replaces_the_default_instead_of_standing_beside_it() -> None:
    made = properties.consumer(
        ClientSettings("b:1", group="g", properties={"fetch.message.max.bytes": "7", "sasl.mechanism": "PLAIN"})
    )
    assert made["max.partition.fetch.bytes"] == "7"
    assert "fetch.message.max.bytes" not in made


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_librdkafka_takes_what_we_make(protocol: GroupProtocol) -> None:
    user = {"session.timeout.ms": "6000"} if protocol == "classic" else {"group.remote.assignor": "uniform"}
    settings = ClientSettings(
        "127.0.0.1:1", group="g", group_protocol=protocol, properties={**user, "linger.ms": "1", "log_level": "0"}
    )
    confluent_kafka.Consumer(dict(properties.consumer(settings))).close()
    confluent_kafka.Producer(dict(properties.producer(settings)))
    AdminClient(dict(properties.admin(settings)))


def test_what_we_own_is_what_the_consumer_gets() -> None:
    made = properties.consumer(SETTINGS)
    assert made["auto.offset.reset"] == "error"
    assert made["enable.auto.commit"] == made["enable.auto.offset.store"] == "false"
    assert made["isolation.level"] == "read_committed"
    assert made["group.id"] == "greenflash"
    assert properties.producer(SETTINGS)["acks"] == "all"
    assert "group.id" not in properties.producer(SETTINGS)


def test_every_default_of_ours_is_either_owned_or_the_users_to_change() -> None:
    changeable = {
        "client.id",
        "log.connection.close",
        "socket.keepalive.enable",
        "queued.max.messages.kbytes",
        "max.partition.fetch.bytes",
        "fetch.max.bytes",
        "fetch.queue.backoff.ms",
        "topic.metadata.refresh.interval.ms",
        "session.timeout.ms",
        "heartbeat.interval.ms",
        "max.poll.interval.ms",
        "request.timeout.ms",
        "compression.codec",
        "queue.buffering.max.kbytes",
    }
    ours = {**properties.consumer(SETTINGS), **properties.producer(SETTINGS)}
    assert {key for key in ours if given_properties.refusal_of(key) is None} == changeable


def test_a_longer_session_takes_the_poll_interval_with_it() -> None:
    given = ClientSettings("127.0.0.1:1", group="g", properties={"session.timeout.ms": "120000"})
    merged = properties.consumer(given)
    confluent_kafka.Consumer(merged).close()  # librdkafka refuses an interval below the session's time
    assert properties.poll_interval(merged) == 120


@pytest.mark.parametrize(
    "given",
    [
        {"fetch.max.bytes": "1000"},
        {"fetch.max.bytes": "50000000"},
        {"max.partition.fetch.bytes": "10000000"},
        {"fetch.message.max.bytes": "16384"},
        {"receive.message.max.bytes": "2000"},
        {"receive.message.max.bytes": "1000000000"},
        {"queued.max.messages.kbytes": "1"},
        {"fetch.max.bytes": "5000000", "receive.message.max.bytes": "5000512"},
    ],
)
def test_whichever_limit_of_fetching_is_set_alone_librdkafka_takes_it_with_ours(given: dict[str, str]) -> None:
    made = properties.consumer(ClientSettings("127.0.0.1:1", group="g", properties={"log_level": "0", **given}))
    confluent_kafka.Consumer(dict(made)).close()
    assert {given_properties.ALIASES.get(key, key): value for key, value in given.items()}.items() <= made.items()


def test_one_answer_to_a_fetch_is_bounded_whatever_the_number_of_partitions() -> None:
    made = properties.consumer(SETTINGS)
    assert int(made["fetch.max.bytes"]) <= 131_072
    # So much a single partition may have of it, or a topic of one partition would be read more slowly.
    assert made["max.partition.fetch.bytes"] == made["fetch.max.bytes"]


def test_the_reader_of_conversations_is_no_member_and_never_commits() -> None:
    given = {
        "session.timeout.ms": "9000",
        "group.instance.id": "a",
        "security.protocol": "ssl",
        "fetch.max.bytes": "5000",
    }
    settings = ClientSettings("127.0.0.1:1", group="greenflash", group_protocol="consumer", properties=given)
    made = properties.reader(settings)
    assert not made.keys() & {"session.timeout.ms", "group.instance.id", "group.protocol", "max.poll.interval.ms"}
    assert (made["enable.auto.commit"], made["isolation.level"]) == ("false", "read_committed")
    assert made["security.protocol"] == "ssl", "it connects as the group's consumer does"
    assert made["fetch.max.bytes"] == "5000"
    confluent_kafka.Consumer(made).close()
