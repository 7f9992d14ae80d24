"""States that changes of rows brought about: an update says nothing, a status that becomes `cancelled` does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from greenflash_kafka.discovery.known_events import suggested
from greenflash_kafka.discovery.path_values import LONGEST_TEXT, split_words
from greenflash_kafka.discovery.topic_documents import Document
from greenflash_kafka.expressions.paths import Steps

_STATES: Final = frozenset(("status", "state", "stage", "phase"))
_MOST: Final = 6
_KEPT: Final = 400
_COUNTED: Final = 100


class ChangedState(msgspec.Struct, frozen=True):
    """A column of rows, and the value that it has after a change and hadn't before."""

    way: Steps
    value: str

    @property
    def words(self) -> str:
        """What happened, in words."""
        return f"{self.way[-1]} becomes {self.value}"

    def before(self, document: Document) -> dict[str, object]:
        """The column as it was."""
        name = str(self.way[-1])
        return {name: (document.before or {}).get(name)}


class ChangedStates:
    """Counts what changes brought about, for each event name by itself."""

    def __init__(self) -> None:
        self._counts: dict[tuple[tuple[str, ...], ChangedState], int] = {}
        self._documents: dict[tuple[tuple[str, ...], ChangedState], list[Document]] = {}

    def add(self, values: tuple[str, ...], document: Document) -> None:
        """Count a row's change; `values` are the texts of its event name. Nothing is known without the row before."""
        after, before = document.roots.get("payload"), document.before
        if not isinstance(after, Mapping) or before is None:
            return
        for name, value in after.items():
            if not isinstance(value, str) or len(value) >= LONGEST_TEXT or not _STATES & set(split_words(name)[-1:]):
                continue
            old = before.get(name)
            key = values, ChangedState(("payload", name), value)
            if isinstance(old, str) and old != value and (key in self._counts or len(self._counts) < _COUNTED):
                self._counts[key] = self._counts.get(key, 0) + 1
                kept = self._documents.setdefault(key, [])
                if len(kept) < _KEPT:
                    kept.append(document)

    def told(self) -> Iterator[tuple[tuple[str, ...], ChangedState, int, list[Document]]]:
        """Those whose words say what happened, the most frequent first."""
        known = [each for each in self._counts.items() if suggested(f"{' '.join(each[0][0][:-1])} {each[0][1].words}")]
        known.sort(key=lambda each: (-each[1], each[0][0], each[0][1].way, each[0][1].value))
        for key, count in known[:_MOST]:
            yield *key, count, self._documents[key]
