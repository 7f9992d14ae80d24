"""Changes of conversation topics: partitions that are new, are other ones than before, were cut off, or are gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from greenflash_kafka.linking.intake import ReadPartition
from greenflash_kafka.linking.table import StoredPartition
from greenflash_kafka.ports import LogEnds, LogPartition, TopicPartition

_GONE_SECONDS: Final = 60.0


class Changes(msgspec.Struct):
    """`broken`: why everything has to be read anew; then the rest says nothing. `missed`: partitions of which retention
    has deleted what wasn't read yet. `gone`: partitions that haven't been there for some time: a broker that just
    started may not know all of them."""

    broken: str = ""
    missed: list[TopicPartition] = []
    gone: list[TopicPartition] = []
    new: dict[TopicPartition, LogPartition] = {}


class PartitionChanges:
    """Compares the answers of the brokers with the partitions that are read."""

    def __init__(self) -> None:
        self._former: dict[TopicPartition, str] = {}
        self.forget()

    def forget(self) -> None:
        """Forget the partitions that were read, except for those that are gone."""
        self._missing: dict[TopicPartition, float] = {}
        self._shrunk: set[TopicPartition] = set()
        self._before: dict[TopicPartition, int] = {}

    def asked(self, parts: Mapping[TopicPartition, ReadPartition]) -> None:
        """Note how far each partition is read as the brokers are asked for its end."""
        self._before = {key: part.next for key, part in parts.items()}

    def found(self, ends: LogEnds, parts: Mapping[TopicPartition, ReadPartition], now: float) -> Changes:
        """The changes that an answer shows."""
        changes = Changes()
        for key, part in parts.items():
            found = ends.partitions.get(key)
            if found is None:
                continue
            self._missing.pop(key, None)
            if found.topic_id != part.topic_id:
                return Changes(_created_anew(key))
            if found.end < self._before.get(key, 0):
                # Twice, since a new leader may know less of the end for a moment.
                if key in self._shrunk:
                    return Changes(_cut_off(key, found.end))
                self._shrunk.add(key)
                continue
            self._shrunk.discard(key)
            if found.begin > part.next and not part.held:
                changes.missed.append(key)
        if not ends.failed:
            self._find_gone(changes, ends, parts, now)
        changes.new = {key: each for key, each in ends.partitions.items() if key not in parts}
        if any(self._former.get(key, each.topic_id) != each.topic_id for key, each in changes.new.items()):
            return Changes(_created_anew(next(iter(changes.new))))
        return changes

    def _find_gone(
        self, changes: Changes, ends: LogEnds, parts: Mapping[TopicPartition, ReadPartition], now: float
    ) -> None:
        for key, part in parts.items():
            if key not in ends.partitions and now - self._missing.setdefault(key, now) >= _GONE_SECONDS:
                changes.gone.append(key)
                self._former[key] = part.topic_id
                del self._missing[key]


def difference(stored: Mapping[TopicPartition, StoredPartition], found: Mapping[TopicPartition, LogPartition]) -> str:
    """The reason why a table can't be gone on with; empty if it can."""
    for key, each in stored.items():
        now = found.get(key)
        if now is None:
            continue
        if now.topic_id != each.topic_id:
            return _created_anew(key)
        if now.end < each.next:
            return _cut_off(key, now.end)
    return ""


def _created_anew(key: TopicPartition) -> str:
    return f"the topic {key[0]} was created anew"


def _cut_off(key: TopicPartition, end: int) -> str:
    return f"{key[0]}/{key[1]} ends at {end}, before what was read of it"
