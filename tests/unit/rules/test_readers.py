"""Texts read outside of expressions."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfoNotFoundError

import pytest

from greenflash_kafka.rules.expressions.refusals import EvaluationError
from greenflash_kafka.rules.readers import read_json, read_moment, read_time


def test_a_time_is_read_as_the_language_reads_it() -> None:
    assert read_time("2026-11-18T12:06:41+01:00", None) == datetime(2026, 11, 18, 11, 6, 41, tzinfo=UTC)
    for wrong in ("tomorrow", 5, None):
        with pytest.raises(EvaluationError, match="bad-time"):
            read_time(wrong, None)


def test_a_time_more_than_a_day_after_its_record_is_wrong() -> None:
    with pytest.raises(EvaluationError, match="bad-time"):
        read_time("2026-11-18T12:00:00Z", 1_700_000_000_000)


def test_json_is_read_and_anything_else_is_missing() -> None:
    assert read_json('{"a": [1]}') == {"a": [1]}
    assert read_json("{") is None


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2026-12-01", None, datetime(2026, 12, 1, tzinfo=UTC)),
        ("2026-12-01", "Europe/Paris", datetime(2026, 11, 30, 23, tzinfo=UTC)),
        ("2026-12-01T09:00:00+01:00", "Asia/Tokyo", datetime(2026, 12, 1, 8, tzinfo=UTC)),
        ("soon", None, None),
    ],
)
def test_a_literal_moment(text: str, zone: str | None, moment: datetime | None) -> None:
    assert read_moment(text, zone) == moment


def test_a_zone_that_does_not_exist_is_said() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        read_moment("2026-12-01", "Mars/Olympus")
