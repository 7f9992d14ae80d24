"""Lines of messages that wait: their order, their memory, and when they are looked at."""

from __future__ import annotations

from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import Want
from greenflash_kafka.offsets.tracker import OffsetTracker
from greenflash_kafka.waiting_lines import OVERHEAD, WaitingLines, size

SCHEMA: Want = ("schema", "1")
NOTHING = frozenset[Want]()


def message(offset: int, partition: int = 0, length: int = 0) -> Message:
    return Message("t", partition, offset, value=b"x" * length)


def line_of(lines: WaitingLines, tracker: OffsetTracker, want: Want, *offsets: int, length: int = 0) -> None:
    partition = tracker.partition[1]
    lines.begin(tracker, message(offsets[0], partition, length), want, 0.0)
    for each in offsets[1:]:
        lines.append(lines.by_tracker[tracker], message(each, partition, length))


def taken(lines: WaitingLines, limit: int = 100) -> list[int] | None:
    for line in lines.by_tracker.values():
        line.portion = limit
    found = lines.take(limit)
    return None if found is None else [each.offset for each in found[1]]


def test_a_message_is_as_large_as_what_it_holds_and_its_object() -> None:
    found = Message("t", 0, 0, key=b"key", value=b"value", headers=(("name", b"12"), ("none", None)))
    assert size(found) == OVERHEAD + 3 + 5 + 6 + 4
    assert size(Message("t", 0, 0)) == OVERHEAD


def test_what_waits_comes_out_in_its_order_once_its_want_is_known_and_in_portions() -> None:
    lines, tracker = WaitingLines(10**6), OffsetTracker(("t", 0), 3)
    line_of(lines, tracker, SCHEMA, 3, 7, 8)
    assert tracker.waits
    assert tracker.next_read == 9
    lines.look(NOTHING.__contains__)
    assert taken(lines) is None
    lines.look({SCHEMA}.__contains__)
    assert taken(lines, 2) == [3, 7]
    tracker.skip(3)
    tracker.skip(7)
    assert lines.rejoin()
    assert tracker.next_read == 9
    assert taken(lines, 2) == [8]
    tracker.skip(8)
    assert not lines.rejoin()
    assert not tracker.waits
    assert not lines.bytes
    assert not lines.by_tracker
    assert taken(lines) is None


def test_what_waits_again_goes_before_what_is_left() -> None:
    lines, tracker = WaitingLines(10**6), OffsetTracker(("t", 0), 0)
    line_of(lines, tracker, SCHEMA, 0, 1, 2, 3)
    whole = lines.bytes
    lines.look({SCHEMA}.__contains__)
    assert taken(lines, 2) == [0, 1]
    line_of(lines, tracker, ("schema", "2"), 0, 1)
    assert lines.rejoin()
    line = lines.by_tracker[tracker]
    assert [each.offset for each in line.messages] == [0, 1, 2, 3]
    assert (lines.bytes, line.bytes, tracker.next_read) == (whole, whole, 4)
    lines.look({SCHEMA}.__contains__)
    assert taken(lines) is None
    lines.look({("schema", "2")}.__contains__)
    assert taken(lines) == [0, 1, 2, 3]


def test_twice_as_many_are_tried_each_time_and_the_lines_take_turns() -> None:
    lines = WaitingLines(10**6)
    trackers = [OffsetTracker(("t", each), 0) for each in range(2)]
    for tracker in trackers:
        line_of(lines, tracker, SCHEMA, *range(8))
    lines.look({SCHEMA}.__contains__)
    tried: list[tuple[int, int]] = []
    while (found := lines.take(100)) is not None:
        tried.append((found[0].tracker.partition[1], len(found[1])))
        lines.rejoin()
    assert tried == [(0, 1), (1, 1), (0, 2), (1, 2), (0, 4), (1, 4), (0, 1), (1, 1)]


