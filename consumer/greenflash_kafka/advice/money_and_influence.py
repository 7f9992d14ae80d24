"""Advice about the fields of an event: influence, insert_id, money and its currency."""

from __future__ import annotations

from greenflash_kafka.mappings.event_fields import Merged, Written
from greenflash_kafka.mappings.rule_facts import RuleFacts, constant


def check_fields(facts: RuleFacts) -> None:
    """Advice about what an event should say."""
    merged, say = facts.merged, facts.report.add
    written = merged.single.keys() | merged.failed
    if "influence" not in written and "quality_impact_score" not in written:
        said = f"{facts.name} doesn't say whether it is good or bad news"
        say(facts.event_at, "missing-influence", said, "add influence: positive, negative or neutral")
    value = merged.single.get("value")
    money = value is not None and _is_money(value, merged)
    # Advice is for what runs: first comes what is wrong with the file.
    if "insert_id" not in written and not money and facts.sound:
        said = f"{facts.name} has no insert_id: its name, and a message's place in the topic, make the events' ids"
        say(facts.event_at, "missing-insert-id", said, "add insert_id: = payload.<the fact's own id>")
    if value is None or not money:
        return
    if "insert_id" not in written:
        said = f"{facts.name} is worth money and has no insert_id: a record produced twice would count twice"
        say(value.at, "money-without-insert-id", said, "add insert_id: = payload.<the fact's own id>")
    said_currency = constant(merged.properties.get("currency"))
    known = value.expression.currency if value.expression is not None else None
    if known and isinstance(said_currency, str) and said_currency.upper() != known:
        said = f"{facts.name} gives an amount in {known} and says that it is in {said_currency}"
        say(merged.properties["currency"].at, "mixed-currencies", said, f"currency: {known}")
    if "currency" not in merged.properties and not merged.whole:
        said = f"{facts.name} says an amount and not in which currency"
        say(value.at, "money-without-currency", said, "add properties: {currency: ...}")


def _is_money(value: Written, merged: Merged) -> bool:
    kind = constant(merged.single.get("value_type"))
    return kind == "currency" or (value.expression is not None and value.expression.type == "money")
