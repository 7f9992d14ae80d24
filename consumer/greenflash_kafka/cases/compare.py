"""Comparison of expected and actual results, and a diff of their differences."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from greenflash_kafka.cases.case import Case, CaseRow, ExpectedEvent, ExpectedProblem
from greenflash_kafka.model.activities import NO_ACTIVITIES, Activities
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.conversations import Activity
from greenflash_kafka.model.event import FIELDS, Event
from greenflash_kafka.model.insert_id import of_message
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.model.problem import Problem

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number", order="sorted")


def difference(
    case: Case,
    outcome: Outcome,
    context: EvaluationContext,
    activities: Activities = NO_ACTIVITIES,
    rows: Sequence[CaseRow] = (),
) -> str:
    """A unified diff of what was expected and what came, "" when they are the same.

    Events are compared in order, whole in an exact case, else by the fields and properties that the case names;
    instants as instants, numbers as numbers; activities and rows whole and in any order; problems in any order, and
    only by what the case writes.
    """
    pairs = list(_paired(case.events, outcome.events))
    expected = [
        [*_lines(_expected_fields(each, event, case.message, context)), *_link_lines(case, case.link)]
        for each, event in pairs
        if each is not None
    ]
    got = [
        [*_lines(_compared(event, each, exact=case.exact)), *_link_lines(case, result(event))]
        for each, event in pairs
        if event is not None
    ]
    left, right = _numbered(expected), _numbered(got)
    if case.activities is not None:
        left, right = left + _activities(case.activities), right + _activities(activities.found)
    if case.rows is not None:
        left, right = left + _rows(case.rows), right + _rows(rows)
    # A message that is neither outcome nor conversation is undecodable for both.
    problems = tuple(dict.fromkeys((*outcome.problems, *activities.problems)))
    wanted, met = _problems(case.invalid, problems)
    left, right = left + wanted, right + met
    if left == right:
        return ""
    left, right = left or ["nothing"], right or ["nothing"]
    # No headers and all of the context: an event is short, and is read best as a whole.
    diff = difflib.unified_diff(left, right, "expected", "got", lineterm="", n=1000)
    return "\n".join(line for line in diff if not line.startswith("@@"))


def _paired(
    expected: Sequence[ExpectedEvent], got: Sequence[Event]
) -> Iterator[tuple[ExpectedEvent | None, Event | None]]:
    for index in range(max(len(expected), len(got))):
        yield expected[index] if index < len(expected) else None, got[index] if index < len(got) else None


def _expected_fields(
    expected: ExpectedEvent, got: Event | None, message: Message, context: EvaluationContext
) -> Mapping[str, object]:
    if not expected.from_record or got is None:
        return expected.fields
    return {**expected.fields, "insert_id": record_id(got, message, context)}


def _compared(event: Event, expected: ExpectedEvent | None, *, exact: bool) -> Mapping[str, object]:
    """The fields of an event that the case looks at; of one that isn't expected all."""
    if expected is None:
        return event.fields
    if exact:
        follows = "value_type" not in expected.fields and "value_type" not in expected.absent
        return {name: value for name, value in event.fields.items() if not (follows and name == "value_type")}
    looked: dict[str, object] = {}
    for name, value in event.fields.items():
        named = expected.fields.get(name)
        if name == "properties" and "properties" not in expected.absent and isinstance(value, Mapping) and named != {}:
            wanted = named if isinstance(named, Mapping) else {}
            looked[name] = {
                each: value[each] for each in value if each in wanted or f"properties.{each}" in expected.absent
            }
        elif name in expected.fields or name in expected.absent:
            looked[name] = value
    return looked


def record_id(event: Event, message: Message, context: EvaluationContext) -> str:
    """The id that this event has when its rule has no `insert_id`."""
    return of_message(event.rule, message, context, event.item)


def result(event: Event) -> str:
    """The result of linking the event, in one word."""
    return "not asked" if event.link is None else event.link.result


def _link_lines(case: Case, result: str | None) -> list[str]:
    return [] if case.link is None else [f"  link: {result}"]


def _activities(activities: Sequence[Activity]) -> list[str]:
    """One line an activity, in an order of its own: the order in which they are told decides nothing."""
    lines = []
    for each in activities:
        keys = ", ".join(f"{name}: {shown(value)}" for name, value in sorted(each.keys))
        at = shown(_EPOCH + timedelta(milliseconds=each.at))
        lines.append(f"conversation: {each.rule}, id: {shown(each.conversation)}, {keys}, at: {at}")
    return sorted(lines)


def _rows(rows: Sequence[CaseRow]) -> list[str]:
    lines = []
    for each in rows:
        fields = "deleted" if each.fields is None else f"fields: {shown(each.fields)}"
        lines.append(f"row: {each.table}, key: {shown(each.key)}, {fields}")
    return sorted(lines)


def _numbered(events: Sequence[list[str]]) -> list[str]:
    return [line for number, lines in enumerate(events, 1) for line in [f"event {number}:", *lines]]


def _lines(fields: Mapping[str, object]) -> list[str]:
    """One line a field, in the order of the API's page; properties one line each, by name."""
    lines: list[str] = []
    for field in FIELDS:
        value = fields.get(field.name)
        if value is None or value == {}:
            continue
        if field.kind == "object" and isinstance(value, Mapping):
            lines += [f"  properties.{name}: {shown(value[name])}" for name in sorted(value)]
        else:
            lines.append(f"  {field.name}: {shown(value)}")
    return lines


def shown(value: object) -> str:
    """A value as JSON in one canonical way, in one canonical form: 5.0 is 5, 12:00+01:00 is 11:00Z."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return _ENCODER.encode(_canonical(value)).decode()


def _canonical(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(name): _canonical(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(each) for each in value]
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, datetime):
        return shown(value)
    if isinstance(value, bool) or value is None or isinstance(value, int):
        return value
    text = format(value, "f")  # Decimal: every other kind of value is gone by now
    short = text.rstrip("0").removesuffix(".") if "." in text else text
    return msgspec.Raw(("0" if short == "-0" else short).encode())


def _problems(expected: Sequence[ExpectedProblem], got: Sequence[Problem]) -> tuple[list[str], list[str]]:
    """Both sides' lines: what matches has the same line on both, whatever the case left unsaid."""
    left, right = [], []
    rest = list(got)
    unmatched = []
    for each in expected:
        match = next((problem for problem in rest if _matches(each, problem)), None)
        if match is None:
            unmatched.append(each)
            continue
        rest.remove(match)
        line = _problem_line(each)
        left.append(line)
        right.append(line)
    left += [_problem_line(each) for each in unmatched]
    right += [f"{_problem_line(each)} ({each.full_text})" for each in rest]
    return left, right


def _matches(expected: ExpectedProblem, got: Problem) -> bool:
    wanted = (expected.rule, expected.item, expected.field)
    facts = (got.rule, got.item, got.field)
    return expected.code == got.code and all(one in (None, other) for one, other in zip(wanted, facts, strict=True))


def _problem_line(problem: ExpectedProblem | Problem) -> str:
    facts = [("rule", problem.rule), ("item", problem.item), ("field", problem.field)]
    said = ", ".join(f"{name}: {value}" for name, value in facts if value is not None)
    return f"invalid: {problem.code}" + (f" ({said})" if said else "")
