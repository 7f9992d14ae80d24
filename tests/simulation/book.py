"""Records of a simulation: messages produced, their results, and the promises about them, without the rules engine."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping

import msgspec

from greenflash_kafka.dlq.reader import read
from greenflash_kafka.ports import TopicPartition
from tests.simulation.greenflash import Api
from tests.simulation.kafka.cluster import Log, MemoryKafka
from tests.simulation.kafka.group import Committed
from tests.simulation.traffic import Fact, Record

Place = tuple[TopicPartition, str]
"""A partition of a topic that isn't another one after it was created again: its name, number, and the topic's id."""


class Violation(msgspec.Struct, frozen=True):
    """A broken promise: its name, and where."""

    promise: str
    text: str


class Fate(msgspec.Struct):
    """What became of all messages, in numbers."""

    produced: int = 0
    delivered: int = 0
    linked: int = 0
    rows: int = 0
    """Events with a row of a table."""
    filtered: int = 0
    dead_lettered: int = 0
    gave_up: int = 0
    gone: int = 0
    read_as_old: int = 0
    """Events stored twice since a topic that was created again was read on before that was noticed: see
    docs/decisions/0013."""
    lost: int = 0
    stored_twice: int = 0


class Entry(msgspec.Struct, frozen=True, eq=False):
    """A message and where it is. `second`: its offset was another message's before the partition was truncated."""

    place: Place
    offset: int
    record: Record
    second: bool

    @property
    def where(self) -> str:
        """`topic/partition offset n`."""
        (topic, partition), _ = self.place
        return f"{topic}/{partition} offset {self.offset}"


