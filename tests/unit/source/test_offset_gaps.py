"""The operator's information about a topic that was deleted and created again."""

from __future__ import annotations

import pytest

from greenflash_kafka.source.offset_gaps import of_the_new


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
