"""`expect:` in all its forms: events, problems, nothing, or good and bad together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec

from greenflash_kafka.cases.case import CaseRow, ExpectedEvent, ExpectedProblem
from greenflash_kafka.cases.case_rows import ROWS, expected_rows
from greenflash_kafka.cases.expect_words import EXPECT_FORMS, ExpectMapType, expected_form
from greenflash_kafka.cases.mapping_facts import MappingFacts
from greenflash_kafka.cases.payload_changes import BadPath, Steps, parse, remove_at, set_at
from greenflash_kafka.cases.told import ACTIVITIES, expected_activities
from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import (
    Key,
    ListType,
    MapType,
    RecordType,
    Schema,
    SchemaType,
    Values,
    wrong,
)
from greenflash_kafka.documents.value_types import AnyTextType, FormsType, InstantType, IntegerType, Json, JsonType
from greenflash_kafka.documents.yaml_nodes import Entry, Map, Node, Scalar, UnreadableNode, place
from greenflash_kafka.model.conversations import Activity
from greenflash_kafka.model.event import FIELD, FIELDS, Field
from greenflash_kafka.model.problem import CODES
from greenflash_kafka.model.topic_tables import PREFIX

_FIELDS: Final = tuple(field.name for field in FIELDS)
_OTHER_PARTS: Final = ("where", "each", "let", "valid", "id", "greenflash_id", "at", "keys", "key", "fields", "deleted")
"""Parts of rules, conversations and tables, beside an event's fields, in which something may be wrong."""


def _value_type(field: Field) -> SchemaType:
    """A field's value as `model.event.Event` holds it."""
    match field.kind:
        case "time":
            return InstantType(field.name)
        case "text" | "uuid" | "enum":
            return AnyTextType("a text, as it is sent,")
        case "object":
            return MapType(JsonType(), "a map of names to values", names=None)
    return JsonType()


_VALUES: Final = {field.name: _value_type(field) for field in FIELDS}
_UNSET: Final = ListType(AnyTextType("a path"), "a list of paths")
_NAMED: Final = 2
"""Steps that name a property: `properties` and its name."""


class _Part(NamedTuple):
    """A field or a property: its name as written, the steps to it, and its value."""

    key: Scalar
    steps: Steps
    value: object


class EventPart(NamedTuple):
    """Fields and properties, and the steps to what is taken away from the event above."""

    values: tuple[_Part, ...] = ()
    unset: tuple[Steps, ...] = ()


@dataclass(frozen=True, slots=True)
class EventPartType:
    """An expected event, or the part of it that differs from the file's."""

    words: str = "a map of an event's fields (`{}` is the one above)"

    def read(self, node: Node, report: FileReport) -> EventPart | None:
        """What could be read of it."""
        if not isinstance(node, Map):
            wrong(node, report, self.words)
            return None
        values = [value for entry in node.entries if (value := _field(entry, report)) is not None]
        unset = node.get("unset")
        paths = (_UNSET.read(unset, report) if unset is not None else None) or []
        removed = [steps for path in paths if isinstance(path, Scalar) and (steps := _removed(path, report))]
        return EventPart(tuple(values), tuple(removed))

    def schema(self) -> Schema:
        """An object of fields and of paths below `properties`."""
        helps = {field.name: {"description": field.help, **_VALUES[field.name].schema()} for field in FIELDS}
        return {
            "type": "object",
            "properties": {**helps, "unset": {"description": "Fields that it hasn't.", **_UNSET.schema()}},
            "patternProperties": {r"^(payload\.)?properties[.\[]": {}},
            "additionalProperties": False,
        }


def _field(entry: Entry, report: FileReport) -> _Part | None:
    """A field or a property, and its value; None for `unset`, and after a mistake."""
    name, node = entry.key.text, entry.value
    if name == "unset":
        return None
    if name in FIELD:
        if isinstance(node, Scalar) and node.value is None:
            report.add(place(node), "bad-literal", f"`{name}: null` says nothing", f"write `unset: [{name}]`")
            return None
        if name == "properties" and isinstance(node, Map):
            for each in node.entries:
                _refuse_null(each.value, f"properties.{each.key.text}", report)
        value = _VALUES[name].read(node, report)
        return None if value is None else _Part(entry.key, (name,), _plain(value))
    try:
        steps = parse(name)
    except BadPath:
        steps = ()
    if steps[:1] != ("properties",) or len(steps) == 1:
        _no_field(entry.key, report)
        return None
    if len(steps) == _NAMED and _refuse_null(node, name, report):
        return None
    data = JsonType().read(node, report)
    return None if data is None else _Part(entry.key, steps, data.value)


