"""Paths whose values may be a fact's own id: how often they repeat, and by what the messages differ that repeat one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from greenflash_kafka.discovery.identities import ID_WORDS, KINDS
from greenflash_kafka.discovery.path_table import PathTable, walk
from greenflash_kafka.discovery.path_values import PathValues, path_text, words_of
from greenflash_kafka.discovery.personal_values import personal
from greenflash_kafka.discovery.topic_documents import Document, TopicDocuments
from greenflash_kafka.expressions.paths import Steps
from greenflash_kafka.model.message import Message

_MOST: Final = 12
_PAIRS: Final = 40
_FEW_FIELDS: Final = 3
OF_SENDING: Final = frozenset(
    ("attempt", "attempts", "retry", "retries", "try", "tries", "redelivery", "redelivered", "delivery", "delivered",
     "sent", "received", "produced", "published", "ingested", "webhooks", "replay", "replayed")
)  # fmt: skip
"""Words of fields that tell of the sending, and not of the fact."""


class UniqueId(msgspec.Struct, frozen=True):
    """A path whose values may be the fact's own id. Of `count` values, `values` are different; messages that came
    again with the same bytes (`again`) and those without a value (`missing`) are left out. `differing`: fields in which
    messages with the same value differ; `sent_again`: these tell of the sending alone, so it is the same fact."""

    way: Steps
    count: int
    values: int
    again: int = 0
    missing: int = 0
    differing: tuple[str, ...] = ()
    sent_again: bool = False

    @property
    def is_unique(self) -> bool:
        """Whether each fact has its own, as far as the messages show."""
        return self.count > 0 and (self.values == self.count or self.sent_again)

    @property
    def said(self) -> str:
        """What the messages show of it, in words."""
        repeated = self.count - self.values
        if not repeated:
            said = f"every one of {self.count:,} different"
        elif self.sent_again:
            said = f"{self.values:,} different; {repeated:,} came again and differ in {', '.join(self.differing)} alone"
        else:
            differ = f", and differ in {', '.join(self.differing)}" if self.differing else ""
            said = f"{repeated:,} of {self.count:,} repeat another one{differ}"
        said += f"; {self.again:,} more are repeated messages, byte for byte" if self.again else ""
        return said + (f"; {self.missing:,} have none" if self.missing else "")


def unique_candidates(table: PathTable) -> list[PathValues]:
    """Paths with a value of its own in nearly every document, those whose name says id first."""
    found = [
        each
        for each in table.paths.values()
        if not each.in_a_list
        and each.way[0] != "kafka"
        and table.share(each.way) >= 0.95
        and each.is_mostly("text", "integer")
        and each.distinct.count >= 0.85 * table.documents
        and not personal(each)
        and _names_an_id(each.way)
    ]
    return sorted(found, key=_id_rank)[:_MOST]


def _names_an_id(way: Steps) -> bool:
    last = words_of((way[0], way[-1]))
    return bool(last) and (
        bool(set(last) & (ID_WORDS - {"code", "number"})) or last[-1].endswith("id") or last[-1] == "lsn"
    )


def _id_rank(found: PathValues) -> tuple[int, int, Steps]:
    last = words_of((found.way[0], found.way[-1]))
    event = bool({"event", "message", "insert", "idempotency"} & set(last)) or last in (("id",), ("uuid",))
    others = any(words.get(word) for words in KINDS.values() for word in last)
    return (2 if others else 0 if event else 1, len(found.way), found.way)


_Where = tuple[Message, int]
"""A message, and which of its documents."""


class UniqueEvidence:
    """Counts the different values of one path exactly; a repeated message counts once."""

    def __init__(self, way: Steps) -> None:
        self.way = way
        self._first: dict[object, _Where] = {}
        self._pairs: list[tuple[_Where, _Where]] = []
        self._count = 0
        self._again = 0
        self._missing = 0

    def add(self, value: object, document: Document, place: int, *, repeated: bool) -> None:
        """Count the value of a document, which is the one at this `place` of its message."""
        if value is None:
            self._missing += 1
        elif repeated:
            self._again += 1
        elif not isinstance(value, dict | list):
            self._count += 1
            where = document.message, place
            first = self._first.setdefault(value, where)
            if first is not where and len(self._pairs) < _PAIRS:
                self._pairs.append((first, where))

    def result(self, documents: TopicDocuments) -> UniqueId:
        """What was counted; `documents` are read again for messages with the same value."""
        fields, sent_again = self._differing(documents)
        return UniqueId(
            self.way,
            self._count,
            len(self._first),
            self._again,
            self._missing,
            tuple(map(path_text, fields)),
            sent_again,
        )

    def _differing(self, documents: TopicDocuments) -> tuple[list[Steps], bool]:
        """The fields in which most pairs differ, if they are few, and whether all pairs differ in fields that tell of
        the sending alone."""
        differing: Counter[Steps] = Counter()
        sending = bool(self._pairs)
        for pair in self._pairs:
            one, other = (_leaves(documents, where) for where in pair)
            ways = {way for way in one.keys() | other.keys() if one.get(way) != other.get(way)}
            sending &= bool(ways) and all(_of_sending(way) for way in ways)
            differing.update(ways)
        often = [way for way, count in differing.most_common() if 2 * count > len(self._pairs)]
        fields = list(differing) if sending else often
        return (sorted(fields, key=str), sending) if len(fields) <= _FEW_FIELDS else ([], False)


def _of_sending(way: Steps) -> bool:
    return bool(OF_SENDING & set(words_of((way[0], way[-1]))))


def _leaves(documents: TopicDocuments, where: _Where) -> Mapping[Steps, object]:
    message, place = where
    found: Sequence[Document] = list(documents.of(message))
    roots = found[place].roots if place < len(found) else {}
    return dict(walk({name: each for name, each in roots.items() if name != "kafka"}))
