"""By which rules a group's partitions were last committed: for `doctor`, never for the loop."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence

from confluent_kafka import Consumer, KafkaException, TopicPartition

from consumer.errors import BrokerUnreachable
from consumer.source.group import COMING_UP
from consumer.source.marks import read

AGAIN_SECONDS = 0.2
"""Between two tries to ask a coordinator that is just coming up."""


def committed_rules(
    properties: Mapping[str, str], group: str, topics: Mapping[str, int], timeout: float
) -> Counter[str]:
    """How many partitions of these topics (name to number of partitions) were last committed by which version of the
    rules; what doesn't say is left out. `properties` are an admin client's. Raises `BrokerUnreachable`."""
    wanted = [TopicPartition(topic, number) for topic, count in topics.items() for number in range(count)]
    if not wanted:
        return Counter()
    # By a consumer that joins nothing: librdkafka's admin client dies of the answer that the coordinator has moved
    # (its issue 5040).
    consumer = Consumer({**properties, "group.id": group})
    try:
        answered = _insist(consumer, wanted, timeout)
    except KafkaException as error:
        said = error.args[0].str() or error.args[0].name()
        raise BrokerUnreachable(f"the offsets of the group {group!r} can't be read: {said}") from error
    finally:
        consumer.close()
    found = (read(each.offset, each.metadata) for each in answered if each.error is None and each.offset >= 0)
    return Counter(was.rules for was in found if was.rules)


def _insist(consumer: Consumer, wanted: Sequence[TopicPartition], timeout: float) -> list[TopicPartition]:
    until = time.monotonic() + timeout
    while True:
        try:
            answered: list[TopicPartition] = consumer.committed(list(wanted), timeout=timeout)
            return answered
        except KafkaException as error:
            if error.args[0].code() not in COMING_UP or time.monotonic() > until:
                raise
            time.sleep(AGAIN_SECONDS)
