"""Messages and their outcomes as the parts of a case: what differs from that with which the cases of its file begin."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from greenflash_kafka.cases.case import CaseRow, ToldActivity
from greenflash_kafka.cases.compare import record_id, shown
from greenflash_kafka.decoding.json import DecodeError, decode
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.conversations import Activity
from greenflash_kafka.model.event import FIELDS, Event
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.model.problem import Problem

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def message_map(message: Message, base: Message, file: str | None) -> dict[str, Any]:
    """The parts of `message` that differ from those of `base`, the file's. `file` is where the payload is; None: the
    payload is written out."""
    parts: dict[str, Any] = {}
    if message.topic != base.topic:
        parts["topic"] = message.topic
    if message.key != base.key:
        parts["key"] = None if message.key is None else message.key.decode(errors="replace")
    if message.headers != base.headers:
        parts["headers"] = {name: None if value is None else value.decode() for name, value in message.headers}
    if message.record_ms is not None and message.record_ms != base.record_ms:
        parts["timestamp"] = moment_text(message.record_ms)
    return parts | ({"file": file} if file is not None else _body(message.value))


def moment_text(milliseconds: int) -> str:
    """A time, in milliseconds since 1970, as cases write it."""
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


def told_map(each: ToldActivity) -> dict[str, Any]:
    """A conversation that is known, as cases write it."""
    entry = activity_map(each.activity)
    return entry if each.logged == each.activity.at else {**entry, "arrived": moment_text(each.logged)}


def activity_map(each: Activity) -> dict[str, Any]:
    """An activity as cases and snapshots write it."""
    return {"source": each.rule, "id": each.conversation, **dict(each.keys), "at": moment_text(each.at)}


def row_map(each: CaseRow) -> dict[str, Any]:
    """A row as cases and snapshots write it."""
    said = {"deleted": True} if each.fields is None else {"fields": dict(each.fields)}
    return {"table": each.table, "key": each.key, **said}


def expectation_map(
    message: Message,
    outcome: Outcome,
    context: EvaluationContext,
    activities: Sequence[Activity],
    base: Mapping[str, object],
    rows: Sequence[CaseRow] = (),
) -> Any:
    """What `expect` says; of events what differs from `base`, the fields of the file's `event`."""
    events = [_event(each, message, context, base) for each in outcome.events]
    problems = [problem_map(each) for each in outcome.problems]
    if not problems and not activities and not rows:
        return events or "nothing"
    whole: dict[str, Any] = {"events": events} if events else {}
    if len(problems) == 1 and not events:
        only = dict(problems[0])
        whole = {"invalid": only.pop("code"), **only}
    elif problems:
        whole["invalid"] = problems
    if activities:
        whole["conversations"] = [activity_map(each) for each in activities]
    if rows:
        whole["rows"] = [row_map(each) for each in rows]
    return whole


def _event(event: Event, message: Message, context: EvaluationContext, base: Mapping[str, object]) -> dict[str, Any]:
    fields = {name: value for name, value in event.fields.items() if value is not None and value != {}}
    if event.insert_id == record_id(event, message, context):
        fields["insert_id"] = "record"
    whole: dict[str, Any] = {}
    unset: list[str] = []
    for name in (field.name for field in FIELDS):
        value, above = fields.get(name), base.get(name)
        if value is None:
            unset += [name] if name in base else []
        elif name == "properties" and isinstance(value, Mapping):
            known = above if isinstance(above, Mapping) else {}
            differing = {each: value[each] for each in value if each not in known or _differ(value[each], known[each])}
            whole |= {name: differing} if differing else {}
            unset += [_property(each) for each in known if each not in value]
        elif name != "value_type" or name in base:  # it follows from the value
            whole |= {name: shown(value) if isinstance(value, datetime) else value} if _differ(value, above) else {}
    return whole | ({"unset": unset} if unset else {})


def _differ(one: object, other: object) -> bool:
    return shown(one) != shown(other)


def _property(name: str) -> str:
    return f"properties.{name}" if _NAME.fullmatch(name) else f"properties[{json.dumps(name, ensure_ascii=False)}]"


def problem_map(problem: Problem) -> dict[str, Any]:
    """A problem as cases and snapshots write it."""
    facts = {"code": problem.code, "rule": problem.rule, "item": problem.item, "field": problem.field}
    return {name: value for name, value in facts.items() if value is not None}
