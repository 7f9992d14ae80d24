"""The conversations that the sandbox makes up."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

from greenflash_kafka.sandbox.listings import made_interactions


def test_each_is_made_once_and_the_same_every_time() -> None:
    made = made_interactions()
    assert len({each["id"] for each in made}) == len(made)
    assert made == made_interactions()


def test_any_number_of_them_ends_at_a_time() -> None:
    last = datetime(2026, 11, 18, tzinfo=UTC)
    made = made_interactions(150, last)
    assert all(later["createdAt"] > earlier["createdAt"] for earlier, later in pairwise(made))
    assert made[-1]["createdAt"] == "2026-11-18T00:00:00Z"
