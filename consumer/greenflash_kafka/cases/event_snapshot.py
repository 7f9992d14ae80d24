"""Snapshots: what the rules make of a sample, as text that is kept beside it and compared line by line."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from greenflash_kafka.cases.case import CaseRow
from greenflash_kafka.cases.cases_context import CONTEXT
from greenflash_kafka.cases.compare import record_id, shown
from greenflash_kafka.cases.write import activity_map, problem_map, row_map
from greenflash_kafka.cases.yaml_text import block
from greenflash_kafka.model.activities import Activities
from greenflash_kafka.model.event import FIELDS, Event
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Count, Outcome
from greenflash_kafka.rules.results import Explanation

ENDING: Final = ".events.yaml"
"""`paid.events.yaml` is the snapshot of `paid.json`."""

BEGIN: Final = "# Written by `greenflash-kafka test --update`: review its changes, don't edit it.\n"


def snapshot_text(
    message: Message,
    outcome: Outcome,
    activities: Activities,
    explanations: Sequence[Explanation],
    rows: Sequence[CaseRow] = (),
) -> str:
    """The snapshot: the outcome, the rules that matched, the events with their fields as they are sent, the activities
    of conversations, the rows of tables, the problems, and the fields that were left out."""
    problems = list(dict.fromkeys((*outcome.problems, *activities.problems)))
    alone = not outcome.events
    told = "conversation" if activities.found and alone else "row" if rows and alone else outcome.status
    status = "invalid" if problems else told
    whole: dict[str, Any] = {"outcome": status}
    matched = dict.fromkeys(each.rule for each in explanations if each.result != "failed")
    parts = {
        "matched": list(matched),
        "events": [_event(each, message) for each in outcome.events],
        "conversations": [activity_map(each) for each in activities.found],
        "rows": [row_map(each) for each in rows],
        "problems": [problem_map(each) for each in problems],
        "left_out": [_left_out(each) for each in outcome.counts],
    }
    whole |= {name: part for name, part in parts.items() if part}
    return BEGIN + "\n".join(block(whole, 0)) + "\n"


def snapshot_difference(expected: str, got: str) -> str:
    """A diff of two snapshots, "" when they say the same."""
    left, right = (text.removeprefix(BEGIN).splitlines() for text in (expected.replace("\r\n", "\n"), got))
    diff = difflib.unified_diff(left, right, "snapshot", "got", lineterm="", n=1000)
    return "\n".join(line for line in diff if not line.startswith("@@"))


def _event(event: Event, message: Message) -> dict[str, Any]:
    fields = event.fields
    whole: dict[str, Any] = {"rule": event.rule}
    if event.item is not None:
        whole["item"] = event.item
    sent = {field.wire: _value(fields[field.name]) for field in FIELDS if fields.get(field.name) not in (None, {})}
    if event.insert_id == record_id(event, message, CONTEXT):
        sent["insertId"] = "(made from the record's place)"
    return {**whole, "sent": sent}


def _value(value: object) -> object:
    if isinstance(value, dict):
        return {name: value[name] for name in sorted(value)}
    return shown(value) if isinstance(value, datetime) else value


def _left_out(count: Count) -> dict[str, Any]:
    facts = {"rule": count.rule, "field": count.field, "code": count.code}
    return {name: value for name, value in facts.items() if value is not None}
