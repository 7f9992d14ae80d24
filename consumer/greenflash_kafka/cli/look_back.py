"""Search of history from its end to its start, as the flags of a verb bound it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

import msgspec

from greenflash_kafka.cli.open_history import OpenHistory
from greenflash_kafka.instrumentation.logs import kafka_logger
from greenflash_kafka.model.counted import counted
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.peek.newest_messages import NewestMessages
from greenflash_kafka.ports import Clock, History
from greenflash_kafka.source.history import KafkaHistory
from greenflash_kafka.source.portions import backwards

TAKE: Final = 2_000

FIRST: Final = 1_000
"""Offsets that a search looks at first."""


class LookedBack(msgspec.Struct, frozen=True):
    """What was found, the newest first, and how far was looked: at so many messages, `of` so many offsets, back to a
    time (milliseconds since 1970; None if that can't be said). `stopped` says what ended it before it was done;
    `forwards`: in the order of a recording."""

    found: tuple[Message, ...]
    looked_at: int
    of: int
    complete: bool
    back_to_ms: int | None
    stopped: str = ""
    forwards: bool = False

    @property
    def words(self) -> str:
        """How far was looked, in a line."""
        if self.complete:
            return f"looked at all {counted(self.looked_at, 'message')}"
        back = ""
        if self.back_to_ms is not None:
            back = f", back to {_minute(self.back_to_ms)}"
        order = "in the order of the recording" if self.forwards else "newest first"
        return f"looked at {self.looked_at:,} of {self.of:,}, {order}{back}" + (
            f" ({self.stopped})" if self.stopped else ""
        )


def look_back(
    source: OpenHistory,
    count: int,
    wanted: Callable[[Message], bool],
    clock: Clock,
    *,
    first: int = FIRST,
    seconds: float,
    newest: bool = True,
) -> LookedBack:
    """The newest `count` messages that are wanted; if not `newest`, so many that were found first.

    Kafka is read backwards, `first` offsets and then more and more; a recording is read once, as a whole. Ends after so
    many `seconds` (0: none) or with Ctrl-C with what it has. Raises BrokerUnreachable and RecordingInvalid.
    """
    search = NewestMessages(source.ranges, count, wanted)
    until = clock.monotonic() + seconds if seconds else None
    parts = backwards(source.ranges, first) if source.properties else iter([source.ranges])
    stopped = ""
    try:
        for portion in parts:
            with _history(source, portion) as history:
                late = _read(history, search, clock, until)
            if late and not history.done:
                stopped = f"--max-seconds {seconds:g}"
                break
            search.finish(portion)
            if search.settled or (not newest and len(search.found) >= count):
                break
            if late:
                stopped = f"--max-seconds {seconds:g}"
                break
    except KeyboardInterrupt:
        stopped = "Ctrl-C"
    total = sum(each.count for each in source.ranges)
    forwards = not source.properties
    back_to = None if forwards else search.back_to_ms
    return LookedBack(tuple(search.found), search.looked_at, total, search.complete, back_to, stopped, forwards)


@contextmanager
def _history(source: OpenHistory, portion: Sequence[OffsetRange]) -> Iterator[History]:
    """That of a part of what there is; a recording is always read as a whole."""
    if not source.properties:
        yield source.history
        return
    history = KafkaHistory(source.properties, portion, kafka_logger())
    try:
        yield history
    finally:
        history.close()


def _read(history: History, search: NewestMessages, clock: Clock, until: float | None) -> bool:
    """Whether it took too long."""
    while not history.done:
        search.add(history.take(TAKE, 0.2))
        if until is not None and clock.monotonic() > until:
            return True
    return False


def _minute(ms: int) -> str:
    try:
        return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return f"{ms} ms"
