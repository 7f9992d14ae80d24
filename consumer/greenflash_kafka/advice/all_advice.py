"""The table of advice about rules that would work: of each rule, of the rules of a file, and of all files together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from greenflash_kafka.advice.collisions import warn_of_collisions
from greenflash_kafka.advice.deleted_rows import check_deleted_row
from greenflash_kafka.advice.envelope_paths import check_envelope_paths
from greenflash_kafka.advice.event_type_names import check_event_types
from greenflash_kafka.advice.list_fields import check_list_fields
from greenflash_kafka.advice.money_and_influence import check_fields
from greenflash_kafka.advice.subjects import check_subject
from greenflash_kafka.advice.transition_advice import check_transitions
from greenflash_kafka.advice.value_texts import check_value
from greenflash_kafka.advice.weak_ids import check_insert_id
from greenflash_kafka.advice.when_literals import check_when
from greenflash_kafka.mappings.files import share_topic
from greenflash_kafka.mappings.mapping import Understood
from greenflash_kafka.mappings.rule_facts import RuleFacts

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


def advise(files: Sequence[Understood], *, planned: bool, now: datetime | None = None) -> None:
    """Say in each file's report what would work, and is probably not meant. `planned`: there is a tracking plan, which
    has the names of event types. `now`: the time at which a rule's `valid` is over; the clock's if None."""
    for place, file in enumerate(files):
        for when in file.whens:
            check_when(when, file.report)
        for facts in file.facts:
            if facts.has_event:
                _advise(facts, now or datetime.now(UTC))
        for check in FILE_CHECKS:
            check(file.facts)
        others = [other for other in files[:place] if share_topic(file, other)]
        warn_of_collisions(file.facts, [facts for other in others for facts in other.facts])
    if not planned:
        check_event_types([facts for file in files for facts in file.facts])


def _advise(facts: RuleFacts, now: datetime) -> None:
    for check in RULE_CHECKS:
        check(facts)
    valid = facts.valid
    if valid is not None and valid.until is not None and valid.until <= now:
        said = f"`valid` of the rule {facts.name} ended on {valid.until:%Y-%m-%d}"
        facts.report.add(facts.valid_at, "expired", said)
