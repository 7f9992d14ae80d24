"""Detection of messages that are gone before they were read: retention, truncation, recreated topics."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import Literal, Protocol

from greenflash_kafka.ports import Listener
from greenflash_kafka.ports import TopicPartition as Partition
from greenflash_kafka.source.kafka_offsets import KafkaOffsets, OffsetAnswers
from greenflash_kafka.source.partitions import Partitions
from greenflash_kafka.source.topic_watch import Listing
from greenflash_kafka.source.waiting import EndsAnswers

IDENTIFY_SECONDS = 5.0
"""Seconds that an assignment waits for its topics' ids; after that their partitions wait, and the others go on."""

WATCH_SECONDS = 2.0
"""Seconds between queries of topic ids: until then a classic group reads on in a recreated topic, at the old offset."""

SILENT_SECONDS = 15.0
"""Without a response for so many seconds the cluster counts as silent. Its connections may be open, as those of a
stopped machine are."""

ASK_AGAIN_SECONDS = 1.0
"""The same interval while partitions wait for an id."""

OnMissing = Literal["halt", "continue"]


class Cluster(OffsetAnswers, EndsAnswers, Listing, Protocol):
    """Queries about topics and their ids, begin and end offsets of partitions, and members of the group."""

    def start_id_query(self, topics: Iterable[str]) -> None:
        """Start the query; one in progress is not repeated."""
        ...

    def poll_ids(self, timeout: float) -> Mapping[str, str] | None:
        """The response, waiting at most so long; None when no query was started, none is answered, or it failed."""
        ...

    def ask_member(self, group: str, member: str) -> Future[bool]:
        """Start a query to the group's coordinator: does it know this member, with all partitions given to others?"""
        ...


