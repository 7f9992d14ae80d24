"""Progress of a backfill in one partition, in the form of a commit's metadata; and what is left to do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.ports import TopicPartition

_BEGIN: Final = "backfill=1;"


class BackfillProgress(msgspec.Struct, frozen=True):
    """A partition of a backfill: offsets before `next_offset` are done, those from `end` on aren't part of it. `rules`
    is their fingerprint."""

    next_offset: int
    end: int
    rules: str

    @property
    def metadata(self) -> str:
        """The text beside the offset in the commit."""
        return f"{_BEGIN}to={self.end};rules={self.rules}"


def progress_in(offset: int, metadata: str) -> BackfillProgress | None:
    """The progress in a commit; None for one that no backfill made."""
    if not metadata.startswith(_BEGIN):
        return None
    parts = dict(part.partition("=")[::2] for part in metadata.split(";"))
    end = parts.get("to", "")
    return BackfillProgress(offset, int(end), parts.get("rules", "")) if end.isascii() and end.isdigit() else None


def rules_fingerprint(names: Iterable[str], topics: Iterable[str] = ()) -> str:
    """A short text that tells sets of rules, and of the topics that were chosen, apart."""
    said = [*sorted(names), "", *sorted(topics)]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:12]


def before_live(
    ranges: Sequence[OffsetRange], live: Mapping[TopicPartition, int]
) -> tuple[list[OffsetRange], list[OffsetRange]]:
    """The parts of ranges that the live group has behind it, and the ranges of which it has committed nothing yet.

    The rest belongs to the live group, which sends it itself.
    """
    behind, unread = [], []
    for each in ranges:
        committed = live.get((each.topic, each.partition))
        if committed is None:
            unread.append(each)
        elif each.start < min(each.end, committed):
            behind.append(msgspec.structs.replace(each, end=min(each.end, committed)))
    return behind, unread


def left_of(progress: Mapping[TopicPartition, BackfillProgress]) -> list[OffsetRange]:
    """What a backfill that was begun has still to read: its ends are those of its begin, since what the live group has
    committed in the meantime it has sent itself."""
    return [
        OffsetRange(topic, partition, each.next_offset, each.end)
        for (topic, partition), each in sorted(progress.items())
        if each.next_offset < each.end
    ]
