"""The messages of one event name: what is in them, their amounts, and whether they may be facts for Greenflash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from greenflash_kafka.discovery.amount_units import judged
from greenflash_kafka.discovery.amounts import (
    Amount,
    amount_candidates,
    amounts_in_lists,
    number_of,
    sample_of,
)
from greenflash_kafka.discovery.changed_states import ChangedState, ChangedStates
from greenflash_kafka.discovery.currencies_of_amounts import currency_of
from greenflash_kafka.discovery.identities import currencies
from greenflash_kafka.discovery.known_events import SuggestedEvent, suggested
from greenflash_kafka.discovery.path_table import PathTable
from greenflash_kafka.discovery.path_values import split_words, text_at, words_of
from greenflash_kafka.discovery.split_amounts import SplitAmount, amount_at, split_amounts
from greenflash_kafka.discovery.topic_documents import Document, TopicDocuments
from greenflash_kafka.expressions.paths import Steps

MOST_KINDS: Final = 24
"""So many event names are looked at by themselves, the most frequent ones."""

MOST_RULES: Final = 12
_PAYMENTS: Final = frozenset(("payment", "transaction", "charge"))
_UNKNOWN: Final = 3
NEW_ROWS: Final = frozenset(("c", "i", "insert", "create", "created"))
CHANGED_ROWS: Final = frozenset(("u", "d", "update", "updated", "delete", "deleted", "remove", "removed"))
_UNSURE: Final = SuggestedEvent("usage_logged", "neutral", "count", "")
_DONE: Final = frozenset(("complete", "completed", "succeeded", "success", "finished"))
_NAMED: Final = 0.5
_OF_A_KIND: Final = 400
_AMOUNTS: Final = 3
_LOOKED_AT: Final = 6


class KindOfEvent(msgspec.Struct, frozen=True):
    """Messages of one event name ("" if there is none): how many, what is in them, their amounts, those that
    stand in lists, a few of the messages. `values` are the texts that the name is made of, one of each path; "" for a
    path that isn't there. `state`: what a change of a row brought about, if that is what is told."""

    name: str
    values: tuple[str, ...]
    count: int
    table: PathTable
    amounts: tuple[Amount, ...]
    in_lists: tuple[Steps, ...]
    examples: tuple[Document, ...]
    state: ChangedState | None = None


def kinds_of(
    documents: TopicDocuments, table: PathTable, ways: Sequence[Steps], stripe: bool
) -> tuple[KindOfEvent, ...]:
    """Each event name by itself, the most frequent first; `ways` are its paths, `table` is that of all documents."""
    counts: Counter[tuple[str, ...]] = Counter()
    groups: dict[tuple[str, ...], list[Document]] = {}
    states = ChangedStates()
    for document in documents:
        values = tuple(text_at(document.roots, way) for way in ways)
        if ways and not values[0]:
            continue
        counts[values] += 1
        if documents.envelope == "debezium":
            states.add(values, document)
        group = groups.setdefault(values, []) if values in groups or len(groups) < 4 * MOST_KINDS else []
        if len(group) < _OF_A_KIND:
            group.append(document)
    found = []
    splits = split_amounts(table)
    for values, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:MOST_KINDS]:
        group = groups.get(values, [])
        if group:
            found.append(_kind(values, count, group, table, splits, stripe=stripe))
    for values, state, count, group in states.told():
        kind = _kind((*values[:-1], state.words), count, group, table, splits, stripe=stripe)
        found.append(msgspec.structs.replace(kind, values=values, state=state))
    return tuple(found)


def facts(kinds: Sequence[KindOfEvent], topic: str) -> list[tuple[KindOfEvent, SuggestedEvent]]:
    """The kinds that a rule is proposed for: those whose names say what they are; if there are none, the most
    frequent ones, a purchase if there is an amount."""
    named = [(kind, _suggested(kind, topic)) for kind in kinds]
    known = [(kind, event) for kind, event in named if event is not None]
    # A new row of a table, or a new object, with an amount: nothing else of two fields says that it is an order.
    sold = [(kind, _guessed(kind)) for kind, event in named if event is None and _is_new(kind) and _named_amount(kind)]
    if known:
        told_by_two = any(len(kind.values) > 1 or kind.state is not None for kind in kinds)
        return [*known, *(sold[:_UNKNOWN] if told_by_two else ())][:MOST_RULES]
    rows = [kind for kind in kinds if _is_new(kind)]
    return [(kind, _guessed(kind)) for kind in (rows or kinds)[:_UNKNOWN]]