def _refuse_null(node: Node, name: str, report: FileReport) -> bool:
    """Refuse a property that is expected to be null; True if it is."""
    null = isinstance(node, Scalar) and node.value is None
    if null:
        said = "a property without a value is left out of the event, and never null"
        report.add(place(node), "bad-literal", said, f"write unset: [{name}]")
    return null


def _no_field(key: Scalar, report: FileReport) -> None:
    hint = did_you_mean(key.text, (*_FIELDS, "unset")) or f"a property is written properties.{key.text}: ..."
    report.add(place(key), "unknown-key", f"`{key.text}` is not a field of an event", hint)


def _plain(value: object) -> object:
    """What a type read, without what only findings need."""
    if isinstance(value, Scalar | Json):
        return value.value
    return {name: _plain(each) for name, (_, each) in value.items()} if isinstance(value, dict) else value


def _removed(path: Scalar, report: FileReport) -> Steps | None:
    try:
        steps = parse(path.text)
    except BadPath as error:
        report.add(place(path), "bad-path", f"`{path.text}`: {error}", error.hint)
        return None
    if steps[0] in FIELD and (len(steps) == 1 or steps[0] == "properties"):
        return steps
    hint = did_you_mean(str(steps[0]), _FIELDS) or f"a property is written properties.{path.text}"
    report.add(place(path), "unknown-name", f"`{path.text}` is not a field of an event", hint)
    return None


@dataclass(frozen=True, slots=True)
class CodeType:
    """The code of a problem."""

    words: str = "a code"

    def read(self, node: Node, report: FileReport) -> str | None:
        """The code."""
        code = AnyTextType(self.words).read(node, report)
        if code is None or code.text in CODES:
            return None if code is None else code.text
        hint = did_you_mean(code.text, CODES) or f"one of {', '.join(CODES)}"
        report.add(place(node), "unknown-name", f"`{code.text}` is not a code of a problem", hint)
        return None

    def schema(self) -> Schema:
        """An enum."""
        return {"enum": list(CODES)}


@dataclass(frozen=True, slots=True)
class FieldNameType:
    """The part of a rule or conversation in which a problem is."""

    words: str = "a field's name"

    def read(self, node: Node, report: FileReport) -> Scalar | None:
        """The scalar; a name that isn't known is a finding, and stays."""
        name = AnyTextType(self.words).read(node, report)
        first = name.text.split(".")[0] if name is not None else ""
        if name is not None and first not in FIELD and first not in _OTHER_PARTS:
            hint = did_you_mean(first, (*_FIELDS, "where", "each"))
            report.add(place(node), "unknown-name", f"`{name.text}` is not a field of an event", hint)
        return name

    def schema(self) -> Schema:
        """A string."""
        return {"type": "string"}


_WHERE: Final = (
    Key("rule", AnyTextType(), "The rule's name."),
    Key("item", IntegerType(), "The item's place in `each`, from 0."),
    Key("field", FieldNameType(), "The field's name, or the part of the rule."),
)
PROBLEM: Final = RecordType("a problem", (Key("code", CodeType(), "The problem's code.", True), *_WHERE), listed=True)
"""A problem. What isn't written isn't compared."""


_PROBLEMS: Final = ListType(FormsType("a code or a problem", CodeType(), map=PROBLEM), "a list of problems")
_EVENTS: Final = ListType(EventPartType(), "a list of events")

EXPECT_MAP: Final = RecordType(
    "`expect`",
    (
        Key("events", _EVENTS, "The events, all of them and in order."),
        Key(
            "invalid",
            FormsType("a code, or a list of problems", CodeType(), list=_PROBLEMS),
            "What is wrong with the message: one code, or a list of codes and problems.",
        ),
        *_WHERE,
        Key("conversations", ACTIVITIES, "The activities that the message gives, in any order."),
        Key("rows", ROWS, "The rows that the message gives tables from topics, in any order."),
    ),
    some=("events", "invalid", "conversations", "rows"),
    listed=True,
)


