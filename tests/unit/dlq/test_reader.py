"""Facts about Greenflash's store that a parsed dead letter gives."""

from __future__ import annotations

import pytest

from greenflash_kafka.dlq.letter_record import DeadLetterOrigin
from greenflash_kafka.dlq.reader import ParsedDeadLetter
from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import DeadLetter


@pytest.mark.parametrize(
    ("code", "total", "perhaps"),
    [
        ("status-422", 2, {"a"}),  # refused is not stored: under another id it may go out
        ("gave-up", 2, {"a", "b"}),  # a try without an answer may have stored it
        ("status-422", 3, {"a", "b"}),  # the list was cut: what is missing from it was accepted, under ids like these
    ],
)
def test_what_greenflash_may_have_is_more_than_what_it_is_known_to_have(
    code: str, total: int, perhaps: set[str]
) -> None:
    dead_letter = DeadLetter(
        Message("t", 0, 7), code, "", 1, (("one", None, "a", "accepted"), ("two", None, "b", code))
    )
    kept = ParsedDeadLetter(dead_letter=dead_letter, origin=DeadLetterOrigin(), events_total=total)
    assert kept.accepted == {"a"}
    assert kept.perhaps_stored == perhaps
