"""A message and its outcome written as a case, ready to be pasted under `cases:`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from greenflash_kafka.cases.case import ToldActivity
from greenflash_kafka.cases.compare import record_id, shown
from greenflash_kafka.cases.yaml_text import block
from greenflash_kafka.decoding.json import DecodeError, decode
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.conversations import Activity
from greenflash_kafka.model.event import FIELDS, Event
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.model.problem import Problem


def as_case(
    message: Message,
    outcome: Outcome,
    context: EvaluationContext,
    name: str,
    activities: Sequence[Activity] = (),
    told: Sequence[ToldActivity] | None = None,
) -> str:
    """The case as YAML: the whole message, and exactly what came of it. `told`: the conversations that are known to its
    links; None: the file's own."""
    parts: dict[str, Any] = {"topic": message.topic}
    if message.key is not None:
        parts["key"] = message.key.decode(errors="replace")
    if message.headers:
        parts["headers"] = {name: None if value is None else value.decode() for name, value in message.headers}
    ms = message.record_ms
    if ms is not None:
        parts["timestamp"] = _time(ms)
    parts |= _body(message.value)
    whole: dict[str, Any] = {"name": name}
    if told is not None:
        whole["conversations"] = [_told(each) for each in told]
    whole |= {"message": parts, "expect": _expectation(message, outcome, context, activities)}
    return "\n".join(block([whole], 2))


def _time(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return shown(datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000))


def _body(value: bytes | None) -> dict[str, Any]:
    if value is None:
        return {"payload": None}
    try:
        payload = decode(value)
    except DecodeError:
        return {"raw": value.decode(errors="replace")}
    # `payload: null` is a tombstone, which JSON's null isn't.
    return {"raw": value.decode()} if payload is None else {"payload": payload}


def _told(each: ToldActivity) -> dict[str, Any]:
    entry = activity_map(each.activity)
    return entry if each.logged == each.activity.at else {**entry, "arrived": _time(each.logged)}


def activity_map(each: Activity) -> dict[str, Any]:
    """An activity as cases and snapshots write it."""
    return {"source": each.rule, "id": each.conversation, **dict(each.keys), "at": _time(each.at)}


def _expectation(message: Message, outcome: Outcome, context: EvaluationContext, activities: Sequence[Activity]) -> Any:
    events = [_event(each, message, context) for each in outcome.events]
    problems = [problem_map(each) for each in outcome.problems]
    if not problems and not activities:
        return events or "nothing"
    whole: dict[str, Any] = {"events": events} if events else {}
    if len(problems) == 1 and not events:
        only = dict(problems[0])
        whole = {"invalid": only.pop("code"), **only}
    elif problems:
        whole["invalid"] = problems
    if activities:
        whole["conversations"] = [activity_map(each) for each in activities]
    return whole


def _event(event: Event, message: Message, context: EvaluationContext) -> dict[str, Any]:
    fields = {field.name: event.fields[field.name] for field in FIELDS if event.fields.get(field.name) is not None}
    if event.insert_id == record_id(event, message, context):
        fields["insert_id"] = "record"
    return {name: shown(value) if isinstance(value, datetime) else value for name, value in fields.items()}


def problem_map(problem: Problem) -> dict[str, Any]:
    """A problem as cases and snapshots write it."""
    facts = {"code": problem.code, "rule": problem.rule, "item": problem.item, "field": problem.field}
    return {name: value for name, value in facts.items() if value is not None}