def test_a_want_is_asked_for_once_however_many_lines_have_it_and_of_times_the_first() -> None:
    lines = WaitingLines(10**6)
    trackers = [OffsetTracker(("t", each), 0) for each in range(6)]
    for tracker in trackers[:3]:
        line_of(lines, tracker, SCHEMA, 0)
    for ms, tracker in zip((30, 10, 20), trackers[3:], strict=True):
        line_of(lines, tracker, ("horizon", ("other",), ms), 0)
    asked: list[Want] = []

    def known(want: Want) -> bool:
        asked.append(want)
        return want == ("horizon", ("other",), 10)

    lines.look(known)
    assert asked == [SCHEMA, ("horizon", ("other",), 10), ("horizon", ("other",), 20)]
    found = lines.take(10)
    assert found is not None
    assert found[0].tracker is trackers[4]


def test_a_horizon_that_nobody_waits_for_any_more_is_passed_over() -> None:
    lines = WaitingLines(10**6)
    first, second = OffsetTracker(("t", 0), 0), OffsetTracker(("t", 1), 0)
    line_of(lines, first, ("horizon", ("a",), 10), 0)
    line_of(lines, second, ("horizon", ("a",), 20), 0)
    lines.forget([first])
    asked: list[Want] = []

    def known(want: Want) -> bool:
        asked.append(want)
        return False

    lines.look(known)
    assert asked == [("horizon", ("a",), 20)]


def test_a_line_takes_its_share_and_no_more() -> None:
    lines = WaitingLines(4 * OVERHEAD)
    first, second = OffsetTracker(("t", 0), 0), OffsetTracker(("t", 1), 0)
    line_of(lines, first, SCHEMA, 0)
    line = lines.by_tracker[first]
    assert lines.has_room(line, OVERHEAD)
    assert not lines.has_room(line, 3 * OVERHEAD + 1)
    for offset in (1, 2, 3):
        lines.append(line, message(offset))
    assert not lines.has_room(line, 1)
    line_of(lines, second, SCHEMA, 0)
    assert not lines.has_room(lines.by_tracker[second], OVERHEAD), "together they have no more"


def test_over_the_budget_the_longest_line_gives_back_what_is_more_than_its_share() -> None:
    lines = WaitingLines(4 * OVERHEAD)
    first, second = OffsetTracker(("t", 0), 0), OffsetTracker(("t", 1), 0)
    line_of(lines, first, SCHEMA, 0, 1, 2, 3)
    assert lines.give_back() is None
    line_of(lines, second, SCHEMA, 0)
    found = lines.give_back()
    assert found is not None
    assert (found[0].tracker, found[1].offset) == (first, 2)
    assert (first.next_read, lines.bytes) == (2, 3 * OVERHEAD)
    assert lines.give_back() is None


def test_heads_that_alone_are_too_much_are_given_back_the_youngest_first_and_remember_what_they_wait_for() -> None:
    lines = WaitingLines(3 * (OVERHEAD + 1000))
    trackers = [OffsetTracker(("t", each), 5) for each in range(5)]
    for number, tracker in enumerate(trackers):
        line_of(lines, tracker, ("schema", str(number)), 6, length=1000)
    given: list[tuple[int, int]] = []
    while (found := lines.give_back()) is not None:
        given.append((found[0].tracker.partition[1], found[1].offset))
    assert given == [(4, 6), (3, 6)]
    assert not trackers[4].waits
    lines.look({("schema", "4")}.__contains__)
    assert taken(lines) == []
    assert not lines.rejoin(), "now it is to be read again"


def test_of_what_is_forgotten_nothing_stays() -> None:
    lines = WaitingLines(10**6)
    trackers = [OffsetTracker(("t", each), 0) for each in range(3)]
    for tracker in trackers:
        line_of(lines, tracker, SCHEMA, 0, 1)
    lines.forget(trackers[:1])
    lines.look({SCHEMA}.__contains__)
    lines.forget([trackers[1], OffsetTracker(("t", 9), 0)])
    assert not trackers[1].waits
    assert taken(lines) == [0, 1]
    lines.rejoin()
    assert taken(lines) is None
    assert lines.bytes == 0


def test_every_head_is_asked_again_when_the_rules_change() -> None:
    lines = WaitingLines(10**6)
    first, second = OffsetTracker(("t", 0), 0), OffsetTracker(("t", 1), 0)
    line_of(lines, first, SCHEMA, 0)
    line_of(lines, second, ("horizon", ("a",), 10), 0)
    lines.ask_again()
    assert taken(lines) == [0]
    lines.rejoin()
    assert taken(lines) == [0]
    lines.rejoin()
    lines.look(NOTHING.__contains__)
