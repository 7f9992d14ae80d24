"""The assigned partitions, and those that may hand on messages: state and decisions only, no client.

A partition is *ready* once its start offset is committed and its topic's id is known, and as long as it isn't
halted. Before that it is paused and its messages are held back: a process that died in between would otherwise
come back behind them, or send them under ids that don't tell a recreated topic from the old one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from greenflash_kafka.ports import TopicPartition


class Assignment:
    """The partitions of this member."""

    def __init__(self) -> None:
        self.number = 0
        """The number of the latest assignment, counting up."""
        self.partitions: dict[TopicPartition, int] = {}
        """Every assigned partition, and the number of the assignment that brought it."""
        self.unready: set[TopicPartition] = set()
        """The partitions that hand on nothing yet, or no more."""
        self.identities: dict[TopicPartition, str | None] = {}
        """The id that each partition's topic had when it began here; None as long as it isn't known."""
        self._anchoring: dict[TopicPartition, int] = {}
        self._halted: set[TopicPartition] = set()
        self._wanted_paused: set[TopicPartition] = set()

    def begin(
        self,
        partitions: Mapping[TopicPartition, str | None],
        anchoring: Mapping[TopicPartition, int],
    ) -> None:
        """Add assigned partitions, of topics with these ids (None: not known yet, so they have to begin once more);
        `anchoring` are start offsets whose commit must be confirmed first."""
        self.number += 1
        for each in partitions:
            self.partitions[each] = self.number
            self._halted.discard(each)
        self.identities |= partitions
        self._anchoring |= anchoring
        self._settle()

    def end(self, partitions: Iterable[TopicPartition]) -> None:
        """Remove partitions that are no longer assigned."""
        for each in partitions:
            self.partitions.pop(each, None)
            self.identities.pop(each, None)
            self._anchoring.pop(each, None)
            for group in (self._halted, self._wanted_paused):
                group.discard(each)
        self._settle()

    def anchors(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """The partitions among these whose start isn't committed yet, and that start."""
        return {each: self._anchoring[each] for each in partitions if each in self._anchoring}

    def anchored(self, partition: TopicPartition, offset: int) -> None:
        """Note that a commit of this partition is confirmed."""
        if self._anchoring.get(partition, offset + 1) <= offset:
            del self._anchoring[partition]
            self._settle()

    def halt(self, partition: TopicPartition) -> None:
        """Let it hand on nothing until it is assigned again."""
        self._halted.add(partition)
        self._settle()

    def is_halted(self, partition: TopicPartition) -> bool:
        """True if it waits for an operator."""
        return partition in self._halted

    @property
    def unidentified(self) -> bool:
        """True if some partition waits for its topic's id."""
        return None in self.identities.values()

    def replaced(self, ids: Mapping[str, str]) -> list[TopicPartition]:
        """The partitions, except halted ones, that began under another id of their topic than these."""
        return [
            each
            for each, identity in self.identities.items()
            if identity not in (None, ids.get(each[0], identity)) and each not in self._halted
        ]

    def identified(self, ids: Mapping[str, str]) -> list[TopicPartition]:
        """The partitions that wait for their topic's id, which is one of these."""
        return [each for each, identity in self.identities.items() if identity is None and each[0] in ids]

    def pause(self, partitions: Iterable[TopicPartition]) -> list[TopicPartition]:
        """Note that the pipeline pauses these; returns those that weren't paused."""
        new = [each for each in partitions if each in self.partitions and each not in self._wanted_paused]
        self._wanted_paused.update(new)
        return new

    def resume(self, partitions: Iterable[TopicPartition]) -> list[TopicPartition]:
        """Note that the pipeline resumes these; returns those to be resumed now."""
        wanted = self._wanted_paused.intersection(partitions)
        self._wanted_paused -= wanted
        return [each for each in wanted if each not in self.unready]

    def _settle(self) -> None:
        unidentified = (each for each, identity in self.identities.items() if identity is None)
        self.unready = {*self._anchoring, *unidentified, *self._halted}

    def to_resume(self, before: Collection[TopicPartition]) -> list[TopicPartition]:
        """The partitions of `before` (once unready) that are ready now and not paused by the pipeline."""
        return [
            each
            for each in before
            if each in self.partitions and each not in self.unready and each not in self._wanted_paused
        ]
