"""`checks:` of a cases file: what must be true of every event of its cases and of the samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from greenflash_kafka.cases.case import EventCheck, Kind
from greenflash_kafka.cases.compare import shown
from greenflash_kafka.cases.observed import Observed
from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import Key, ListType, MapType, RecordType, Schema, Values
from greenflash_kafka.documents.value_types import AnyTextType, FormsType, Json, JsonType
from greenflash_kafka.documents.yaml_nodes import Node, Scalar, beginning, place
from greenflash_kafka.model.event import FIELD, FIELDS

SHOWN: Final = 5
"""So many events are named when a check fails."""

_PROPERTY: Final = "properties."


@dataclass(frozen=True, slots=True)
class EventFieldType:
    """The name of an event's field, or `properties.x`."""

    words: str = "a field of an event"

    def read(self, node: Node, report: FileReport) -> Scalar | None:
        """The scalar."""
        name = AnyTextType(self.words).read(node, report)
        if name is not None and not _is_field(name.text):
            _no_field(name, report)
            return None
        return name

    def schema(self) -> Schema:
        """A field's name or a path of properties."""
        names = [field.name for field in FIELDS]
        return {"anyOf": [{"enum": names}, {"type": "string", "pattern": "^properties[.]."}]}


_FIELD: Final = EventFieldType()
_ONE_OR_MORE: Final = FormsType(
    "a field of an event, or a list of them", _FIELD, list=ListType(_FIELD, "a list of fields")
)
_ALLOWED: Final = MapType(
    ListType(JsonType(), "a list of values"), "a map of fields to lists", example="event_type: [a, b]", names=None
)

CHECK: Final = RecordType(
    "a check",
    (
        Key("unique", _ONE_OR_MORE, "No two events of a message, no two samples have the same.", False, "insert_id"),
        Key("not_null", _ONE_OR_MORE, "Every event has it."),
        Key("one_of", _ALLOWED, "It is one of these, where an event has it."),
        Key("rules", ListType(AnyTextType("a rule's name"), "a list of rules"), "Of the events of these rules alone."),
    ),
    some=("unique", "not_null", "one_of"),
    listed=True,
)


def _is_field(name: str) -> bool:
    return name in FIELD or (name.startswith(_PROPERTY) and len(name) > len(_PROPERTY))


def _no_field(name: Scalar, report: FileReport) -> None:
    hint = did_you_mean(name.text, FIELD) or "a field of an event, or properties.<name>"
    report.add(place(name), "unknown-name", f"`{name.text}` is not a field of an event", hint)


def event_checks(written: object, rules: frozenset[str] | None, report: FileReport) -> tuple[EventCheck, ...]:
    """The checks of a file. `rules` are the names of its mapping's rules; None: they aren't known."""
    checks = written if isinstance(written, list) else []
    return tuple(check for each in checks if isinstance(each, Values) for check in _checks(each, rules, report))


def _checks(values: Values, rules: frozenset[str] | None, report: FileReport) -> Iterator[EventCheck]:
    names = [each for each in _scalars(values.get("rules")) if _known(each, rules, report)]
    only = frozenset(each.text for each in names)
    kinds: tuple[Kind, ...] = ("unique", "not_null")
    for kind in kinds:
        fields = values.get(kind)
        for field in [fields] if isinstance(fields, Scalar) else _scalars(fields):
            yield EventCheck(kind, field.text, beginning(values.node), only)
    allowed = values.get("one_of")
    for name, (key, options) in allowed.items() if isinstance(allowed, dict) else ():
        if not _is_field(name):
            _no_field(key, report)
            continue
        texts = tuple(shown(each.value) for each in options if isinstance(each, Json))
        yield EventCheck("one_of", name, beginning(values.node), only, texts)


def _known(name: Scalar, rules: frozenset[str] | None, report: FileReport) -> bool:
    if rules is None or name.text in rules:
        return True
    report.add(place(name), "unknown-name", f"the mapping has no rule `{name.text}`", did_you_mean(name.text, rules))
    return False


def _scalars(values: object) -> list[Scalar]:
    return [each for each in values if isinstance(each, Scalar)] if isinstance(values, list) else []


def failures(check: EventCheck, observed: Iterable[Observed], rules: frozenset[str]) -> str:
    """The events for which a check isn't true, one a line; "" if there are none. `rules` are those of the file."""
    wanted = check.rules or rules
    found: list[str] = []
    samples: dict[str, str] = {}
    for message in observed:
        seen = dict(samples)
        for event in message.events:
            if event.rule in wanted:
                value = _value(event.fields, check.field)
                said = _wrong(check, value, seen)
                if said:
                    found.append(f"{message.who}: event of {event.rule}: {said}")
                elif value is not None:
                    seen[shown(value)] = message.who
        if message.sample:
            samples = seen
    more = [f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    return "\n".join([*found[:SHOWN], *more])


def _wrong(check: EventCheck, value: object, seen: Mapping[str, str]) -> str:
    if value is None:
        return f"it has no `{check.field}`" if check.kind == "not_null" else ""
    text = shown(value)
    if check.kind == "unique" and text in seen:
        return f"`{check.field}` is {text}, as of an event of {seen[text]}"
    if check.kind == "one_of" and text not in check.allowed:
        return f"`{check.field}` is {text}, none of {', '.join(check.allowed)}"
    return ""


def _value(fields: Mapping[str, object], name: str) -> object:
    if not name.startswith(_PROPERTY):
        return fields.get(name)
    properties = fields.get("properties")
    return properties.get(name.removeprefix(_PROPERTY)) if isinstance(properties, Mapping) else None
