"""The offsets that may be stored for assigned partitions."""

from __future__ import annotations

from typing import Any
from unittest.mock import MagicMock

from greenflash_kafka.source.partitions import Partitions
from tests.simulation.world import Notices

READY, UNIDENTIFIED, HALTED = ("t", 0), ("u", 1), ("t", 2)


def test_nothing_is_stored_of_what_is_halted_or_may_be_another_topic_of_that_name() -> None:
    client: Any = MagicMock()
    partitions = Partitions(client, Notices(), False, lambda: 0.0, False)
    partitions.rebalance = MagicMock()
    partitions.topic_ids["t"] = "id-of-t"
    partitions.begin({READY: 5, UNIDENTIFIED: 7, HALTED: 9}, {}, [UNIDENTIFIED])
    partitions.halt(HALTED, "gone")
    partitions.store({READY: 6, UNIDENTIFIED: 7, HALTED: 9, ("t", 99): 1})
    stored = [call.kwargs["offsets"][0] for call in client.store_offsets.call_args_list]
    assert [(each.topic, each.partition, each.offset, each.metadata) for each in stored] == [("t", 0, 6, "id-of-t")]
