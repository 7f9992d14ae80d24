"""Gaps: messages that are gone before they were read, by retention, truncation or recreated topics. Pure."""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class LogRange(NamedTuple):
    """The first offset of a partition, and its end (high watermark)."""

    begin: int
    end: int


class Gap(msgspec.Struct, frozen=True):
    """Messages that are gone, in words, and the partition's present range. `keeps`: what was read before is still this
    topic's, and isn't affected."""

    reason: str
    log: LogRange
    keeps: bool = False


def replaced(first: int, at: int, log: LogRange) -> Gap:
    """The gap of a partition whose topic was created again; see `of_the_new`."""
    return Gap(f"the topic was deleted and created again; {of_the_new(first, at, log.end)}", log)


def out_of_range(at: int, confirmed: int | None, log: LogRange) -> Gap:
    """The gap at an offset, the next one to be read, at which the broker has no message. `confirmed` is the last
    confirmed commit, if there is one."""
    if at < log.begin:
        first = at if confirmed is None else min(confirmed, at)
        missing = f"offsets {first} to {log.begin - 1} are gone: the topic now begins at {log.begin}"
        if first < at:
            missing += f"; those before {at} were read, but aren't all committed"
        return Gap(missing, log, keeps=True)
    asked = f"the committed offset {at}" if at == confirmed else f"offset {at}, the next one to be read"
    # Both at once: what was committed last lies before what there is now.
    gone = "" if confirmed is None or confirmed >= log.begin else f"; offsets {confirmed} to {log.begin - 1} are gone"
    if at > log.end:
        return Gap(f"the topic ends at {log.end}, before {asked}: was it truncated?{gone}", log)
    return Gap(f"the topic was truncated before {asked}, and written to again (it ends at {log.end}){gone}", log)


def of_the_new(first: int, at: int, end: int) -> str:
    """A description of a new topic that ends at `end`: messages read before offset `first` were the old topic's, those
    from there up to `at` may have been of either."""
    if not end:
        return "the new one has no messages yet"
    doubtful = range(first, min(at, end))
    if not doubtful:
        return f"nothing of the new one is read, which has offsets 0 to {end - 1}"
    unread = [each for each in (range(first), range(at, end)) if each]
    words = f"offsets {_named(doubtful)} of the new one may have been read as the old one's"
    if unread:
        words += f", and {' and '.join(map(_named, unread))} are not read"
    return f"{words} (it ends at {end})"


def _named(offsets: range) -> str:
    return f"{offsets[0]} to {offsets[-1]}"
