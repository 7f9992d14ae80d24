"""The newest messages of partitions that are read backwards are those that sorting all of them gives."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.peek.newest_messages import NewestMessages
from greenflash_kafka.source.portions import backwards


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=12), min_size=1, max_size=3),
    st.integers(1, 5),
    st.integers(1, 6),
)
def test_what_is_found_are_the_newest_of_all(
    partitions: list[list[tuple[int, bool]]], count: int, portion: int
) -> None:
    logs: list[list[Message]] = []
    for number, steps in enumerate(partitions):
        ms, log = 1000, []
        for offset, (step, wanted) in enumerate(steps):
            ms += step
            log.append(Message("t", number, offset, ms, value=b"wanted" if wanted else b""))
        logs.append(log)
    ranges = [OffsetRange("t", number, 0, len(log)) for number, log in enumerate(logs) if log]
    search = NewestMessages(ranges, count, lambda each: each.value == b"wanted")
    for part in backwards(ranges, portion):
        search.add(message for each in part for message in logs[each.partition][each.start : each.end])
        search.finish(part)
        if search.settled:
            break
    expected = sorted((each.timestamp_ms for log in logs for each in log if each.value), reverse=True)[:count]
    assert [each.timestamp_ms for each in search.found] == expected
    if len(expected) < count:
        assert search.complete
        assert search.looked_at == sum(map(len, logs))


def test_how_far_was_looked() -> None:
    search = NewestMessages([OffsetRange("t", 0, 0, 10), OffsetRange("t", 1, 0, 10)], 1, lambda _: False)
    portion = [OffsetRange("t", 0, 5, 10), OffsetRange("t", 1, 8, 10)]
    search.add([Message("t", 0, offset, 100 + offset) for offset in range(5, 10)])
    search.add([Message("t", 1, offset, 200 + offset) for offset in (8, 9)])
    before = search.back_to_ms
    assert before is None, "only what was looked at as a whole counts"
    search.finish(portion)
    assert [search.back_to_ms, search.looked_at, search.settled] == [208, 7, False]
