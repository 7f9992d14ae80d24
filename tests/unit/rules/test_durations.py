"""Lengths of time are whole numbers with a unit; what people write instead is answered with the right form."""

from __future__ import annotations

import pytest

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.documents.yaml_nodes import Map
from greenflash_kafka.rules.durations import DurationType, duration_text

HOURS = DurationType(1_000, 90 * 86_400_000, "24h")


def read(text: str) -> tuple[int | None, str]:
    report = FileReport("f.yaml")
    root = parse(f"d: {text}\n".encode(), report)
    assert isinstance(root, Map)
    value = HOURS.read(root.entries[0].value, report)
    return value, "; ".join(f"{finding.code}: {finding.hint}" for finding in report.findings)


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("30s", 30_000), ("15m", 900_000), ("24h", 86_400_000), ("7d", 604_800_000), ('"2h"', 7_200_000), ("1s", 1_000)],
)
def test_a_whole_number_and_its_unit(text: str, milliseconds: int) -> None:
    assert read(text) == (milliseconds, "")


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("24", "bad-duration: say the unit: 24s, 24m, 24h, 24d"),
        ('"24"', "bad-duration: say the unit: 24s, 24m, 24h, 24d"),
        ("24 h", "bad-duration: write 24h"),
        ("24 hours", "bad-duration: write 24h"),
        ("1 day", "bad-duration: write 1d"),
        ("7D", "bad-duration: write 7d"),
        ("15min", "bad-duration: write 15m"),
        ("2w", "bad-duration: write 14d"),
        ("1.5h", "bad-duration: write 90m"),
        ("0.25h", "bad-duration: a whole number and s, m, h or d"),
        ("500ms", "bad-duration: a whole number and s, m, h or d"),
        ("1 month", "bad-duration: a whole number and s, m, h or d"),
        ("1h30m", "bad-duration: a whole number and s, m, h or d"),
        ("-1h", "bad-duration: a whole number and s, m, h or d"),
        ("1:30", "bad-duration: a whole number and s, m, h or d"),
        ("PT24H", "bad-duration: a whole number and s, m, h or d"),
        ("", "bad-duration: a whole number and s, m, h or d"),
        ("= payload.x", "bad-duration: an expression doesn't work here"),
        ("${HOURS}", "bad-duration: ${NAME} works in `defaults` and in event fields only"),
        ("0s", "bad-duration: write 1s"),
        ("91d", "bad-duration: write 90d"),
        ("999999999d", "bad-duration: write 90d"),
        ("[24h]", "wrong-type: "),
    ],
)
def test_another_form_is_answered_with_the_right_one(text: str, finding: str) -> None:
    assert read(text) == (None, finding)


@pytest.mark.parametrize("text", ["0s", "1s", "90s", "15m", "36h", "7d"])
def test_a_length_is_shown_as_it_would_be_written(text: str) -> None:
    number, unit = int(text[:-1]), text[-1]
    assert duration_text(number * {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}[unit]) == text
