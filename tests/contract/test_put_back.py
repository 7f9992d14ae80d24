"""What is put back comes again, from that offset on and in order, once its partition is resumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from greenflash_kafka.ports import TopicPartition
from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.given_properties import GroupProtocol
from greenflash_kafka.source.kafka import KafkaSource
from greenflash_kafka.source.subscription import Subscription
from tests.brokers.kafka import Kafka, Record
from tests.simulation.world import Notices
from tests.waiting import until


class Reading:
    """A source, and the offsets that it handed on, by partition."""

    def __init__(self, kafka: Kafka, topic: str, protocol: GroupProtocol) -> None:
        settings = properties.ClientSettings(
            bootstrap_servers=kafka.bootstrap_servers, group=kafka.name("group"), group_protocol=protocol
        )
        self.notices = Notices()
        self.source = KafkaSource(
            properties.consumer(settings),
            Subscription([topic], []),
            "earliest",
            "halt",
            AdminQueries(properties.admin(settings)),
            self.notices,
        )
        self.offsets: dict[TopicPartition, list[int]] = {}
        self.source.subscribe(self)

    def read(self, limit: int = 500) -> bool:
        for each in self.source.take(limit, 0.1):
            self.offsets.setdefault((each.topic, each.partition), []).append(each.offset)
        return True

    def assigned(self, starts: Mapping[TopicPartition, int]) -> None: ...
    def revoking(self, partitions: Sequence[TopicPartition]) -> None: ...
    def lost(self, partitions: Sequence[TopicPartition]) -> None: ...
    def halted(self, partition: TopicPartition, reason: str) -> None: ...


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_what_is_put_back_comes_again_in_order_after_the_resume(kafka: Kafka, protocol: GroupProtocol) -> None:
    topic = kafka.topic(2)
    first, other = (topic, 0), (topic, 1)
    kafka.produce(topic, [Record(b"%d" % number, partition=0) for number in range(300)])
    reading = Reading(kafka, topic, protocol)
    source, offsets = reading.source, reading.offsets
    until(lambda: reading.read(50) and len(offsets.get(first, ())) >= 100, "100 messages")
    for start in (37, 5):
        offsets.clear()
        source.put_back(first, start)
        assert source.position(first) == start, "nothing is committed past what is put back"
        kafka.produce(topic, [Record(b"x", partition=1)])
        until(lambda: reading.read() and other in offsets, "the other partition's message")
        assert first not in offsets, "it is paused"
        source.resume([first])
        until(lambda: reading.read() and offsets.get(first, [0])[-1] == 299, "all of it again")
        assert offsets[first] == list(range(start, 300))
        assert source.position(first) == 300
    source.put_back(("elsewhere", 0), 7)
    assert source.settle(20)
    source.close()
