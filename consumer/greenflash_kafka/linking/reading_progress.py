"""The progress of the reading: how far each partition is seen and written, and what is published of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from greenflash_kafka.linking.decision import ALWAYS
from greenflash_kafka.linking.frontier import Frontier, least
from greenflash_kafka.linking.intake import ReadPartition
from greenflash_kafka.linking.source_horizons import SourceHorizons
from greenflash_kafka.linking.table import StoredPartition
from greenflash_kafka.ports import ConversationLog, LogEnds, TopicPartition


class ReadingProgress:
    """Seen is what was read; kept is what is written too, or needs no writing. Only that is published.

    `names` are those of the sources; `sources_of` gives the ones that a topic tells.
    """

    def __init__(
        self,
        log: ConversationLog,
        conversations: SourceHorizons,
        names: Sequence[str],
        sources_of: Callable[[str], Iterable[str]],
        margin: int,
    ) -> None:
        self._log = log
        self._conversations = conversations
        self._names = names
        self._sources_of = sources_of
        self._margin = margin
        self.parts: dict[TopicPartition, ReadPartition] = {}
        self.forget()

    def forget(self) -> None:
        """Forget all partitions."""
        self.parts.clear()
        self.changed: set[TopicPartition] = set()
        """Partitions of which more was read than is written."""
        self.unpublished = False
        """True if something was seen since `keep_seen`."""
        self._floor: int | None = None
        self._by_source: dict[str, list[TopicPartition]] = {}
        self._seen, self._kept = Frontier(self._margin), Frontier(self._margin)

    def open(self, key: TopicPartition) -> None:
        """Begin a partition of `parts`, where that says."""
        part = self.parts[key]
        self._seen.open(key, part.next, part.clock, gap=part.gap)
        self._kept.open(key, part.next, part.clock, gap=part.gap)

    def drop(self, key: TopicPartition) -> None:
        """Forget a partition: it doesn't exist any more."""
        del self.parts[key]
        self.changed.discard(key)
        self._seen.drop(key)
        self._kept.drop(key)

    def group(self, floor: int) -> None:
        """Find the partitions of each source; `floor` as in `tell_floor`."""
        self._by_source = {name: [] for name in self._names}
        for key in self.parts:
            for source in self._sources_of(key[0]):
                if source in self._by_source:
                    self._by_source[source].append(key)
        self.tell_floor(floor)

    def tell_floor(self, floor: int) -> None:
        """Publish the time (milliseconds) from which on everything is read."""
        self._floor = floor
        since = {
            name: max((self.parts[key].since for key in keys), default=ALWAYS) for name, keys in self._by_source.items()
        }
        self._conversations.complete_since(floor, since)

    def asks_now(self) -> None:
        """Note that the brokers are about to be asked."""
        self._seen.asks_now()
        self._kept.asks_now()

    def answered(self, ends: LogEnds) -> None:
        """Note an answer of the brokers."""
        self._seen.answered(ends)
        self._kept.answered(ends)
        for key in self.parts:
            self._mark_position(key)

    def note_taken(self) -> None:
        """Note how far the changed partitions are read."""
        self.unpublished = True
        for key in self.changed:
            part = self.parts[key]
            if part.gap:
                self._seen.gap(key)
                self._kept.gap(key)
            self._seen.read(key, part.next, part.clock)

    def mark_positions(self) -> None:
        """Note what is behind the client in partitions whose end isn't reached."""
        for key in self.parts:
            if self._seen.asks(key):
                self._mark_position(key)

    def _mark_position(self, key: TopicPartition) -> None:
        """Markers of transactions and aborted records are behind us too, though nobody gets to see them."""
        part = self.parts[key]
        position = None if part.held else self._log.position(key)
        if position is not None and position > part.next:
            part.next = position
            self.changed.add(key)
        self._seen.read(key, part.next, part.clock)
        self.unpublished = True

    def take_changed(self) -> dict[TopicPartition, StoredPartition]:
        """How far the changed partitions are read; from now on none is changed."""
        changed, self.changed = self.changed, set()
        return {key: self.parts[key].stored() for key in changed}

    def would_help(self) -> bool:
        """True if a message that waits can go on once what was read is written."""
        frontiers = {name: self._seen.of(keys) for name, keys in self._by_source.items()}
        delays = self._conversations.delays
        return any(
            recorded <= least(frontiers, delays, sources) for sources, recorded in self._conversations.wanted.items()
        )

    def keep(self, written: Mapping[TopicPartition, StoredPartition]) -> None:
        """Publish what is written."""
        for key, each in written.items():
            if key in self.parts:
                self._kept.read(key, each.next, each.clock)
        self._publish()

    def keep_seen(self) -> None:
        """Publish all that was seen: nothing is unwritten. Positions go to the table with the next rows."""
        self.unpublished = False
        for key, part in self.parts.items():
            self._kept.read(key, part.next, part.clock)
        self._publish()

    def _publish(self) -> None:
        if self._floor is None:
            return
        self._conversations.publish({name: self._kept.of(keys) for name, keys in self._by_source.items()})
        self._conversations.wanted.clear()
        if any(not part.provisional for part in self.parts.values()):
            self.tell_floor(self._floor)

    def words(self) -> str:
        """What holds the frontier back."""
        key = self._kept.hindmost(self.parts)
        if key is None:
            return "the topics have no partitions"
        where, end = f"{key[0]}/{key[1]} is read up to offset {self._kept.next(key)}", self._kept.end(key)
        if end is None:
            return where
        if self.parts[key].held:
            return f"{where} of {end}: the next record waits for {self.parts[key].waits}"
        behind = "behind it is an open transaction, a batch that can't be read, or the brokers give no records"
        return f"{where} of {end}: {behind}"
