"""Advice about rules that may give one id for one message."""

from __future__ import annotations

from collections.abc import Iterable

from greenflash_kafka.mappings.rule_facts import RuleFacts, constant
from greenflash_kafka.rules.when_operators.when_operator import Literal


def warn_of_collisions(rules: Iterable[RuleFacts], others: Iterable[RuleFacts]) -> None:
    """Warn of rules that may give one event type and insert_id for one message: `rules` of a file among each other,
    and with `others` that read the same topic."""
    seen: dict[object, list[RuleFacts]] = {}
    for other in others:
        seen.setdefault(_identity(other), []).append(other)
    for facts in rules:
        identity = _identity(facts)
        if identity is None:
            continue
        same = seen.setdefault(identity, [])
        colliding = next((other for other in same if not _exclusive(other, facts) and other.name != facts.name), None)
        if colliding is not None:
            said = f"{facts.name} and {colliding.name} may both match one message and give one insert_id"
            hint = "make one insert_id say which rule it is, or let the conditions exclude each other"
            facts.report.add(facts.at, "may-collide", said, hint)
        same.append(facts)


def _identity(facts: RuleFacts) -> object:
    """What the rule's events are told apart by, as far as it is written; None when nobody can say."""
    key = facts.merged.single.get("insert_id")
    event_type = constant(facts.merged.single.get("event_type"))
    if key is None or key.expression is None or event_type is None:
        return None
    return event_type, " ".join(key.expression.text.split()), facts.each


def _exclusive(one: RuleFacts, other: RuleFacts) -> bool:
    """Whether no message can match both: they want different values in one place, or only the first match counts."""
    if one.first_match and one.report is other.report:
        return True
    wanted = one.equalities
    return any(
        path in wanted and not any(_equal(a, b) for a in wanted[path] for b in literals)
        for path, literals in other.equalities.items()
    )


def _equal(one: Literal, other: Literal) -> bool:
    return (one.__class__ is bool) == (other.__class__ is bool) and one == other
