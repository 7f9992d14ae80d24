"""Messages that are gone before they were read: retention, truncation, and topics that are created again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, Protocol

from consumer.ports import Listener
from consumer.ports import TopicPartition as Partition
from consumer.source.kafka_offsets import KafkaOffsets, OffsetAnswers
from consumer.source.partitions import Partitions

IDENTIFY_SECONDS = 5.0
"""How long an assignment waits for its topics' ids; after that their partitions wait, and the others go on."""

WATCH_SECONDS = 10.0
"""How often topic ids are asked for: a recreated topic goes unnoticed by a classic group."""

ASK_AGAIN_SECONDS = 1.0
"""The same while partitions wait for an id."""

OnMissing = Literal["halt", "continue"]


class Cluster(OffsetAnswers, Protocol):
    """Who knows the topics' ids, and where partitions begin and end."""

    def ask(self, topics: Iterable[str]) -> None:
        """Start asking; a question under way is left to finish."""
        ...

    def answer(self, timeout: float) -> Mapping[str, str] | None:
        """What was answered, waiting at most so long; None when nothing was asked, answered, or it failed."""
        ...


class Gaps:
    """Watches the topics' ids, and decides about partitions whose messages are gone: `on_missing` says how."""

    def __init__(
        self,
        partitions: Partitions,
        offsets: KafkaOffsets,
        cluster: Cluster,
        on_missing: OnMissing,
        listener: Listener,
        monotonic: Callable[[], float],
    ) -> None:
        self._partitions = partitions
        self._assignment = partitions.assignment
        self._offsets = offsets
        self._cluster = cluster
        self._on_missing = on_missing
        self._tell = listener
        self._monotonic = monotonic
        self._next_watch = 0.0

    @property
    def halts(self) -> bool:
        """Whether a partition with a gap waits for an operator, instead of going on behind it."""
        return self._on_missing == "halt"

    # --- topic ids -------------------------------------------------------------------------------------------------

    def identify(self, topics: Iterable[str]) -> tuple[Mapping[str, str], set[str]]:
        """Ask for these topics' ids and wait a little: the answer, and which of them have another id than before."""
        self._cluster.ask(topics)
        answer = self._cluster.answer(IDENTIFY_SECONDS) or {}
        return answer, self._learn(answer)

    def _learn(self, answer: Mapping[str, str]) -> set[str]:
        """Note the topics' ids; returns the topics that have another id than before."""
        known = self._partitions.topic_ids
        changed = {topic for topic, identity in answer.items() if known.get(topic, identity) != identity}
        # Halted, a topic keeps its old id: what is still in hand of it was read under that one.
        keep = changed if self.halts else set()
        known |= {topic: identity for topic, identity in answer.items() if topic not in keep}
        self._partitions.identified(answer.keys())
        return changed

    def watch(self) -> None:
        """Look at what was answered, and ask again when it is time; once a turn of the loop."""
        if not self._assignment.partitions:
            return
        answer = self._cluster.answer(0)
        if answer:
            self._topics_recreated(self._learn(answer))
        now = self._monotonic()
        if now >= self._next_watch:
            self._next_watch = now + (ASK_AGAIN_SECONDS if self._assignment.unidentified else WATCH_SECONDS)
            self._cluster.ask({topic for topic, _ in self._assignment.partitions})

    def _topics_recreated(self, topics: set[str]) -> None:
        """Noticed while reading: a classic group goes on at the old topic's offsets until then."""
        for each in [each for each in self._assignment.partitions if each[0] in topics]:
            if not self._assignment.is_halted(each):
                at = self._partitions.commits.confirmed.get(each)
                self.recreated(each, f"messages before offset {'?' if at is None else at} of the new one are not read")

    # --- what is missing -------------------------------------------------------------------------------------------

    def recreated(self, partition: Partition, missing: str) -> None:
        """This partition's topic is another one than before."""
        _, end = self._offsets.watermarks(partition)
        self._gap(partition, f"the topic was deleted and created again: {missing} (it ends at {end})")

    def out_of_range(self, partition: Partition) -> None:
        """The broker has no message at the offset that was asked for."""
        if partition not in self._assignment.partitions:
            return
        _, changed = self.identify([partition[0]])
        if changed:
            self._topics_recreated(changed)
            return
        low, high = self._offsets.watermarks(partition)
        was = self._partitions.commits.confirmed.get(partition, -1)
        if was < low:
            self._gap(partition, f"offsets {was} to {low - 1} are gone: the topic now begins at {low}")
        else:
            self._gap(partition, f"the topic ends at {high}, before the committed offset {was}: was it truncated?")

    def _gap(self, partition: Partition, missing: str) -> None:
        """Messages are gone that were never read: halt the partition, or go on where there are some."""
        if self.halts:
            self._partitions.halt(partition, missing)
            return
        self._tell.notice("partition_skipped_ahead", topic=partition[0], partition=partition[1], reason=missing)
        start = self._offsets.starts([partition], "earliest")
        self._partitions.told.lost([partition])
        # `seek()` raises after such an error; assigning anew doesn't.
        self._partitions.end([partition])
        self._partitions.begin(start, start)
