"""The operator's information about messages that are gone."""

from __future__ import annotations

import pytest

from greenflash_kafka.source.gaps import LogRange, of_the_new, out_of_range


@pytest.mark.parametrize(
    ("first", "at", "end", "said"),
    [
        (0, 672, 0, "the new one has no messages yet"),
        (0, 0, 30, "nothing of the new one is read, which has offsets 0 to 29"),
        (10, 10, 30, "nothing of the new one is read, which has offsets 0 to 29"),
        (50, 60, 30, "nothing of the new one is read, which has offsets 0 to 29"),
        (0, 672, 30, "offsets 0 to 29 of the new one may have been read as the old one's (it ends at 30)"),
        (
            10,
            20,
            30,
            "offsets 10 to 19 of the new one may have been read as the old one's, and 0 to 9 and 20 to 29 are not read "
            "(it ends at 30)",
        ),
        (10, 30, 30, "offsets 10 to 29 of the new one may have been read as the old one's, and 0 to 9 are not read "
         "(it ends at 30)"),
    ],
)  # fmt: skip
def test_a_topic_created_again_is_told_by_its_own_offsets(first: int, at: int, end: int, said: str) -> None:
    assert of_the_new(first, at, end) == said


@pytest.mark.parametrize(
    ("at", "confirmed", "log", "said", "keeps"),
    [
        (5, 5, LogRange(9, 20), "offsets 5 to 8 are gone: the topic now begins at 9", True),
        (5, None, LogRange(9, 20), "offsets 5 to 8 are gone: the topic now begins at 9", True),
        (
            23,
            20,
            LogRange(21, 21),
            "the topic ends at 21, before offset 23, the next one to be read: was it truncated?; "
            "offsets 20 to 20 are gone",
            False,
        ),
        (
            5,
            3,
            LogRange(9, 20),
            "offsets 3 to 8 are gone: the topic now begins at 9; those before 5 were read, but aren't all committed",
            True,
        ),
        (30, 30, LogRange(0, 20), "the topic ends at 20, before the committed offset 30: was it truncated?", False),
        (
            30,
            7,
            LogRange(0, 20),
            "the topic ends at 20, before offset 30, the next one to be read: was it truncated?",
            False,
        ),
        (
            10,
            10,
            LogRange(0, 20),
            "the topic was truncated before the committed offset 10, and written to again (it ends at 20)",
            False,
        ),
    ],
)
def test_an_offset_without_a_message_is_told_with_what_is_there(
    at: int, confirmed: int | None, log: LogRange, said: str, keeps: bool
) -> None:
    gap = out_of_range(at, confirmed, log)
    assert (gap.reason, gap.keeps) == (said, keeps)
