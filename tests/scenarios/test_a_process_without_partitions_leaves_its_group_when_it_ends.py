"""A process that only stands by leaves the group too: else the others wait for it until its session is over."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_a_process_without_partitions_leaves_its_group_when_it_ends(deployment: Any, protocol: str) -> None:
    deployment.topics(1)
    settings = {"GREENFLASH_KAFKA_KAFKA__GROUP_PROTOCOL": protocol}
    first = deployment.run(**settings)
    first.until("partitions_assigned")
    second = deployment.run(**settings)
    second.until("partitions_assigned")
    assert deployment.kafka.members(deployment.group) == 2
    standing_by = next(each for each in (first, second) if each.lines("partitions_assigned")[-1]["now"] == 0)
    assert standing_by.stop() == 0
    assert deployment.kafka.members(deployment.group) == 1
