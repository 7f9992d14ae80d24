"""Texts of ISO 8601 as times."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from greenflash_kafka.expressions.iso_times import iso_time, same_moment, zoned_date


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-18", datetime(2026, 11, 18, tzinfo=UTC)),
        ("2026-11-18Z", datetime(2026, 11, 18, tzinfo=UTC)),
        ("2026-11-18-05:30", datetime(2026, 11, 18, 5, 30, tzinfo=UTC)),
        ("2026-11-18+02:00", datetime(2026, 11, 17, 22, tzinfo=UTC)),
        (" 2026-11-18T11:06:40.5+01:00 ", datetime(2026, 11, 18, 10, 6, 40, 500_000, tzinfo=UTC)),
        ("2026-W47-3", datetime(2026, 11, 18, tzinfo=UTC)),
    ],
)
def test_a_text_of_iso_8601_is_a_time(text: str, time: datetime) -> None:
    assert iso_time(text) == time
    assert same_moment(time, text)


@pytest.mark.parametrize(
    "text", ["", "order.paid", "2026", "2026-13-01", "2026-13-01Z", "0001-01-01T00:00+14:00", "2026-11-18" + " " * 99]
)
def test_another_text_is_no_time(text: str) -> None:
    assert iso_time(text[:60]) is None or len(text) > 60
    assert not same_moment(datetime(2026, 11, 18, tzinfo=UTC), text)


def test_a_date_without_a_zone_is_no_zoned_date() -> None:
    assert zoned_date("2026-11-18") is None


def test_a_number_is_no_time() -> None:
    assert not same_moment(datetime(2026, 11, 18, tzinfo=UTC), 1795000000)
