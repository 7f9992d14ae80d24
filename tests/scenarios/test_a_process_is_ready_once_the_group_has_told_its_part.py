"""`/health/ready` says 200 as soon as the group has told which partitions are this process's, and not before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_the_one_that_works_and_the_one_that_stands_by(
    deployment: Any, until: Callable[..., None], protocol: str
) -> None:
    deployment.topics(1)
    for _ in ("gets the partition", "gets none, and takes over if the first one ends"):
        process = deployment.run(GREENFLASH_KAFKA_KAFKA__GROUP_PROTOCOL=protocol)
        process.until("http_serving")
        until(lambda process=process: process.health() == (200, []), "it to be ready")
        assert '"partitions_assigned"' in process.said()
    first, second = (each.lines("partitions_assigned")[-1]["now"] for each in deployment.processes)
    assert (first, second) == (1, 0)
