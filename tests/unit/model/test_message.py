"""A Kafka record's own facts."""

from __future__ import annotations

import pytest

from greenflash_kafka.model.message import NO_TIMESTAMP, Message


@pytest.mark.parametrize(
    ("message", "ms"),
    [
        (Message("t", 0, 0, 5), 5),
        (Message("t", 0, 0, 5, timestamp_type="append"), 5),
        (Message("t", 0, 0, 0), 0),
        (Message("t", 0, 0, NO_TIMESTAMP), None),
        (Message("t", 0, 0, 0, timestamp_type="none"), None),
    ],
)
def test_a_record_may_have_no_timestamp_in_either_way_that_kafka_says_so(message: Message, ms: int | None) -> None:
    assert message.record_ms == ms


def test_a_record_is_named_by_topic_partition_and_offset() -> None:
    assert Message("a.b", 3, 42).coordinates == "a.b/3/42"
