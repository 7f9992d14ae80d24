"""Advice about Debezium's operations: the row that a deletion doesn't have, columns that PostgreSQL may not have sent,
and the operation where a column is read."""

from __future__ import annotations

from typing import Final

from greenflash_kafka.advice.optional_paths import optional_paths
from greenflash_kafka.documents.yaml_nodes import Place
from greenflash_kafka.expressions.names import Path
from greenflash_kafka.expressions.paths import ENVELOPES
from greenflash_kafka.mappings.rule_facts import RuleFacts, condition_tests

_KEYS: Final = frozenset({"id", "uuid", "key", "pk"})
_OPERATIONS: Final = frozenset({"c", "u", "d", "r", "t"})
"""Debezium's words for what happened to a row: created, updated, deleted, read, truncated."""


def check_deleted_row(facts: RuleFacts) -> None:
    """Advise where a rule on deletions reads more of the row than its key: under REPLICA IDENTITY DEFAULT Debezium
    makes up the values of columns that can't be null (empty texts, 0, 1970), and has null for others."""
    if facts.names.envelope is not ENVELOPES["debezium"]:
        return
    _check_operation(facts)
    if facts.equalities.get(("payload", ("op",))) != ("d",):
        return
    _check_row_after(facts)
    key = facts.merged.single.get("insert_id")
    keys = set() if key is None or key.expression is None else {path.steps for path in key.expression.paths}
    for at, path in _placed(facts):
        if path.root != "payload" or path.steps[:1] != ("before",) or len(path.steps) < 2:
            continue
        if path.steps not in keys and str(path.steps[1]).lower() not in _KEYS:
            written = facts.names.envelope.written(path.steps)
            said = f"{written} is empty, 0 or 1970 in a deletion, unless the table has REPLICA IDENTITY FULL"
            facts.report.add(at, "zero-before", said, "ALTER TABLE ... REPLICA IDENTITY FULL, or read the key alone")


def _placed(facts: RuleFacts) -> list[tuple[Place, Path]]:
    places = [(spot.at, path) for spot in facts.spots for path in spot.expression.paths]
    return places + [(test.at, test.path) for test in condition_tests(facts.conditions)]


def _check_operation(facts: RuleFacts) -> None:
    """Warn of `op: d`, which is a column of the row where the payload is the row."""
    for test in condition_tests(facts.conditions):
        literals = [one for each in test.operators if isinstance(each.given, tuple) for one in each.given]
        is_column = test.path.root == "payload" and test.path.steps == ("after", "op")
        if is_column and literals and _OPERATIONS.issuperset(literals):
            said = f"under `envelope: debezium` {test.written} is a column of the row, not the operation"
            facts.report.add(test.at, "operation-in-row", said, "write envelope.op")


def _check_row_after(facts: RuleFacts) -> None:
    """Warn of columns after a deletion: there is no row then."""
    optional = set(optional_paths(facts))
    for at, path in _placed(facts):
        if path.root == "payload" and path.steps[:1] == ("after",) and len(path.steps) > 1 and path not in optional:
            written = facts.names.envelope.written
            said = f"{written(path.steps, bare=path.bare)} is always missing in a deletion: there is no row after it"
            facts.report.add(at, "row-of-deletion", said, f"write {written(('before', *path.steps[1:]))}")
