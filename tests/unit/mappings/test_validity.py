"""`valid`: from when until when a rule holds."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfoNotFoundError

import pytest

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.mappings.spec import VALID
from greenflash_kafka.mappings.validity import read_moment, read_valid
from greenflash_kafka.rules.rule import Valid


def read(text: str) -> tuple[Valid | None, list[tuple[str, int]]]:
    report = FileReport("f.yaml")
    node = parse(text.encode(), report)
    assert node is not None
    valid = read_valid(VALID.read(node, report), report)
    return valid, [(each.code, each.column) for each in report.findings]


def test_dates_begin_at_midnight_of_their_zone() -> None:
    valid, findings = read("{from: 2026-12-01, until: 2027-01-01, zone: Europe/Paris}")
    assert findings == []
    assert valid == Valid(datetime(2026, 11, 30, 23, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC))
    assert read("{from: 2026-12-01}")[0] == Valid(datetime(2026, 12, 1, tzinfo=UTC), None)
    assert read_valid(None, FileReport("f.yaml")) is None


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("{from: soon}", ("bad-time", 8)),
        ("{from: 2026-12-01, zone: Mars}", ("bad-time", 26)),
        ("{from: 2026-12-02, until: 2026-12-01}", ("bad-time", 20)),
        ("{zone: UTC}", ("missing-key", 1)),
    ],
)
def test_what_can_be_no_time_of_validity(text: str, finding: tuple[str, int]) -> None:
    assert read(text)[1] == [finding]


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
