"""The paths of many documents: a walk within bounds, and the table of what each path holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Final

from greenflash_kafka.discovery.distinct_hashes import HashBudget
from greenflash_kafka.discovery.path_values import ANY_KEY, ELEMENT, PathValues
from greenflash_kafka.expressions.paths import Steps

DEEPEST: Final = 16
MOST_ELEMENTS: Final = 20
"""So many elements of a list are looked at, and items of a message that is a list."""

MOST_PATHS: Final = 2_000
MAP_KEYS: Final = 64
"""An object with more different keys, none of them in 5 % of the documents, is a map: its keys are data."""

_RARE: Final = 0.05
_ENOUGH: Final = 20
_LONGEST_KEY: Final = 128
_DATA: Final = re.compile(r"[^@\s]@[^@\s]|^\d{5,}$|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-")
"""Of a key that is data whatever others there are: an address, a long number, a UUID."""


def walk(value: object, maps: AbstractSet[Steps] = frozenset()) -> Iterator[tuple[Steps, object]]:
    """The values that aren't objects or lists, with their ways; what is empty or lies too deep is given as it is."""
    stack: list[tuple[Steps, object]] = [((), value)]
    while stack:
        way, found = stack.pop()
        if found.__class__ is dict and found and len(way) < DEEPEST:
            assert isinstance(found, dict)
            if way in maps:
                stack += [((*way, ANY_KEY), each) for each in found.values()]
            else:
                stack += [((*way, _step(key)), each) for key, each in found.items()]
        elif found.__class__ is list and found and len(way) < DEEPEST:
            assert isinstance(found, list)
            stack += [((*way, ELEMENT), each) for each in found[:MOST_ELEMENTS]]
        else:
            yield way, found


@lru_cache(maxsize=10_000)
def _step(key: object) -> str:
    """The step that a key is in a path."""
    text = str(key)[:_LONGEST_KEY]
    return ANY_KEY if _DATA.search(text) else text


class PathTable:
    """What each path holds, over all documents that were added."""

    def __init__(self) -> None:
        self.documents = 0
        self.paths: dict[Steps, PathValues] = {}
        self.left_out = False
        """There are more paths than MOST_PATHS."""
        self.signatures: dict[frozenset[int], int] = {}
        """How many documents have exactly these paths, by the paths' numbers."""
        self._kept: dict[frozenset[int], frozenset[int]] = {}
        self._numbers: dict[Steps, int] = {}
        self._maps: set[Steps] = set()
        self._children: dict[Steps, set[str | int]] = {}
        self._looked_at = _ENOUGH // 2
        self._budget = HashBudget()

    @property
    def maps(self) -> frozenset[Steps]:
        """Objects whose keys are data."""
        return frozenset(self._maps)

    def add(self, document: Mapping[str, object]) -> frozenset[int]:
        """Count a document; its keys are the roots. Gives the numbers of its paths, one object for all documents that
        have the same."""
        self.documents += 1
        seen: set[Steps] = set()
        nulls: set[Steps] = set()
        for way, value in walk(document, self._maps):
            found = self.paths.get(way)
            if found is None:
                found = self._new(way)
                if found is None:
                    continue
            if value is None:
                nulls.add(way)
            else:
                seen.add(way)
                found.add(value)
        for way in seen:
            if way in self.paths:
                self.paths[way].present += 1
        for way in nulls - seen:
            if way in self.paths:
                self.paths[way].nulls += 1
        signature = frozenset(self._numbers[way] for way in seen if way in self.paths)
        if signature not in self._kept:
            # What is too rare to be kept counts as documents without anything.
            signature = signature if len(self._kept) < MOST_PATHS else frozenset()
            self._kept.setdefault(signature, signature)
        signature = self._kept[signature]
        self.signatures[signature] = self.signatures.get(signature, 0) + 1
        return signature

    def share(self, way: Steps) -> float:
        """In which part of the documents the path has a value."""
        found = self.paths.get(way)
        return found.present / self.documents if found is not None and self.documents else 0.0

    def _new(self, way: Steps) -> PathValues | None:
        if len(self.paths) >= MOST_PATHS:
            self._find_maps()
        else:
            for depth in range(2, len(way)):
                children = self._children.setdefault(way[:depth], set())
                children.add(way[depth])
                # Looked at now and then: whether the keys are data shows when there are many of them.
                if len(children) > MAP_KEYS and len(children) % MAP_KEYS == 1:
                    self._check_map(way[:depth])
        for depth in range(2, len(way)):
            if way[:depth] in self._maps:
                way = (*way[:depth], ANY_KEY, *way[depth + 1 :])
        found = self.paths.get(way)
        if found is None:
            if len(self.paths) >= MOST_PATHS:
                self.left_out = True
                return None
            self._numbers.setdefault(way, len(self._numbers))
            found = self.paths[way] = PathValues(way, self._budget)
        return found

    def _find_maps(self) -> None:
        """Look for maps among all objects, each time that twice as many documents were added."""
        if self.documents >= 2 * self._looked_at:
            self._looked_at = self.documents
            for parent, children in sorted(self._children.items(), key=lambda each: str(each[0])):
                if len(children) > MAP_KEYS:
                    self._check_map(parent)

    def _check_map(self, parent: Steps) -> None:
        if parent in self._maps or self.documents < _ENOUGH:
            return
        depth = len(parent)
        below = [way for way in self.paths if way[:depth] == parent and len(way) > depth]
        if any(isinstance(way[depth], int) for way in below):
            return
        if any(self.paths[way].present >= max(2, _RARE * self.documents) for way in below):
            return
        self._maps.add(parent)
        for way in below:
            gone = self.paths.pop(way)
            whole = (*parent, ANY_KEY, *way[depth + 1 :])
            merged = self.paths.setdefault(whole, PathValues(whole, self._budget))
            self._numbers.setdefault(merged.way, len(self._numbers))
            merged.take(gone)


def weighted(shares: Sequence[float], facts: Sequence[tuple[PathTable, int]]) -> float:
    """The share of all messages, of those of each kind; `facts` has at least one."""
    counts = [count for _, count in facts]
    return sum(share * count for share, count in zip(shares, counts, strict=True)) / sum(counts)