class Book:
    """`broken` is told of each broken promise, and where. `by_key`: the order of a key's events is one of them;
    `may_give_up`: events that alone failed may be dead letters."""

    def __init__(
        self,
        cluster: MemoryKafka,
        api: Api,
        topics: tuple[str, ...],
        dead_letters: str,
        by_key: bool,
        may_give_up: bool,
        broken: Callable[[str, str], None],
    ) -> None:
        self._cluster, self._api, self._topics, self._dead_letters = cluster, api, topics, dead_letters
        self._by_key, self._may_give_up, self._broken = by_key, may_give_up, broken
        self.entries: list[Entry] = []
        self._at: dict[tuple[Place, int], Entry] = {}
        self.first_positions: dict[Place, int] = {}
        """The first commit of each partition: what was before it nobody has promised."""
        self._checked: dict[Place, int] = {}
        self._latest: dict[tuple[Place, bytes], int] = {}
        self._letters: Counter[int] = Counter()
        self._letters_read = 0
        self._gave_up: set[int] = set()
        self._as_old: set[int] = set()
        self._named: dict[TopicPartition, list[range]] = {}

    # --- what happens ----------------------------------------------------------------------------------------------

    def logs(self) -> dict[TopicPartition, Log]:
        """Every partition that is read, as far as its topic is there now."""
        there = [each for each in self._topics if each in self._cluster.topics]
        return {(topic, n): log for topic in there for n, log in enumerate(self._cluster.topics[topic].logs)}

    def place(self, key: TopicPartition) -> Place:
        """The partition, with the id that its topic has now."""
        return key, self._cluster.topics[key[0]].identity

    def produced(self, key: TopicPartition, record: Record) -> None:
        """The next message of this partition is this one; messages are numbered as they come."""
        log = self._cluster.log(key)
        entry = Entry(self.place(key), log.end, record, log.end < log.furthest)
        assert record.number == len(self.entries)
        self.entries.append(entry)
        self._at[entry.place, entry.offset] = entry

    def truncated(self, key: TopicPartition) -> None:
        """The partition ends earlier than it did."""
        place, end = self.place(key), self._cluster.log(key).end
        self._checked[place] = min(end, self._checked.get(place, 0))
        for each in [each for each in self._at if each[0] == place and each[1] >= end]:
            del self._at[each]

    def started(self, number: int, given: bool, ending: bool, topic_ids: Mapping[str, str], who: str) -> None:
        """A process begins a request for this message; `given`: it has the partition, and wasn't asked for it back."""
        entry = self.entries[number]
        (topic, _), identity = entry.place
        if ending:
            self._broken("nothing new is sent while a process ends", f"{entry.where} by {who}")
        if not given:
            self._broken("nothing new is sent of a partition that was asked back", f"{entry.where} by {who}")
        if topic_ids.get(topic, identity) < identity:
            # A classic group reads on in a topic that was created again, until it is noticed.
            self._as_old.add(number)

    def stored(self, fact: Fact, insert_id: str) -> None:
        """Stored for the first time: with order by key, never after a later message of its key."""
        if fact[1] >= len(self.entries):
            return
        number, entry = fact[1], self.entries[fact[1]]
        if "/" in insert_id and entry.place[1] not in insert_id:
            self._as_old.add(number)
        if entry.place not in self.first_positions and number not in self._as_old:
            # Who dies now comes back with the start that the configuration names, perhaps behind this message.
            self._broken("a start is committed before the first message is handed on", entry.where)
        if not self._by_key or self._may_give_up or number in self._as_old or self._begins_anew(entry):
            # What was given up lets its followers go, and may be stored after them if a crash brings it back.
            return
        lane = entry.place, entry.record.key
        latest = self._latest.get(lane, -1)
        if number < latest:
            self._broken("events of one key are stored in order", f"{entry.where} after {self.entries[latest].where}")
        self._latest[lane] = max(latest, number)

    def _begins_anew(self, entry: Entry) -> bool:
        """Whether it may be read after later ones: before the start, or truncated, when a gap is behind which all that
        there is is read."""
        before_start = entry.offset < self.first_positions.get(entry.place, 0)
        log = self._cluster.log(entry.place[0]) if self._cluster.has(entry.place[0]) else None
        return before_start or (log is not None and bool(log.cuts))

    def read_letters(self) -> None:
        """Count what has come to the dead-letter topic since the last time."""
        if self._dead_letters not in self._cluster.topics:
            return
        dead_letters = self._cluster.log((self._dead_letters, 0)).records
        for each in dead_letters[self._letters_read :]:
            kept = read(each.key, each.value, each.headers)
            message = kept.dead_letter.message
            entry = self._of(message.topic, message.partition, message.offset, message.timestamp_ms)
            if entry is None or (entry.record.value != each.value and not kept.left_out):
                self._broken("a dead letter is a message that was produced", message.coordinates)
                continue
            record = entry.record
            gave_up = self._may_give_up and any(code == "gave-up" for *_, code in kept.dead_letter.events)
            if not (record.dead or gave_up):
                self._broken("only what can't become events is a dead letter", f"{entry.where}: {record.kind}")
                continue
            self._letters[record.number] += 1
            if gave_up:
                self._gave_up.add(record.number)
        self._letters_read = len(dead_letters)

    def _of(self, topic: str, partition: int, offset: int, timestamp_ms: int) -> Entry | None:
        """The message at these coordinates: of any topic of that name that there ever was."""
        return next(
            (
                each
                for each in self.entries
                if each.offset == offset
                and each.place[0] == (topic, partition)
                and each.record.timestamp_ms == timestamp_ms
            ),
            None,
        )

    def named(self, key: TopicPartition, reason: str) -> None:
        """Somebody has said of this partition that messages are missing, and which."""
        gone = re.search(r"offsets (\d+) to (\d+) are gone", reason)
        offsets = range(int(gone[1]), int(gone[2]) + 1) if gone else range(0)
        self._named.setdefault(key, []).append(offsets)

    def letters_gone(self) -> None:
        """The dead-letter topic is about to be deleted; the next one begins empty."""
        self.read_letters()
        self._letters_read = 0

    # --- promises --------------------------------------------------------------------------------------------------

    def settled(self, key: TopicPartition, offset: int) -> bool:
        """Whether this is a message of which everything has happened that must."""
        entry = self._at.get((self.place(key), offset))
        return entry is not None and self.wrong_with(entry) is None

    def wrong_with(self, entry: Entry) -> str | None:
        """What is missing before this message may be committed, or None."""
        record = entry.record
        for fact, value in record.facts.items():
            identities = self._api.facts.get(fact, ())
            if not identities and record.number not in self._gave_up:
                return f"{fact} is not stored"
            if identities and self._api.stored[identities[0]]["value"] != value:
                return f"{fact} is stored with a wrong value"
        if record.dead and not self._letters[record.number]:
            return "it is not in the dead-letter topic"
        return None

    def committed(self, key: TopicPartition, committed: Committed, who: str) -> None:
        """The group took this commit."""
        place, offset = self.place(key), committed.offset
        if _topic_id(committed) not in ("", place[1]):
            return  # of the topic that was there before: that it says so is how the next life knows
        self.first_positions.setdefault(place, offset)
        where, log = f"{key[0]}/{key[1]} to {offset} by {who}", self._cluster.log(key)
        if offset > max(log.end, log.furthest):
            self._broken("nothing is committed past the end", f"{where}, which ends at {log.end}")
        self.read_letters()
        at = max(self._checked.get(place, 0), self.first_positions[place])
        while at < min(offset, log.end):
            entry = self._at.get((place, at))
            # Where an offset was used twice, the commit may be about the first.
            wrong = None if entry is None or entry.second or at < log.start else self.wrong_with(entry)
            if wrong is not None:
                self._broken("nothing is committed before it is settled", f"{where}, but offset {at}: {wrong}")
                break
            at += 1
        self._checked[place] = max(self._checked.get(place, 0), at)

    def finished(self, offsets: Mapping[TopicPartition, Committed]) -> bool:
        """Whether everything that was produced is committed."""
        return not self._unfinished(offsets)

    def _unfinished(self, offsets: Mapping[TopicPartition, Committed]) -> list[str]:
        nothing = Committed(0, "")
        return [
            f"{key[0]}/{key[1]} is committed to {at.offset} of {log.end}"
            for key, log in sorted(self.logs().items())
            if (at := offsets.get(key, nothing)).offset != log.end or _topic_id(at) not in ("", self.place(key)[1])
        ]

    def check_end(self, offsets: Mapping[TopicPartition, Committed]) -> Fate:
        """What has to be true when all is over."""
        self.read_letters()
        for each in self._unfinished(offsets):
            self._broken("everything comes to an end", each)
        fate, known = Fate(), set[Fact]()
        for entry in self.entries:
            known.update(entry.record.facts)
            if entry.offset >= self.first_positions.get(entry.place, 0):
                self._judge(entry, fate)
        for fact, identities in self._api.facts.items():
            if len(identities) > 1 and fact[1] in self._as_old:
                fate.read_as_old += 1
            elif len(identities) > 1:
                fate.stored_twice += 1
                self._broken("nothing is stored twice", f"{fact} under {identities}")
            if fact not in known:
                self._broken("nothing is stored that wasn't produced", str(fact))
        for identity in self._api.contradictions:
            self._broken("an insert id always comes with the same event", identity)
        return fate

    def _judge(self, entry: Entry, fate: Fate) -> None:
        record, (key, identity) = entry.record, entry.place
        fate.produced += 1
        wrong = self.wrong_with(entry)
        if wrong is None:
            if record.dead:
                fate.dead_lettered += 1
            elif record.number in self._gave_up:
                fate.gave_up += 1
            elif record.facts:
                fate.delivered += 1
            else:
                fate.filtered += 1
            return
        topic = self._cluster.topics.get(key[0])
        there = topic is not None and topic.identity == identity and self._at.get((entry.place, entry.offset)) is entry
        if there and not entry.second and entry.offset >= self._cluster.log(key).start:
            fate.lost += 1
            self._broken("nothing is lost", f"{entry.where} ({record.kind}): {wrong}")
            return
        fate.gone += 1
        if there and not entry.second and not any(entry.offset in each for each in self._named.get(key, ())):
            self._broken("what is gone is named", entry.where)


def _topic_id(committed: Committed) -> str:
    """Of which topic a commit says that it is; "" when the topic's id wasn't known yet."""
    found = re.search(r"(?:^|;)topic=([^;]*)", committed.metadata)
    return "" if found is None else found[1]
