"""A message and its outcome written as a case, ready to be pasted under `cases:`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from greenflash_kafka.cases.compare import record_id, shown
from greenflash_kafka.decoding.json import DecodeError, decode
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.event import FIELDS, Event
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules.yaml_scalars import resolve

_PLAIN: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_./$@+-]*(?: [A-Za-z0-9_./$@+-]+)*")


def as_case(message: Message, outcome: Outcome, context: EvaluationContext, name: str) -> str:
    """The case as YAML: the whole message, and exactly what came of it."""
    parts: dict[str, Any] = {"topic": message.topic}
    if message.key is not None:
        parts["key"] = message.key.decode(errors="replace")
    if message.headers:
        parts["headers"] = {name: None if value is None else value.decode() for name, value in message.headers}
    ms = message.record_ms
    if ms is not None:
        parts["timestamp"] = _time(ms)
    parts |= _body(message.value)
    whole = {"name": name, "message": parts, "expect": _expectation(message, outcome, context)}
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


def _expectation(message: Message, outcome: Outcome, context: EvaluationContext) -> Any:
    events = [_event(each, message, context) for each in outcome.events]
    problems = [_problem(each) for each in outcome.problems]
    if not problems:
        return events or "nothing"
    if events or len(problems) > 1:
        return {"events": events, "invalid": problems} if events else {"invalid": problems}
    only = dict(problems[0])
    return {"invalid": only.pop("code"), **only}


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
