"""A number is a time in one unit only; the record's time tells which."""

from __future__ import annotations

import pytest

from greenflash_kafka.discovery.event_times import milliseconds

MS = 1_795_000_000_123


@pytest.mark.parametrize(
    ("value", "record", "telling", "expected"),
    [
        (1_795_000_000, MS, False, ("s", 1_795_000_000_000)),
        (MS, MS, False, ("ms", MS)),
        (MS * 1000, MS, False, ("us", MS)),
        (MS * 1_000_000, MS, False, ("ns", MS)),
        (1_495_000_000, MS, False, None),
        (1_495_000_000, MS, True, ("s", 1_495_000_000_000)),
        (1_495_000_000, None, True, ("s", 1_495_000_000_000)),
        (42, MS, True, None),
        (True, MS, True, None),
        ("2026-11-18T11:06:40Z", MS, False, ("", 1_795_000_000_000)),
        ("2026-11-18 11:06:40", MS, False, ("", 1_795_000_000_000)),
        ("2026-99-18T11:06:40Z", MS, False, None),
        ("u-5", MS, True, None),
    ],
)
def test_times_and_their_units(value: object, record: int | None, telling: bool, expected: object) -> None:
    assert milliseconds(value, record, telling=telling) == expected
