"""Where a dry run ends."""

from __future__ import annotations

from greenflash_kafka.model.message import Message
from greenflash_kafka.source.reading_bounds import ReadingBounds


def _messages(*offsets: int, partition: int = 0) -> list[Message]:
    return [Message("orders", partition, each) for each in offsets]


def test_nothing_past_the_ends_is_handed_on() -> None:
    bounds = ReadingBounds({("orders", 0): 3, ("orders", 1): 0}, None)
    assert [each.offset for each in bounds.kept(_messages(0, 1, 2, 3, 4))] == [0, 1, 2]
    assert bounds.kept(_messages(0, partition=1)) == []
    assert bounds.kept(_messages(0, partition=2)) == [], "a partition that is new isn't meant"
    assert not bounds.reached({("orders", 0): 3}, ())
    assert not bounds.reached({("orders", 0): 2, ("orders", 1): 0}, ())
    assert bounds.reached({("orders", 0): 3, ("orders", 1): 7}, ())
    assert bounds.reached({("orders", 1): 7}, {("orders", 0)}), "a halted one gives nothing more"


def test_a_message_that_is_put_back_counts_once() -> None:
    bounds = ReadingBounds(None, 3)
    assert len(bounds.kept(_messages(0, 1))) == 2
    assert len(bounds.kept(_messages(1, 2, 5))) == 2
    assert bounds.reached({}, ())
    assert [each.offset for each in bounds.kept(_messages(2, 6))] == [2]


def test_without_bounds_it_goes_on() -> None:
    bounds = ReadingBounds(None, None)
    assert len(bounds.kept(_messages(1, 2))) == 2
    assert not bounds.reached({("orders", 0): 3}, ())
