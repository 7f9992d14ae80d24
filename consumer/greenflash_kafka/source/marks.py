"""The metadata of a commit: the topic's id, the rules used up to the offset, and messages handed on beyond it.

It is text of the form `v=2;topic=ID;rules=VERSION;ids=FINGERPRINT;to=OFFSET`; parts that say nothing are left out, and
parts that are unknown are passed over. Version 0.1.0 wrote the topic's id alone, which is still read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

from greenflash_kafka.model.insert_id import gives_other_ids
from greenflash_kafka.ports import RulesInUse, TopicPartition

_BEGIN: Final = "v=2;"


class Committed(msgspec.Struct, frozen=True):
    """The group's commit for a partition, and our metadata in it (empty, from another program): the topic's id, the
    version of the rules, a fingerprint of the ids that they give, and the end of the messages handed on beyond the
    offset (one past the last; 0 if not beyond)."""

    offset: int
    topic_id: str | None = None
    rules: str = ""
    ids: str = ""
    reach: int = 0


def written(was: Committed) -> str:
    """The metadata text with these facts."""
    if not was.rules:
        return was.topic_id or ""
    parts = [f"topic={was.topic_id}" if was.topic_id else "", f"rules={was.rules}", f"ids={was.ids}" if was.ids else ""]
    parts.append(f"to={was.reach}" if was.reach > was.offset else "")
    return _BEGIN + ";".join(part for part in parts if part)


def read(offset: int, metadata: str | None) -> Committed:
    """The facts in a commit, of any origin."""
    if metadata is None or not metadata.startswith(_BEGIN):
        return Committed(offset, metadata or None)
    parts = dict(part.partition("=")[::2] for part in metadata.split(";"))
    reach = parts.get("to", "")
    return Committed(
        offset,
        parts.get("topic") or None,
        parts.get("rules", ""),
        parts.get("ids", ""),
        int(reach) if reach.isascii() and reach.isdigit() else 0,
    )


def under_other_ids(was: Committed, now: RulesInUse) -> bool:
    """True if messages beyond a commit were handed on under rules that gave them other insert_ids than today's do."""
    return was.reach > was.offset and was.rules not in ("", now.version) and gives_other_ids(was.ids, now.ids)


class Marks:
    """The metadata of the assigned partitions: the present one, and that of the last commit."""

    def __init__(self) -> None:
        self.rules: Callable[[TopicPartition], RulesInUse | None] = lambda _: None
        """Gives the rules that evaluate a partition's messages; called at each commit, since they may change."""
        self._last: dict[TopicPartition, Committed] = {}

    def found(self, committed: Mapping[TopicPartition, Committed]) -> None:
        """Note the group's committed metadata, which may be another member's."""
        self._last |= committed

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """Remove partitions that aren't assigned any more, or whose last commit failed."""
        for each in partitions:
            self._last.pop(each, None)

    def make(self, partition: TopicPartition, offset: int, topic_id: str) -> str:
        """The metadata for a commit of this offset."""
        rules, last = self.rules(partition), self._last.get(partition)
        said = Committed(offset, topic_id)
        if rules is not None:
            # What a member before us handed on beyond this offset stays handed on.
            reach = max(rules.next_offset, last.reach if last is not None else 0)
            said = msgspec.structs.replace(said, rules=rules.version, ids=rules.ids, reach=reach)
        self._last[partition] = said
        return written(said)

    def outdated(self, partition: TopicPartition, offset: int) -> bool:
        """True if the last commit, of this offset, names other rules, or fewer messages beyond it than were handed on
        since."""
        rules, last = self.rules(partition), self._last.get(partition)
        if rules is None:
            return False
        return last is None or last.rules != rules.version or rules.next_offset > max(offset, last.reach)
