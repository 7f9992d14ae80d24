"""Numbers with their words."""

from __future__ import annotations

from greenflash_kafka.model.counted import counted, in_number


def test_one_is_one() -> None:
    said = [counted(number, "event") for number in (0, 1, 2, 1_000)]
    assert said == [
        "0 events",
        "1 event",
        "2 events",
        "1,000 events",
    ]
    assert [in_number(number, "event is", "events are") for number in (1, 21)] == ["event is", "events are"]