@dataclass(frozen=True, slots=True)
class NothingType:
    """The word `nothing`."""

    words: str = EXPECT_FORMS

    def read(self, node: Node, report: FileReport) -> str | None:
        """The word."""
        if isinstance(node, Scalar) and node.value == "nothing":
            return node.text
        if not isinstance(node, UnreadableNode):
            hint = expected_form(node.text) if isinstance(node, Scalar) else ""
            report.add(place(node), "bad-literal", f"`expect` is {self.words}", hint)
        return None

    def schema(self) -> Schema:
        """The constant."""
        return {"const": "nothing"}


EXPECT: Final = FormsType(EXPECT_FORMS, NothingType(), list=_EVENTS, map=ExpectMapType(EXPECT_MAP))
"""`nothing`, a list of `EventPart`, or the `Values` of a map."""


class Expected(msgspec.Struct, frozen=True):
    """What must come of a message. `activities` and `rows` None: those that it gives aren't compared."""

    events: tuple[ExpectedEvent, ...] = ()
    invalid: tuple[ExpectedProblem, ...] = ()
    activities: tuple[Activity, ...] | None = None
    rows: tuple[CaseRow, ...] | None = None


def expectation(expect: object, base: object, facts: MappingFacts, report: FileReport) -> Expected:
    """What must come of a message, by what `expect` says; `base` is the file's `event`, `facts` are the mapping's."""
    if expect == "nothing":
        return Expected(activities=(), rows=())
    if not isinstance(expect, Values):
        return Expected(_events(expect, base, report))
    activities, invalid, rows = expect.get("conversations"), expect.get("invalid"), expect.get("rows")
    problems = invalid if isinstance(invalid, list) else [] if invalid is None else [expect]
    return Expected(
        _events(expect.get("events"), base, report),
        tuple(_problem(each, facts, report) for each in problems),
        expected_activities(activities, facts.sources, report) if isinstance(activities, list) else None,
        expected_rows(rows, facts.tables, report) if isinstance(rows, list) else None,
    )


def base_fields(base: object, report: FileReport) -> Mapping[str, object]:
    """The fields of the file's `event`."""
    return _event((base,), report).fields


def _events(parts: object, base: object, report: FileReport) -> tuple[ExpectedEvent, ...]:
    return tuple(_event((base, part), report) for part in parts) if isinstance(parts, list) else ()


def _event(parts: tuple[object, ...], report: FileReport) -> ExpectedEvent:
    fields: Any = {}
    absent: dict[Steps, None] = {}
    for part in (each for each in parts if isinstance(each, EventPart)):
        for key, steps, value in part.values:
            try:
                fields = set_at(fields, steps, _merged(fields, steps, value))
            except BadPath:
                _no_field(key, report)
            absent.pop(steps[:2], None)
        for steps in part.unset:
            fields = remove_at(fields, steps)
            if len(steps) <= _NAMED:
                absent[steps] = None
    from_record = fields.get("insert_id") == "record"
    names = frozenset(".".join(map(str, steps)) for steps in absent)
    return ExpectedEvent({name: fields[name] for name in _FIELDS if name in fields}, from_record, names)


def _merged(fields: Any, steps: Steps, value: object) -> object:
    """The value to set: properties are merged by their names with those of the event above, as with `defaults` in
    rules; `{}` takes them all away."""
    above = fields.get("properties")
    if steps != ("properties",) or not value or not isinstance(value, dict) or not isinstance(above, dict):
        return value
    return {**above, **value}


def _problem(written: object, facts: MappingFacts, report: FileReport) -> ExpectedProblem:
    if not isinstance(written, Values):
        return ExpectedProblem(str(written))
    rule, item, field = written.get("rule"), written.get("item"), written.get("field")
    table = isinstance(rule, Scalar) and rule.text.removeprefix(PREFIX) in facts.tables
    if isinstance(rule, Scalar) and facts.rules is not None and rule.text not in facts.rules and not table:
        hint = did_you_mean(rule.text, facts.rules)
        report.add(place(rule), "unknown-name", f"the mapping has no rule `{rule.text}`", hint)
    return ExpectedProblem(
        str(written.get("code") or written.get("invalid")),
        rule.text if isinstance(rule, Scalar) else None,
        item if isinstance(item, int) else None,
        field.text if isinstance(field, Scalar) else None,
    )
