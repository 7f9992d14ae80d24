"""The path that says what kind of fact a message is: the event name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from math import log2
from typing import Final

import msgspec

from greenflash_kafka.discovery.amounts import amount_score
from greenflash_kafka.discovery.path_table import PathTable
from greenflash_kafka.discovery.path_values import PathValues, words_of
from greenflash_kafka.expressions.functions.currencies import EXPONENTS
from greenflash_kafka.expressions.paths import Steps

MOST_CANDIDATES: Final = 30
MOST_NAMES: Final = 50
_TELLING: Final = frozenset(("type", "event", "action", "op", "intent", "topic", "kind"))
_OF_EVENTS: Final = (
    *(("event", word) for word in ("type", "name", "code", "category")),
    ("subscription", "type"),
    ("change", "type"),
)
_HALF_TELLING: Final = frozenset(("name", "status", "state"))
_IDS: Final = frozenset(("id", "uuid", "key", "token", "customer", "user", "email", "currency", "version", "plan"))
_NO_NAME: Final = re.compile(r"\d+([.,]\d+)?|\d{4}-\d\d-\d\d.*|[0-9a-fA-F-]{32,}|https?://.*|.*@.*")


class Discriminator(msgspec.Struct, frozen=True):
    """A path that may hold the event name. `explained` is the part of the uncertainty of which fields are there that
    is gone once it is known; None if every message has the same fields, or the path one value. `score` ranks."""

    way: Steps
    explained: float | None
    score: float


def candidates(table: PathTable) -> list[PathValues]:
    """Paths that may hold it: text in half of the documents, few values, each of them a name."""
    found = [
        each
        for each in table.paths.values()
        if may_name_events(table, each) and (len(each.values) > 1 or _telling(each.way) >= 0.3)
    ]
    return sorted(found, key=lambda each: (-_telling(each.way), len(each.way), each.way))[:MOST_CANDIDATES]


def may_name_events(table: PathTable, found: PathValues) -> bool:
    """Whether a path is text in half of the documents, with few values, each of them a name."""
    return (
        table.share(found.way) >= 0.5
        and found.is_mostly("text")
        and not found.in_a_list
        and not found.more
        and 1 <= len(found.values) <= max(MOST_NAMES, table.documents // 50)
        and _are_names(found.values, table.documents)
    )


def ranked(
    table: PathTable, found: Sequence[PathValues], joint: Mapping[Steps, Counter[tuple[str, frozenset[int]]]]
) -> list[Discriminator]:
    """Candidates, the best first. `joint` has for each how often a value stands beside a signature."""
    whole = _uncertainty(list(table.signatures.items()))
    names = []
    for each in found:
        explained = None
        if whole > 0 and len(each.values) > 1:
            by_value: dict[str, list[tuple[frozenset[int], int]]] = {}
            for (value, signature), count in joint[each.way].items():
                by_value.setdefault(value, []).append((signature, count))
            left = sum(_uncertainty(entries) for entries in by_value.values())
            explained = max(0.0, 1 - left / whole)
        telling = _telling(each.way)
        score = (explained or 0.0) + telling - 0.08 * (len(each.way) - 2)
        # One value tells nothing apart.
        score -= 0.2 if len(each.values) == 1 else 0.0
        # A path with nearly as many values as documents explains everything, and says nothing.
        score -= 0.5 if len(each.values) > 0.5 * each.counted and each.counted >= 4 else 0.0
        if telling > 0 or (telling == 0 and (explained or 0.0) >= 0.3):
            names.append(Discriminator(each.way, explained, round(score, 6)))
    return sorted(names, key=lambda name: (-name.score, name.way))


def _are_names(values: Mapping[str, int], documents: int) -> bool:
    if any(_NO_NAME.fullmatch(value) or len(value) >= 64 or len(value.split()) > 4 for value in values):
        return False
    if documents >= 10 and len(values) > 0.7 * documents:
        return False
    return not all(value.upper() in EXPONENTS for value in values)


def _telling(way: Steps) -> float:
    """What the name of the path says for it."""
    words = words_of(way)
    last = words_of((way[0], way[-1]))
    if way[0] == "kafka" and way[1:2] != ("headers",):
        return -1.0
    if last and (last[-1] in _IDS or amount_score(way) > 0.2):
        return -1.0
    if last[-2:] in _OF_EVENTS:
        return 0.4
    if last and (last[-1] in _TELLING or (last[-1] == "name" and "event" in words)):
        # `mimeType`, `paymentMethodType`: a type of something else.
        others = set(last[:-1]) - {"event", "message", "ce", "x", "shopify", "op", "record"}
        return 0.15 if others else 0.3
    return 0.1 if last and last[-1] in _HALF_TELLING else 0.0


def _uncertainty(entries: Sequence[tuple[frozenset[int], int]]) -> float:
    """The sum over all paths of the entropy of being there, in bits, over documents."""
    total = sum(count for _, count in entries)
    present: Counter[int] = Counter()
    for signature, count in entries:
        for number in signature:
            present[number] += count
    found = 0.0
    for count in present.values():
        share = count / total
        if 0 < share < 1:
            found -= share * log2(share) + (1 - share) * log2(1 - share)
    return found * total
