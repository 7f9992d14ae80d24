"""The offsets that may be stored for assigned partitions."""

from __future__ import annotations

from typing import Any
from unittest.mock import MagicMock

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from greenflash_kafka.source.partitions import Partitions
from tests.simulation.world import Notices

READY, UNIDENTIFIED, HALTED = ("t", 0), ("u", 1), ("t", 2)


def test_nothing_is_stored_of_what_is_halted_or_may_be_another_topic_of_that_name() -> None:
    client: Any = MagicMock()
    partitions = Partitions(client, {"t": "id-of-t"}, Notices(), lambda: 0.0)
    partitions.rebalance = MagicMock()
    partitions.begin({READY: 5, UNIDENTIFIED: 7, HALTED: 9}, {}, [UNIDENTIFIED])
    partitions.halt(HALTED, "gone")
    partitions.store({READY: 6, UNIDENTIFIED: 7, HALTED: 9, ("t", 99): 1})
    stored = [call.kwargs["offsets"][0] for call in client.store_offsets.call_args_list]
    assert [(each.topic, each.partition, each.offset, each.metadata) for each in stored] == [("t", 0, 6, "id-of-t")]


def test_what_is_put_back_is_paused_and_sought_and_its_offset_is_the_position_until_the_next_message() -> None:
    client: Any = MagicMock()
    partitions = Partitions(client, {"t": "id-of-t"}, Notices(), lambda: 0.0)
    partitions.rebalance = MagicMock()
    partitions.begin({READY: 5, HALTED: 9}, {})
    partitions.halt(HALTED, "gone")
    client.reset_mock()
    for each in (READY, HALTED, ("elsewhere", 0)):
        partitions.put_back(each, 17)
    calls = [(name, arguments[0]) for name, arguments, _ in client.method_calls]
    assert [(name, str(where)) for name, where in calls] == [
        ("pause", str([TopicPartition("t", 0)])),
        ("seek", str(TopicPartition("t", 0, 17))),
    ]
    assert partitions.begun(READY) == 17


def test_where_the_client_cannot_seek_it_is_assigned_anew() -> None:
    client: Any = MagicMock()
    partitions = Partitions(client, {"t": "id-of-t"}, Notices(), lambda: 0.0)
    partitions.rebalance = MagicMock()
    partitions.begin({READY: 5}, {})
    client.reset_mock()
    client.seek.side_effect = KafkaException(KafkaError(KafkaError._STATE))
    partitions.put_back(READY, 17)
    assert [name for name, *_ in client.method_calls][:4] == [
        "pause",
        "seek",
        "incremental_unassign",
        "incremental_assign",
    ]
    (again,) = client.incremental_assign.call_args.args[0]
    assert (again.topic, again.partition, again.offset) == ("t", 0, 17)
    assert partitions.begun(READY) == 17
