"""Advice about Debezium's deletions: columns before the deletion that PostgreSQL may not have sent."""

from __future__ import annotations

from typing import Final

from greenflash_kafka.rules.advice.rule_facts import RuleFacts, condition_tests
from greenflash_kafka.rules.expressions.paths import ENVELOPES

_KEYS: Final = frozenset({"id", "uuid", "key", "pk"})


def check_deleted_row(facts: RuleFacts) -> None:
    """Advise where a rule on deletions reads more of the row than its key: under REPLICA IDENTITY DEFAULT Debezium
    makes up the values of columns that can't be null (empty texts, 0, 1970), and has null for others."""
    if facts.names.envelope is not ENVELOPES["debezium"] or facts.equalities.get(("payload", ("op",))) != ("d",):
        return
    key = facts.merged.single.get("insert_id")
    keys = set() if key is None or key.expression is None else {path.steps for path in key.expression.paths}
    places = [(spot.at, path) for spot in facts.spots for path in spot.expression.paths]
    places += [(test.at, test.path) for test in condition_tests(facts.conditions)]
    for at, path in places:
        if path.root != "payload" or path.steps[:1] != ("before",) or len(path.steps) < 2:
            continue
        if path.steps not in keys and str(path.steps[1]).lower() not in _KEYS:
            written = facts.names.envelope.written(path.steps)
            said = f"{written} is empty, 0 or 1970 in a deletion, unless the table has REPLICA IDENTITY FULL"
            facts.report.add(at, "zero-before", said, "ALTER TABLE ... REPLICA IDENTITY FULL, or read the key alone")
