"""Ids of the topics that are read: queries of them, what they were when last told, and topics that are gone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

from greenflash_kafka.ports import Listener
from greenflash_kafka.ports import TopicPartition as Partition
from greenflash_kafka.source.cluster import Cluster

IDENTIFY_SECONDS: Final = 5.0
"""Seconds that an assignment waits for its topics' ids; after that their partitions wait, and the others go on."""

WATCH_SECONDS: Final = 2.0
"""Seconds between queries of topic ids: until then a classic group reads on in a recreated topic, at the old offset."""

SILENT_SECONDS: Final = 15.0
"""Without a response for so many seconds the cluster counts as silent. Its connections may be open, as those of a
stopped machine are."""

ASK_AGAIN_SECONDS: Final = 1.0
"""The same interval while partitions wait for an id."""


class TopicIds:
    """The ids by which a recreated topic is told from the old one of its name."""

    def __init__(
        self,
        cluster: Cluster,
        listener: Listener,
        monotonic: Callable[[], float],
        gone: Callable[[Collection[str]], None],
        *,
        keep: bool,
    ) -> None:
        """`gone` is called with topics that were assigned and don't exist any more. `keep`: a recreated topic keeps its
        old id here, since it halts, and what is still in hand of it was read under that one."""
        self.known: dict[str, str] = {}
        """Topic -> id, for every topic of the current assignment that has answered."""
        self._cluster = cluster
        self._listener = listener
        self._monotonic = monotonic
        self._gone = gone
        self._keep = keep
        self._next_query = 0.0
        self._topics: set[str] = set()
        self._answered_at: float | None = None
        self._silent = False
        self._absent: set[str] = set()
        self._asked_at: dict[Partition, int] = {}
        self._certain: dict[Partition, int] = {}
        self._late: dict[str, str] = {}

    def identify(self, topics: Iterable[str]) -> tuple[Mapping[str, str], Collection[str]]:
        """Query these topics' ids and wait for a short time: the ids, and the topics whose id has changed."""
        wanted = set(topics)
        self._cluster.start_id_query(wanted)
        answer = dict(self._cluster.poll_ids(IDENTIFY_SECONDS) or {})
        if answer and not wanted <= answer.keys():
            # It may be the answer to an older question, about other topics.
            self._cluster.start_id_query(wanted)
            answer |= self._cluster.poll_ids(IDENTIFY_SECONDS) or {}
        self._late |= answer
        return answer, self._learn(answer)

    def late(self) -> Mapping[str, str]:
        """The answers to `identify` since the last call: they came inside a callback, and may concern other partitions
        than were asked about."""
        late, self._late = self._late, {}
        return late

    def poll(self, topics: Collection[str]) -> Mapping[str, str]:
        """Process the response: the ids of the assigned `topics`, nothing while there is none; once an iteration."""
        # A silent cluster costs the partitions after a while: then what was ours is asked for.
        self._topics = set(topics) or self._topics
        if not self._topics:
            return {}
        answer = self._cluster.poll_ids(0)
        self._note_silence(answer is not None)
        if answer is None:
            return {}
        changed = self._learn(answer)
        self._certain |= {
            each: at for each, at in self._asked_at.items() if each[0] in answer and each[0] not in changed
        }
        self._asked_at = {}
        absent = self._topics.difference(answer)
        # Twice in a row: the first answer may be to a question that was asked before a topic was ours.
        if absent & self._absent:
            self._gone(absent & self._absent)
        self._absent = absent
        return answer

    def ask(self, positions: Callable[[], Mapping[Partition, int]], *, soon: bool) -> None:
        """Query again when it is time, or sooner; once an iteration. `positions` are asked for only then."""
        now = self._monotonic()
        if self._topics and now >= self._next_query:
            self._next_query = now + (ASK_AGAIN_SECONDS if soon else WATCH_SECONDS)
            if not self._asked_at:
                self._asked_at = dict(positions())
            self._cluster.start_id_query(self._topics)

    def certain(self, partition: Partition, begun: int) -> int:
        """The offset up to which this partition was surely read from the topic of its known id; at least `begun`."""
        return self._certain.get(partition, begun)

    def forget(self, partitions: Iterable[Partition]) -> None:
        """Remove partitions that are given up."""
        for each in partitions:
            self._certain.pop(each, None)
            self._asked_at.pop(each, None)

    def _learn(self, answer: Mapping[str, str]) -> set[str]:
        changed = {topic for topic, identity in answer.items() if self.known.get(topic, identity) != identity}
        keep = changed if self._keep else set()
        self.known |= {topic: identity for topic, identity in answer.items() if topic not in keep}
        return changed

    def _note_silence(self, answered: bool) -> None:
        """Report a cluster that has been silent for too long, and its recovery."""
        now = self._monotonic()
        if answered or self._answered_at is None:
            self._answered_at = now
            if self._silent and answered:
                self._silent = False
                self._listener.notice("cluster_answers")
        elif not self._silent and now - self._answered_at > SILENT_SECONDS:
            self._silent = True
            self._listener.notice("cluster_silent", seconds=round(now - self._answered_at))