class OffsetGapDetector:
    """Watches the topics' ids, and decides about partitions whose messages are gone, as `on_missing` says."""

    def __init__(
        self,
        partitions: Partitions,
        offsets: KafkaOffsets,
        cluster: Cluster,
        on_missing: OnMissing,
        listener: Listener,
        monotonic: Callable[[], float],
        begin_again: Callable[[Sequence[Partition]], None],
        gone: Callable[[Collection[str]], None],
    ) -> None:
        """`begin_again` assigns partitions again whose topics' ids have come late: their commit may belong to another
        topic of that name. `gone` is called with topics that were assigned and don't exist any more."""
        self._gone = gone
        self._begin_again = begin_again
        self._partitions = partitions
        self._assignment = partitions.assignment
        self._offsets = offsets
        self._cluster = cluster
        self._on_missing = on_missing
        self._listener = listener
        self._monotonic = monotonic
        self._next_watch = 0.0
        self._topics: set[str] = set()
        self._answered_at: float | None = None
        self._silent = False
        self._absent: set[str] = set()
        self._asked_at: dict[Partition, int] = {}
        self._certain: dict[Partition, int] = {}
        self._learned: dict[str, str] = {}

    @property
    def halts(self) -> bool:
        """True if a partition with a gap waits for an operator, instead of going on behind it."""
        return self._on_missing == "halt"

    # --- topic ids -------------------------------------------------------------------------------------------------

    def identify(self, topics: Iterable[str]) -> tuple[Mapping[str, str], set[str]]:
        """Query these topics' ids and wait for a short time: the ids, and the topics whose id has changed."""
        wanted = set(topics)
        self._cluster.start_id_query(wanted)
        answer = dict(self._cluster.poll_ids(IDENTIFY_SECONDS) or {})
        if answer and not wanted <= answer.keys():
            # It may be the answer to an older question, about other topics.
            self._cluster.start_id_query(wanted)
            answer |= self._cluster.poll_ids(IDENTIFY_SECONDS) or {}
        self._learned |= answer
        return answer, self._learn(answer)

    def catch_up(self) -> None:
        """Process ids that came inside a callback and may concern other partitions; called once `consume()` is over."""
        if self._learned:
            learned, self._learned = self._learned, {}
            self._compare(learned)

    def _learn(self, answer: Mapping[str, str]) -> set[str]:
        """Note the topics' ids; returns the topics whose id has changed."""
        known = self._partitions.topic_ids
        changed = {topic for topic, identity in answer.items() if known.get(topic, identity) != identity}
        # Halted, a topic keeps its old id: what is still in hand of it was read under that one.
        keep = changed if self.halts else set()
        known |= {topic: identity for topic, identity in answer.items() if topic not in keep}
        return changed

    def watch(self) -> None:
        """Process the response, and query again when it is time; once an iteration of the loop."""
        # A silent cluster costs the partitions after a while: then what was ours is asked for.
        self._topics = {topic for topic, _ in self._assignment.partitions} or self._topics
        if not self._topics:
            return
        answer = self._cluster.poll_ids(0)
        now = self._monotonic()
        self._listen(answer is not None, now)
        if answer is not None:
            self._learn(answer)
            self._compare(answer)
            self._certain |= {each: at for each, at in self._asked_at.items() if each[0] in answer}
            self._asked_at = {}
            self._missing(self._topics.difference(answer))
        if now >= self._next_watch:
            self._next_watch = now + (ASK_AGAIN_SECONDS if self._assignment.unidentified else WATCH_SECONDS)
            if not self._asked_at:
                self._asked_at = self._partitions.positions()
            self._cluster.start_id_query(self._topics)

    def _listen(self, answered: bool, now: float) -> None:
        """Report a cluster that has been silent for too long, and its recovery."""
        if answered or self._answered_at is None:
            self._answered_at = now
            if self._silent and answered:
                self._silent = False
                self._listener.notice("cluster_answers")
        elif not self._silent and now - self._answered_at > SILENT_SECONDS:
            self._silent = True
            self._listener.notice("cluster_silent", seconds=round(now - self._answered_at))

    def _missing(self, absent: set[str]) -> None:
        # Twice in a row: the first answer may be to a question that was asked before a topic was ours.
        if absent & self._absent:
            self._gone(absent & self._absent)
        self._absent = absent

    def _compare(self, answer: Mapping[str, str]) -> None:
        """Compare the topic ids at the partitions' begin with the present ones."""
        began = self._assignment.identities
        self._recreated(
            [each for each, identity in began.items() if identity not in (None, answer.get(each[0], identity))]
        )
        late = [each for each, identity in began.items() if identity is None and each[0] in answer]
        if late:
            self._begin_again(late)

    def _recreated(self, partitions: Sequence[Partition]) -> None:
        """Handle a recreation noticed while reading: a classic group goes on at the old topic's offsets until then."""
        positions = self._partitions.positions() if partitions else {}
        for each in partitions:
            if not self._assignment.is_halted(each):
                at = positions.get(each, 0)
                self.recreated(each, min(at, self._certain.get(each, self._partitions.begun(each))), at)

    # --- what is missing -------------------------------------------------------------------------------------------

    def recreated(self, partition: Partition, first: int = 0, at: int = 0) -> None:
        """Handle a partition whose topic was created again; see `of_the_new`."""
        _, end = self._offsets.watermarks(partition)
        self._gap(partition, f"the topic was deleted and created again; {of_the_new(first, at, end)}")

    def out_of_range(self, partition: Partition, at: int) -> None:
        """Handle a fetch offset, the next one to be read, at which the broker has no message."""
        began = self._assignment.identities.get(partition)
        if began is None:
            return  # not ours any more, or it begins again once its topic's id is known
        answer, _ = self.identify([partition[0]])
        self.catch_up()
        if answer.get(partition[0], began) != began:
            return
        low, high = self._offsets.watermarks(partition)
        was = self._partitions.commits.confirmed.get(partition, -1)
        asked = f"the committed offset {at}" if at == was else f"offset {at}, the next one to be read"
        if at < low:
            self._retained(partition, at, low)
        elif at > high:
            self._gap(partition, f"the topic ends at {high}, before {asked}: was it truncated?")
        else:
            self._gap(partition, f"the topic was truncated before {asked}, and written to again (it ends at {high})")

    def _retained(self, partition: Partition, at: int, low: int) -> None:
        """Handle messages deleted by retention before they were read; those read before are pending and not
        affected."""
        was = self._partitions.commits.confirmed.get(partition, at)
        missing = f"offsets {min(was, at)} to {low - 1} are gone: the topic now begins at {low}"
        if was < at:
            missing += f"; those before {at} were read, but aren't all committed"
        if self.halts:
            self._partitions.halt(partition, missing)
            return
        self._listener.notice("partition_skipped_ahead", topic=partition[0], partition=partition[1], reason=missing)
        self._partitions.move(partition, low)

    def unreadable(self, partition: Partition, said: str) -> None:
        """Halt a partition in which the client can't read a batch and has gone on behind it: nobody wants that loss."""
        if partition in self._assignment.partitions and not self._assignment.is_halted(partition):
            self._partitions.halt(partition, f"messages can't be read: {said}")

    def _gap(self, partition: Partition, missing: str) -> None:
        """Handle messages that are gone and were never read: halt the partition, or go on where there are some."""
        if self.halts:
            self._partitions.halt(partition, missing)
            return
        self._listener.notice("partition_skipped_ahead", topic=partition[0], partition=partition[1], reason=missing)
        start = self._offsets.starts([partition], "earliest")
        self._partitions.notified.lost([partition])
        # `seek()` raises after such an error; assigning anew doesn't.
        self._partitions.end([partition])
        self._certain.pop(partition, None)
        self._asked_at.pop(partition, None)
        self._partitions.begin(start, start)


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
