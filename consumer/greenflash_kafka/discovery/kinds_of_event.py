"""The messages of one event name: what is in them, their amounts, and whether they may be facts for Greenflash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import msgspec

from greenflash_kafka.discovery.amount_units import judged
from greenflash_kafka.discovery.amounts import (
    Amount,
    amount_candidates,
    amount_score,
    amounts_in_lists,
    number_of,
    sample_of,
)
from greenflash_kafka.discovery.currencies_of_amounts import currency_of
from greenflash_kafka.discovery.identities import currencies
from greenflash_kafka.discovery.known_events import SuggestedEvent, suggested
from greenflash_kafka.discovery.path_table import PathTable
from greenflash_kafka.discovery.path_values import follow, words_of
from greenflash_kafka.discovery.topic_documents import Document, TopicDocuments
from greenflash_kafka.expressions.paths import Steps

MOST_KINDS: Final = 24
"""So many event names are looked at by themselves, the most frequent ones."""

MOST_RULES: Final = 12
_PAYMENTS: Final = frozenset(("payment", "transaction", "charge"))
_UNKNOWN: Final = 3
_UNSURE: Final = SuggestedEvent("usage_logged", "neutral", "count", "")
_DONE: Final = frozenset(("complete", "completed", "succeeded", "success", "finished"))
_NAMED: Final = 0.5
_OF_A_KIND: Final = 400
_AMOUNTS: Final = 3
_LOOKED_AT: Final = 6


class KindOfEvent(msgspec.Struct, frozen=True):
    """Messages of one event name ("" if there is none): how many, what is in them, their amounts, those that
    stand in lists, a few of the messages."""

    name: str
    count: int
    table: PathTable
    amounts: tuple[Amount, ...]
    in_lists: tuple[Steps, ...]
    examples: tuple[Document, ...]


def kinds_of(documents: TopicDocuments, table: PathTable, way: Steps | None, stripe: bool) -> tuple[KindOfEvent, ...]:
    """Each event name by itself, the most frequent first; `way` is its path, `table` that of all documents."""
    counts: Counter[str] = Counter()
    groups: dict[str, list[Document]] = {}
    for document in documents:
        value = follow(document.roots, way) if way is not None else ""
        if not isinstance(value, str):
            continue
        counts[value] += 1
        group = groups.setdefault(value, []) if value in groups or len(groups) < 4 * MOST_KINDS else []
        if len(group) < _OF_A_KIND:
            group.append(document)
    found = []
    for name, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:MOST_KINDS]:
        group = groups.get(name, [])
        if group:
            found.append(_kind(name, count, group, table, stripe))
    return tuple(found)


def facts(kinds: Sequence[KindOfEvent], topic: str) -> list[tuple[KindOfEvent, SuggestedEvent]]:
    """The kinds that a rule is proposed for: those whose names say what they are; if there are none, the most
    frequent ones, a purchase if there is an amount."""
    named = [(kind, _suggested(kind, topic)) for kind in kinds]
    known = [(kind, event) for kind, event in named if event is not None][:MOST_RULES]
    if known:
        return known
    rows = [kind for kind in kinds if kind.name == "c"]
    return [(kind, _guessed(kind)) for kind in (rows or kinds)[:_UNKNOWN]]


def _suggested(kind: KindOfEvent, topic: str) -> SuggestedEvent | None:
    if kind.name.lower() in _DONE:
        # A word that says nothing of what was done: an order, if it has an amount.
        if any(amount_score(each.way) >= _NAMED for each in kind.amounts):
            return SuggestedEvent("upgrade_purchased", "positive", "money", kind.name)
        return SuggestedEvent("task_success", "positive", "word", kind.name)
    return suggested(kind.name or topic.replace(".", " "))


def _guessed(kind: KindOfEvent) -> SuggestedEvent:
    """What messages may be whose name says nothing."""
    if kind.amounts and kind.name not in ("u", "d"):
        return SuggestedEvent("upgrade_purchased", "positive", "money", "")
    return _UNSURE


def _kind(name: str, count: int, group: Sequence[Document], whole: PathTable, stripe: bool) -> KindOfEvent:
    table = PathTable()
    for document in group:
        table.add(document.roots)
    event = suggested(name)
    refund = event is not None and event.event_type == "refund_requested"
    # "payment_succeeded" tells of the payment, whatever other objects are there.
    about = frozenset(words_of(("", name)))
    about |= _PAYMENTS if about & _PAYMENTS else frozenset()
    ways = [each.way for each in amount_candidates(table, refund=refund, about=about)]
    codes = [each.way for each in currencies(table) if table.share(each.way) >= 0.5]
    amounts: list[Amount] = []
    for way, same in _each_once(ways, group)[:_LOOKED_AT]:
        currency = currency_of(way, codes, group)
        samples = [each for document in group if (each := sample_of(document, way, currency, ways)) is not None]
        of_all = whole.paths.get(way)
        elsewhere = of_all is not None and of_all.fractions > 0
        found = judged(way, currency, samples, stripe=stripe, elsewhere=elsewhere)
        amounts.append(msgspec.structs.replace(found, same=same))
    return KindOfEvent(
        name,
        count,
        table,
        tuple(_sure_first(amounts[:_AMOUNTS])),
        tuple(amounts_in_lists(table)),
        tuple(group[:50]),
    )


def _each_once(ways: Sequence[Steps], group: Sequence[Document]) -> list[tuple[Steps, tuple[Steps, ...]]]:
    """The ways whose amounts aren't always 0, those with equal amounts in every document once: the likeliest, with the
    others."""
    leaders: list[tuple[list[Decimal | None], list[Steps]]] = []
    for way in ways:
        amounts = [number_of(follow(document.roots, way)) for document in group]
        if any(amounts):
            same = next((found for others, found in leaders if _equal(amounts, others)), None)
            if same is None:
                leaders.append((amounts, [way]))
            else:
                same.append(way)
    return [(first, tuple(others)) for _, (first, *others) in leaders]


def _equal(some: Sequence[Decimal | None], others: Sequence[Decimal | None]) -> bool:
    """Whether amounts are equal wherever both are there, which is nearly always."""
    both = [(one, other) for one, other in zip(some, others, strict=True) if one is not None and other is not None]
    return len(both) >= 0.9 * len(some) and all(one == other for one, other in both)


def _sure_first(amounts: list[Amount]) -> list[Amount]:
    """With an amount in front whose unit is known, if its name says as much as the first one's."""
    for each in amounts[1:]:
        sure = amounts[0].unit == "?" and each.unit != "?" and each.currency.way is not None
        if sure and amount_score(each.way) >= amount_score(amounts[0].way) - 0.15:
            return [each, *(other for other in amounts if other is not each)]
    return amounts
