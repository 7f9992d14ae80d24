"""Changes of an event that may do harm: of its money, its influence, its type, and of fields that can't be read now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from greenflash_kafka.diff.event_facts import EventFacts
from greenflash_kafka.diff.pairing import Pair
from greenflash_kafka.diff.tallies import Tallies
from greenflash_kafka.model.event import FIELD
from greenflash_kafka.model.outcome import NOT_SENT, Outcome

APART: Final = frozenset(
    (
        *("external_user_id", "user_id", "external_organization_id", "organization_id", "external_conversation_id"),
        *("conversation_id", "product_id", "event_at", "sample_rate", "force_sample"),
        *("insert_id", "event_type", "influence", "value"),
    )
)
"""Fields whose changes a report says one by one; all others are said together."""

OWNERS: Final = frozenset(("external_user_id", "user_id", "external_organization_id", "organization_id"))
"""Fields that say whose an event is."""


def count_moves(tallies: Tallies, rule: str, old: EventFacts, new: EventFacts, fields: Collection[str]) -> None:
    """Count what differs between the facts of an event before and after, whose `fields` differ."""
    others = {field for field in fields if field not in APART}
    money = old.is_money and new.is_money
    if money and old.currency != new.currency:
        others.discard("properties.currency")
    if old.is_money != new.is_money:
        others.discard("value_type")
    tallies.changed_others += bool(others)
    if old.event_type != new.event_type:
        tallies.move("event_type", rule, old.event_type, new.event_type)
    if old.influence != new.influence:
        tallies.move("influence", rule, old.influence, new.influence)
    if old.is_money != new.is_money:
        tallies.move("money", rule, *(("no money", "money") if new.is_money else ("money", "no money")))
    elif old.amount is not None and new.amount is not None:
        if old.currency != new.currency:
            tallies.move("currency", rule, old.currency, new.currency)
        if old.amount != new.amount:
            tallies.amount(rule, new.currency, old.amount, new.amount)
        elif "value" in fields:
            tallies.move("written", rule, "", "")
    elif "value" in fields:
        tallies.move("value", rule, "", "")


def count_texts(tallies: Tallies, rule: str, found: Iterable[tuple[str, str | None, str | None]]) -> None:
    """Count how far times have moved, and whether events have one owner together now, of the fields that differ."""
    for field, old, new in found:
        if field == "event_at" and old is not None and new is not None:
            tallies.time(rule, old, new)
        elif field in OWNERS and new is not None:
            tallies.owner(rule, field, old, new)


def less_readable(old: Outcome, new: Outcome, paired: Iterable[Pair]) -> Iterator[tuple[str, str, str]]:
    """Rule, field and code of each optional field that the new rules leave out of an event since it can't be read, and
    the old rules don't, once for each such event; of rules that give an event on both sides (`paired`), whatever they
    were called."""
    if not new.counts:
        return
    names = {(became.rule, was.rule) for was, became in paired if was is not None and became is not None}
    known = Counter((each.rule, each.field, each.code) for each in old.counts)
    found = Counter((each.rule, each.field, each.code) for each in new.counts)
    for (rule, field, code), count in found.items():
        if rule is None or not field or code in NOT_SENT or field.partition(".")[0] not in FIELD:
            continue
        before = [known[was, field, code] for became, was in names if became == rule]
        if before:
            yield from [(rule, field, code)] * (count - sum(before))
