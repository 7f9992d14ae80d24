"""Values that a path holds, over many messages: kinds, presence, frequent ones, and how many different ones."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from greenflash_kafka.discovery.distinct_hashes import DistinctHashes, HashBudget
from greenflash_kafka.expressions.names import ROOTS
from greenflash_kafka.expressions.paths import Path, Steps
from greenflash_kafka.mappings.spec import NESTING

LONGEST_TEXT: Final = 64
"""So many characters of a text are looked at."""

MOST_VALUES: Final = 512
"""So many different values of a path are counted by themselves."""

ELEMENT: Final = 0
"""The step into an element of a list."""

ANY_KEY: Final = "*"
"""The step into an object whose keys are data: a map."""


class PathValues:
    """What is known of one path: `way` begins with its root (payload, item, envelope, kafka)."""

    __slots__ = ("distinct", "fractions", "kinds", "more", "nulls", "present", "values", "way")

    def __init__(self, way: Steps, budget: HashBudget) -> None:
        self.way = way
        self.present = 0
        """Documents that have a value here that isn't null."""
        self.nulls = 0
        self.kinds: dict[str, int] = {}
        self.values: dict[str, int] = {}
        self.more = False
        """There are values that aren't in `values`."""
        self.fractions = 0
        self.distinct = DistinctHashes(budget)

    def add(self, value: object) -> None:
        """Count a value of a document."""
        kind = value.__class__
        long = ""
        if kind is str:
            assert isinstance(value, str)
            name, text, long = "text", value[:LONGEST_TEXT], value
        elif kind is bool:
            name, text = "boolean", "true" if value else "false"
        elif kind is int:
            name, text = "integer", str(value) if -(10**40) < value < 10**40 else "large"  # type: ignore[operator]
        elif isinstance(value, Decimal):
            whole = value.is_finite() and abs(value.adjusted()) < LONGEST_TEXT and value == value.to_integral_value()
            self.fractions += not whole
            name, text = "number", str(value)[:LONGEST_TEXT]
        elif isinstance(value, datetime):
            name, text = "time", value.isoformat()
        else:
            name, text = "list" if isinstance(value, list) else "object", ""
        self.kinds[name] = self.kinds.get(name, 0) + 1
        if text in self.values:
            self.values[text] += 1
            if len(long) > LONGEST_TEXT:
                self.distinct.add(long)
        elif text:
            self.distinct.add(long or text)
            self._is_new(text, 1)

    def take(self, other: PathValues) -> None:
        """Count what another path held, too: both are one."""
        self.present += other.present
        self.nulls += other.nulls
        self.fractions += other.fractions
        for name, count in other.kinds.items():
            self.kinds[name] = self.kinds.get(name, 0) + count
        self.distinct.take(other.distinct)
        self.more |= other.more
        for text, count in other.values.items():
            if text in self.values:
                self.values[text] += count
            else:
                self._is_new(text, count)

    def _is_new(self, text: str, count: int) -> None:
        """Count a value that isn't in `values`."""
        if len(self.values) < MOST_VALUES:
            self.values[text] = count
        else:
            self.more = True

    @property
    def counted(self) -> int:
        """Values that were counted, elements of lists each."""
        return sum(self.kinds.values())

    def is_mostly(self, *names: str) -> bool:
        """Whether 95 % of the values are of these kinds."""
        return sum(self.kinds.get(name, 0) for name in names) >= 0.95 * max(1, self.counted)

    @property
    def in_a_list(self) -> bool:
        """Whether the path leads through a list or a map, so that a rule can't simply write it."""
        return ELEMENT in self.way[1:] or ANY_KEY in self.way[1:]


def path_text(way: Steps, *, bare: bool = False) -> str:
    """A way as a rule writes it; `bare`: in lines of `when`, where `payload` may be left out."""
    return str(Path(str(way[0]), way[1:], bare=bare and way[0] == "payload" and way[1:] != () and way[1] not in _ROOTS))


_ROOTS: Final = frozenset((*ROOTS, *NESTING))


def words_of(way: Steps) -> tuple[str, ...]:
    """The words of a path's names in lower case, `customerId` and `customer_id` alike."""
    found: list[str] = []
    for step in way[1:]:
        if isinstance(step, str):
            found += split_words(step)
    return tuple(found)


def split_words(name: str) -> list[str]:
    """The words of a name in lower case."""
    words, word = [], ""
    previous = ""
    for letter in name[:LONGEST_TEXT]:
        if not letter.isalnum():
            words.append(word)
            word = ""
        elif letter.isupper() and previous.islower():
            words.append(word)
            word = letter.lower()
        else:
            word += letter.lower()
        previous = letter
    return [each for each in (*words, word) if each]


def text_at(roots: object, way: Steps) -> str:
    """The beginning of the text at the steps of a way, "" if there is none."""
    found = follow(roots, way)
    return found[:LONGEST_TEXT] if isinstance(found, str) else ""


def follow(value: object, way: Steps) -> object:
    """The value at the steps of a way, None if there is none; `value` is that of all roots."""
    found: object = value
    for step in way:
        if isinstance(step, str):
            if not isinstance(found, dict):
                return None
            found = found.get(step)
        elif isinstance(found, list) and found:
            found = found[step]
        else:
            return None
    return found
