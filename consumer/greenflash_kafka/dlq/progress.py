"""Progress of a replay in one partition of the dead-letter topic, in the form of a commit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

MOST: Final = 3500
"""Upper limit of a commit's metadata, in characters; brokers take 4,096 bytes by default."""


class Progress(msgspec.Struct, frozen=True):
    """Everything before `next_offset` is settled, except the dead letters at `kept`, which failed again."""

    next_offset: int
    kept: frozenset[int] = frozenset()

    @property
    def start(self) -> int:
        """The offset at which the next replay begins to read."""
        return min(self.kept, default=self.next_offset)

    def is_settled(self, offset: int) -> bool:
        """True if an earlier replay has settled this dead letter."""
        return offset < self.next_offset and offset not in self.kept


def to_commit(progress: Progress) -> tuple[int, str]:
    """The offset to commit and its metadata, the kept offsets as ranges (`3-7,12`).

    Too many ranges for one commit: it ends before the first that doesn't fit, and the next replay sends what lies
    behind it again, under the same ids.
    """
    written: list[str] = []
    length = 0
    for first, last in _ranges(sorted(progress.kept)):
        text = str(first) if first == last else f"{first}-{last}"
        length += len(text) + 1
        if length > MOST:
            return first, ",".join(written)
        written.append(text)
    return progress.next_offset, ",".join(written)


def committed(offset: int, metadata: str | None) -> Progress:
    """The progress in a commit; metadata of another origin (the group's offset was reset by hand) gives no `kept`."""
    try:
        kept = {each for part in (metadata or "").split(",") if part for each in _range(part)}
    except ValueError:
        kept = set()
    return Progress(offset, frozenset(each for each in kept if each < offset))


def _range(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def _ranges(offsets: list[int]) -> Iterator[tuple[int, int]]:
    first = last = None
    for each in offsets:
        if first is None or last is None:
            first = last = each
        elif each == last + 1:
            last = each
        else:
            yield first, last
            first = last = each
    if first is not None and last is not None:
        yield first, last
