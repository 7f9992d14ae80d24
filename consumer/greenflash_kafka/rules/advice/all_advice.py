"""The table of advice about rules: of each rule, of the rules of a file, and of all files together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from greenflash_kafka.rules.advice.deleted_rows import check_deleted_row
from greenflash_kafka.rules.advice.envelope_paths import check_envelope_paths
from greenflash_kafka.rules.advice.list_fields import check_list_fields
from greenflash_kafka.rules.advice.money_and_influence import check_fields
from greenflash_kafka.rules.advice.rule_facts import RuleFacts
from greenflash_kafka.rules.advice.subjects import check_subject
from greenflash_kafka.rules.advice.transition_advice import check_transitions
from greenflash_kafka.rules.advice.value_texts import check_value
from greenflash_kafka.rules.advice.weak_ids import check_insert_id

RULE_CHECKS: Final[tuple[Callable[[RuleFacts], None], ...]] = (
    check_fields,
    check_subject,
    check_insert_id,
    check_value,
    check_envelope_paths,
    check_deleted_row,
)
"""What is said of one rule."""

FILE_CHECKS: Final[tuple[Callable[[Sequence[RuleFacts]], None], ...]] = (check_transitions, check_list_fields)
"""What is said of a rule with the other rules of its file in view."""


def advise(facts: RuleFacts, now: datetime) -> None:
    """Advice about one rule."""
    for check in RULE_CHECKS:
        check(facts)
    valid = facts.valid
    if valid is not None and valid.until is not None and valid.until <= now:
        said = f"`valid` of the rule {facts.name} ended on {valid.until:%Y-%m-%d}"
        facts.report.add(facts.valid_at, "expired", said)


def advise_file(rules: Sequence[RuleFacts]) -> None:
    """Advice about the rules of one file."""
    for check in FILE_CHECKS:
        check(rules)
