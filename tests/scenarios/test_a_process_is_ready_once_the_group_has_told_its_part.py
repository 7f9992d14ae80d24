"""`/health/ready` says 200 as soon as the group has told which partitions are this process's, and not before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_the_one_that_works_and_the_one_that_stands_by(deployment: Any, until: Callable[..., None]) -> None:
    deployment.topics(1)
    for _ in ("gets the partition", "gets none, and takes over if the first one ends"):
        process = deployment.run()
        process.until("http_serving")
        until(lambda process=process: process.health() == (200, []), "it to be ready")
        assert '"partitions_assigned"' in process.said()
