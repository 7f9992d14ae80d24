"""A brute-force oracle of linking: the conversation of an outcome, from two logs and nothing else.

It shares no code with the product. The simulation, the chaos run and tests on a real Kafka compare with it. Times are
milliseconds since 1970.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

CLOCKS_DIFFER = 5_000
"""An activity may lie so many milliseconds after the outcome, and counts all the same."""

MINUTE = 60_000

DAY = 86_400_000
"""Reported so long after it happened, an outcome still has all of its lookback. Told so long before it happens, an
activity still counts."""


class Said(NamedTuple):
    """What an entry says: something happened in a conversation at a time, by the person with this key."""

    source: str
    name: str
    value: str
    at: int
    conversation: str


class Entry(NamedTuple):
    """A record that readers of committed records see: its timestamp, and what it says (nothing counts too)."""

    stamp: int
    said: tuple[Said, ...] = ()


Log = Iterable[Entry]
"""One partition in the order of its offsets."""


class Way(NamedTuple):
    """One way to look: the person's keys, each source with how late its records may be, how far back, which of
    several (`last`, `first` or `single`)."""

    keys: Mapping[str, str]
    sources: Mapping[str, int]
    lookback: int
    touch: str = "last"


class Asked(NamedTuple):
    """An outcome: the timestamp of its record, when it happened, and the ways to look, one after the other."""

    recorded: int
    at: int
    ways: tuple[Way, ...]


class Found(NamedTuple):
    """The conversation, and the time of the activity that decides."""

    conversation: str
    at: int


def by_the_words(logs: Sequence[Sequence[Entry]], asked: Asked) -> Found | None:
    """The rule as it is promised, word by word, over whole logs; slow."""
    for way in asked.ways:
        earliest: dict[tuple[str, str, str, int, str], tuple[int, int]] = {}
        for source, delay in way.sources.items():
            horizon = asked.recorded + delay
            for log in logs:
                # Exactly the entries before the first one that is stamped later than the horizon.
                cut = next((n for n, entry in enumerate(log) if entry.stamp > horizon), len(log))
                for n, entry in enumerate(log[:cut]):
                    logged = max(each.stamp for each in log[: n + 1])
                    for said in entry.said:
                        if (
                            said.at <= entry.stamp + DAY
                            and said.source == source
                            and way.keys.get(said.name) == said.value
                        ):
                            # One conversation in one minute is told by what was logged first.
                            place = said.source, said.name, said.value, said.at // MINUTE, said.conversation
                            earliest[place] = min(earliest.get(place, (logged, said.at)), (logged, said.at))
        found = _chosen(way, asked, [Found(place[4], at) for place, (_, at) in earliest.items()])
        if found is not None:
            return found
    return None


def _chosen(way: Way, asked: Asked, rows: Iterable[Found]) -> Found | None:
    # What is older than the record by a day and the lookback counts for nothing, whoever knows it.
    oldest = max(asked.at - way.lookback, asked.recorded - DAY - way.lookback)
    near = [each for each in rows if oldest <= each.at <= asked.at + CLOCKS_DIFFER]
    if way.touch != "last" and asked.at < asked.recorded - DAY:
        # An earlier one, or another one, might count if it had been reported in time.
        return None
    if not near or (way.touch == "single" and len({each.conversation for each in near}) > 1):
        return None
    pick = min if way.touch == "first" else max
    return pick(near, key=lambda each: (each.at, each.conversation))


class Oracle:
    """The same, with what was said sorted by person once: for many questions about large logs."""

    def __init__(self, logs: Iterable[Log]) -> None:
        self._by_person: defaultdict[tuple[str, str, str], list[tuple[int, int, str]]] = defaultdict(list)
        self.entries = 0
        """How many entries the logs have."""
        for log in logs:
            logged = -1
            for entry in log:
                self.entries += 1
                logged = max(logged, entry.stamp)
                for said in entry.said:
                    if said.at > entry.stamp + DAY:
                        continue
                    self._by_person[said.source, said.name, said.value].append((logged, said.at, said.conversation))

    def find(self, asked: Asked) -> Found | None:
        """The conversation of an outcome, or None."""
        for way in asked.ways:
            rows: list[Found] = []
            for source, delay in way.sources.items():
                for name, value in way.keys.items():
                    rows += self._rows((source, name, value), asked.recorded + delay)
            found = _chosen(way, asked, rows)
            if found is not None:
                return found
        return None

    def _rows(self, person: tuple[str, str, str], horizon: int) -> list[Found]:
        earliest: dict[tuple[int, str], tuple[int, int]] = {}
        for logged, at, conversation in self._by_person.get(person, ()):
            if logged <= horizon:
                place = at // MINUTE, conversation
                earliest[place] = min(earliest.get(place, (logged, at)), (logged, at))
        return [Found(conversation, at) for (_, conversation), (_, at) in earliest.items()]


class Version(NamedTuple):
    """A record of a table's topic: its timestamp, the row's key, and what it says of the row; None deletes it."""

    stamp: int
    key: str
    row: str | None


def row_as_of(logs: Sequence[Sequence[Version]], key: str, horizon: int) -> str | None:
    """The row of a key by the words of the promise: of each partition the records before the first one stamped later
    than the horizon count, and of these the one that was logged last; of equal ones the later offset."""
    told: list[tuple[int, int, int, str | None]] = []
    for partition, log in enumerate(logs):
        cut = next((n for n, version in enumerate(log) if version.stamp > horizon), len(log))
        for n, version in enumerate(log[:cut]):
            if version.key == key:
                told.append((max(each.stamp for each in log[: n + 1]), n, partition, version.row))
    return max(told)[3] if told else None
