"""A message and its outcome written as a case, ready to be pasted under `cases:`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from greenflash_kafka.cases.case import ToldActivity
from greenflash_kafka.cases.compare import record_id, shown
from greenflash_kafka.decoding.json import DecodeError, decode
from greenflash_kafka.documents.yaml_scalars import resolve
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.conversations import Activity
from greenflash_kafka.model.event import FIELDS, Event
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.model.problem import Problem

_PLAIN: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_./$@+-]*(?: [A-Za-z0-9_./$@+-]+)*")


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
    return "\n".join(_block([whole], 2))


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
    entry = _activity(each.activity)
    return entry if each.logged == each.activity.at else {**entry, "arrived": _time(each.logged)}


def _activity(each: Activity) -> dict[str, Any]:
    return {"source": each.rule, "id": each.conversation, **dict(each.keys), "at": _time(each.at)}


def _expectation(message: Message, outcome: Outcome, context: EvaluationContext, activities: Sequence[Activity]) -> Any:
    events = [_event(each, message, context) for each in outcome.events]
    problems = [_problem(each) for each in outcome.problems]
    if not problems and not activities:
        return events or "nothing"
    whole: dict[str, Any] = {"events": events} if events else {}
    if len(problems) == 1 and not events:
        only = dict(problems[0])
        whole = {"invalid": only.pop("code"), **only}
    elif problems:
        whole["invalid"] = problems
    if activities:
        whole["conversations"] = [_activity(each) for each in activities]
    return whole


def _event(event: Event, message: Message, context: EvaluationContext) -> dict[str, Any]:
    fields = {field.name: event.fields[field.name] for field in FIELDS if event.fields.get(field.name) is not None}
    if event.insert_id == record_id(event, message, context):
        fields["insert_id"] = "record"
    return {name: shown(value) if isinstance(value, datetime) else value for name, value in fields.items()}


def _problem(problem: Problem) -> dict[str, Any]:
    facts = {"code": problem.code, "rule": problem.rule, "item": problem.item, "field": problem.field}
    return {name: value for name, value in facts.items() if value is not None}


def _block(value: Any, indent: int) -> list[str]:
    """Block notation; only what has nothing below it is written in one line."""
    blanks = " " * indent
    if isinstance(value, Mapping):
        lines: list[str] = []
        for key, each in value.items():
            lines += _entry(f"{blanks}{_scalar(str(key))}:", each, indent + 2)
        return lines
    lines = []
    for each in value:
        below = (
            _block(each, indent + 2) if isinstance(each, Mapping | list) and each else [f"{blanks}  {_scalar(each)}"]
        )
        lines += [f"{blanks}- {below[0].lstrip()}", *below[1:]]
    return lines


def _entry(start: str, value: Any, indent: int) -> list[str]:
    if isinstance(value, Mapping | list) and value:
        return [start, *_block(value, indent)]
    return [f"{start} {_scalar(value)}"]


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and isinstance(resolve(value), str)
        return str(value) if plain else json.dumps(str(value), ensure_ascii=False)
    if isinstance(value, bool | int | Decimal) or value is None:
        return shown(value)
    return "[]" if isinstance(value, list) else "{}"