def _suggested(kind: KindOfEvent, topic: str) -> SuggestedEvent | None:
    if kind.name.lower() in _DONE:
        # A word that says nothing of what was done: an order, if it has an amount.
        if _named_amount(kind):
            return SuggestedEvent("upgrade_purchased", "positive", "money", kind.name)
        return SuggestedEvent("task_success", "positive", "word", kind.name)
    if kind.state is None and len(kind.values) > 1 and kind.values[-1].lower() in CHANGED_ROWS:
        # "refunds update": what is done with a refund is no refund.
        alone, both = suggested(kind.values[0]), suggested(kind.name)
        return None if alone is not None and both is not None and alone.event_type == both.event_type else both
    return suggested(kind.name or topic.replace(".", " "))


def _is_new(kind: KindOfEvent) -> bool:
    return bool(kind.values) and kind.values[-1].lower() in NEW_ROWS


def _named_amount(kind: KindOfEvent) -> bool:
    """Whether there is an amount whose name says that it is one."""
    return any(each.score >= _NAMED for each in kind.amounts)


def _guessed(kind: KindOfEvent) -> SuggestedEvent:
    """What messages may be whose name says nothing."""
    if kind.amounts and not CHANGED_ROWS & set(split_words(kind.name)[-1:]):
        return SuggestedEvent("upgrade_purchased", "positive", "money", "")
    return _UNSURE


def _kind(
    values: tuple[str, ...],
    count: int,
    group: Sequence[Document],
    whole: PathTable,
    splits: Mapping[Steps, SplitAmount],
    *,
    stripe: bool,
) -> KindOfEvent:
    name = " ".join(values).strip()
    table = PathTable()
    for document in group:
        table.add(document.roots)
    event = suggested(name)
    refund = event is not None and event.event_type == "refund_requested"
    # "payment_succeeded" tells of the payment, whatever other objects are there.
    about = frozenset(words_of(("", name)))
    about |= _PAYMENTS if about & _PAYMENTS else frozenset()
    ways = amount_candidates(table, splits, refund=refund, about=about)
    codes = [each.way for each in currencies(table) if table.share(each.way) >= 0.5]
    amounts: list[Amount] = []
    for way, same in _each_once(ways, group, splits)[:_LOOKED_AT]:
        currency = currency_of(way, codes, group)
        samples = [each for document in group if (each := sample_of(document, way, currency, ways, splits)) is not None]
        of_all = whole.paths.get(way)
        elsewhere = of_all is not None and of_all.fractions > 0
        found = judged(way, currency, samples, stripe=stripe, elsewhere=elsewhere, split=splits.get(way))
        # Of an amount in two numbers the path has only one.
        amounts.append(msgspec.structs.replace(found, same=tuple(each for each in same if each not in splits)))
    return KindOfEvent(
        name,
        values,
        count,
        table,
        tuple(_sure_first(amounts[:_AMOUNTS])),
        tuple(amounts_in_lists(table)),
        tuple(group[:50]),
    )


def _each_once(
    ways: Sequence[Steps], group: Sequence[Document], splits: Mapping[Steps, SplitAmount]
) -> list[tuple[Steps, tuple[Steps, ...]]]:
    """The ways whose amounts aren't always 0, those with equal amounts in every document once: the likeliest, with the
    others."""
    leaders: list[tuple[list[Decimal | None], list[Steps]]] = []
    for way in ways:
        amounts = [number_of(amount_at(document.roots, way, splits)) for document in group]
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
        if sure and each.score >= amounts[0].score - 0.15:
            return [each, *(other for other in amounts if other is not each)]
    return amounts
