from __future__ import annotations

import pytest

from greenflash_kafka.diff.time_moves import TimeMoves

NOON = "2026-12-01T12:00:00+00:00"


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (["2026-12-01T11:00:00+00:00"], "1 h earlier"),
        (["2026-12-01T11:00:00+00:00"] * 2, "every one 1 h earlier"),
        (["2026-12-03T13:30:00+00:00", NOON, "2026-12-01T11:59:59.500+00:00"], "from 500 ms earlier to 2 d 1 h later"),
        (["2026-12-01T11:00:00+00:00", "2026-12-01T10:00:00+00:00"], "from 2 h earlier to 1 h earlier"),
    ],
)
def test_how_far_times_move(times: list[str], words: str) -> None:
    whole = TimeMoves()
    for each in times:
        part = TimeMoves()
        part.move(NOON, each)
        whole.add(part)
    whole.add(TimeMoves())
    assert (whole.count, whole.words) == (len(times), words)
