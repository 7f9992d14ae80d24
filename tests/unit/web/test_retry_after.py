from __future__ import annotations

import pytest

from greenflash_kafka.web.retry_after import CEILING, retry_after

NOW = 1_784_000_000.0  # Tue, 14 Jul 2026 03:33:20 GMT
DATE = ("date", "Tue, 14 Jul 2026 03:33:20 GMT")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ([], None),
        ([("retry-after", "7")], 7),
        ([("retry-after", " 7 ")], 7),
        ([("retry-after", "1.5")], 1.5),
        ([("retry-after", "61")], 61),
        ([("retry-after", "0")], 0),
        ([("retry-after", "86400")], 86400),
        ([("retry-after", "31536000")], 31536000),
        ([("retry-after", "1e3")], 1000),
        ([("retry-after", "1e300")], CEILING),
        ([("retry-after", "-5")], None),
        ([("retry-after", "NaN")], None),
        ([("retry-after", "inf")], None),
        ([("retry-after", "abc")], None),
        ([("retry-after", "")], None),
        ([("retry-after", "1_000")], None),
        ([("retry-after", "7\x1f, 5")], 7),
        ([("retry-after", "٣")], None),
        ([("retry-after", "9" * 5000)], None),
        ([("retry-after-ms", "1500")], 1.5),
        ([("retry-after-ms", "x"), ("retry-after", "3")], 3),
        ([("retry-after-ms", "1500"), ("retry-after", "1")], 1.5),
        ([("retry-after", "1"), ("retry-after", "30")], 30),
        ([("retry-after", "30"), ("retry-after", "1")], 30),
        ([("retry-after", "abc"), ("retry-after", "4")], 4),
        ([("retry-after", "5, 60")], 60),
        ([("x-retry-after", "5")], None),
    ],
)
def test_retry_after_in_numbers(headers: list[tuple[str, str]], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("Tue, 14 Jul 2026 03:34:20 GMT", 60),
        ("Tuesday, 14-Jul-26 03:34:20 GMT", 60),
        ("Tue Jul 14 03:34:20 2026", 60),
        ("Wed, 15 Jul 2026 03:33:20 GMT", 86400),
        ("Tue, 14 Jul 2026 03:33:00 GMT", 0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Tue, 99 Jul 2026 03:34:20 GMT", None),
        ("Tue, 14 Jul 99999 03:34:20 GMT", None),
        ("tomorrow", None),
    ],
)
def test_retry_after_as_a_date(value: str, seconds: float | None) -> None:
    assert retry_after([DATE, ("retry-after", value)], 0.0) == seconds
    assert retry_after([("retry-after", value)], NOW) == seconds
    assert retry_after([("date", "nonsense"), ("retry-after", value)], NOW) == seconds


def test_a_wrong_clock_of_ours_does_not_change_a_date() -> None:
    headers = [DATE, ("retry-after", "Tue, 14 Jul 2026 03:34:20 GMT")]
    assert retry_after(headers, NOW + 31_536_000) == retry_after(headers, NOW - 3_600) == 60
