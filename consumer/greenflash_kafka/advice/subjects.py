"""Advice about events that Greenflash can relate to nobody."""

from __future__ import annotations

from typing import Final

from greenflash_kafka.mappings.rule_facts import RuleFacts

_SUBJECTS: Final = (
    "user_id",
    "external_user_id",
    "organization_id",
    "external_organization_id",
    "conversation_id",
    "external_conversation_id",
)


def check_subject(facts: RuleFacts) -> None:
    """Warn of a rule whose event names no user, organization or conversation, once nothing is wrong with the file."""
    written = facts.merged.single.keys() | facts.merged.failed
    if written.isdisjoint(_SUBJECTS) and not facts.linked and not facts.report.failed:
        said = f"the event of {facts.name} has no user, organization or conversation, so it can be related to nobody"
        facts.report.add(facts.event_at, "no-subject", said, "add external_user_id: = payload.<the user's id>")
