"""The keys of a tracking plan (`events.yaml`): lint, the page and the editors' schema are made from them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import (
    BooleanType,
    ChoiceType,
    Key,
    MapType,
    RecordType,
    Schema,
    VersionType,
    wrong,
)
from greenflash_kafka.documents.value_types import AnyTextType, FormsType, InstantType
from greenflash_kafka.documents.yaml_nodes import Map, Node
from greenflash_kafka.mappings.reference import record_lines
from greenflash_kafka.model.event import FIELD


@dataclass(frozen=True, slots=True)
class MapOfPlan:
    """A map, with a hint that shows it where something else stands."""

    of: RecordType | MapType
    hint: str

    @property
    def words(self) -> str:
        """Those of the map."""
        return self.of.words

    def read(self, node: Node, report: FileReport) -> object | None:
        """What the map gives."""
        if isinstance(node, Map):
            return self.of.read(node, report)
        wrong(node, report, f"a map with {self.of.words}", self.hint)
        return None

    def schema(self) -> Schema:
        """That of the map."""
        return self.of.schema()


VALUE_TYPES: Final = {
    "currency": "currency",
    "count": "numeric",
    "number": "numeric",
    "text": "text",
    "boolean": "boolean",
    "none": "text",
}
"""The plan's word for what a value is, and the `value_type` that such an event has."""

PROPERTY_TYPES: Final = ("text", "number", "boolean", "list", "object")

_OTHER_WORDS: Final = {
    **dict.fromkeys(("string", "str", "time", "date"), "write text"),
    **dict.fromkeys(("integer", "int", "float", "decimal", "numeric"), "write number"),
    "bool": "write boolean",
    **dict.fromkeys(("array", "map"), "write list or object"),
}
_VALUES: Final = ChoiceType(
    tuple(VALUE_TYPES),
    {**_OTHER_WORDS, **dict.fromkeys(("money", "amount", "revenue"), "write currency"), "integer": "write count"},
)
_INFLUENCES: Final = ChoiceType(
    FIELD["influence"].choices, {"good": "write positive", "bad": "write negative", "none": "write neutral"}
)

_TEXT: Final = AnyTextType("a text")
_MEANING: Final = "What it means, in a sentence for people who never see the rules."

PROPERTY: Final = RecordType(
    "a property of the plan",
    (
        Key("meaning", _TEXT, _MEANING, True, "The plan that was bought."),
        Key("type", ChoiceType(PROPERTY_TYPES, _OTHER_WORDS), "What its value is; money and times are text."),
        Key("personal", BooleanType(), "true: it says something about a person. The catalog shows it."),
        Key("required", BooleanType(), "true: every rule of this event type must have the property."),
    ),
    {**dict.fromkeys(("description", "help", "doc"), "write meaning"), "pii": "write personal"},
    listed=True,
)

PROPERTIES: Final = MapType(
    FormsType("a meaning, or a map with `meaning`", _TEXT, map=PROPERTY),
    "a map of properties' names to meanings",
    example="{plan: The plan that was bought.}",
    names=None,
)

VALUE: Final = RecordType(
    "a value of the plan",
    (
        Key("type", _VALUES, "What the value is.", True, "currency"),
        Key("unit", _TEXT, "What one is: a currency's code, `tokens`, `days`.", example="EUR"),
        Key("meaning", _TEXT, "What it says."),
    ),
    {**dict.fromkeys(("kind", "value_type"), "write type"), "currency": "write unit"},
    listed=True,
)

DEPRECATED: Final = RecordType(
    "`since`, `use` and `because`",
    (
        Key("since", InstantType("`since`", "a date"), "From when on; a date.", True, "2026-11-01"),
        Key("use", _TEXT, "The event type to use in its place, one of the plan."),
        Key("because", _TEXT, "Why."),
    ),
    {**dict.fromkeys(("reason", "why"), "write because"), **dict.fromkeys(("instead", "replaced_by"), "write use")},
    listed=True,
)

PLANNED_EVENT: Final = RecordType(
    "an event type of the plan",
    (
        Key("meaning", _TEXT, _MEANING, True, "A customer pays for more than before."),
        Key("owner", _TEXT, "The person or team to ask.", example="billing team"),
        Key("influence", _INFLUENCES, "The influence that all its events must have."),
        Key(
            "value",
            FormsType("one of its types, or a map with `type`", _VALUES, map=VALUE),
            "What the value must be: `currency`; `count` of something; another `number`; `text`; `boolean`; `none` for "
            "a fixed word that measures nothing.",
            example="{type: count, unit: tokens}",
        ),
        Key(
            "properties",
            PROPERTIES,
            "All properties that its events may have, beside those of the whole plan. A rule with another is an error: "
            "what isn't named may not leave the house.",
            example="{plan: The plan that was bought.}",
        ),
        Key(
            "deprecated",
            MapOfPlan(DEPRECATED, "e.g. deprecated: {since: 2026-11-01, use: order_paid}"),
            "It is no longer to be used: rules with it get a warning.",
        ),
    ),
    {
        **dict.fromkeys(("description", "help"), "write meaning"),
        **dict.fromkeys(("team", "contact"), "write owner"),
        **dict.fromkeys(("value_type", "unit"), "it belongs under `value`: {type: count, unit: tokens}"),
        "closed": "`closed` belongs to the plan, beside `events`",
    },
    listed=True,
)

PLAN_FILE: Final = RecordType(
    "a tracking plan",
    (
        Key("version", VersionType(), "The version of this form.", True, "1"),
        Key("closed", BooleanType(), "true: an event type that isn't planned is an error, not a warning."),
        Key("properties", PROPERTIES, "Properties that events of every type may have."),
        Key(
            "events",
            MapOfPlan(
                MapType(PLANNED_EVENT, "event types", names=None),
                "e.g. events: {order_paid: {meaning: An order was paid.}}",
            ),
            "The event types, by name.",
            True,
            "{order_paid: {meaning: An order was paid.}}",
        ),
    ),
    {
        **dict.fromkeys(("event_types", "types"), "write events"),
        "strict": "write closed",
        "defaults": "write `properties` for those that events of every type may have",
    },
    listed=True,
)


def plan_lines() -> Iterator[str]:
    """Every key of a tracking plan, as Markdown."""
    yield "The plan is a file `events.yaml` in the folder of the mapping files. It says what each event type means,"
    yield "and `lint`, `run`, `try` and `doctor` hold the rules to it. `greenflash-kafka catalog` writes it together"
    yield "with the rules, for people who never see YAML."
    yield ""
    for title, record in (
        ("The file", PLAN_FILE),
        ("An event type", PLANNED_EVENT),
        ("`value`, as a map", VALUE),
        ("A property, as a map", PROPERTY),
        ("`deprecated`", DEPRECATED),
    ):
        yield from record_lines(title, record)


def plan_schema_text() -> str:
    """JSON schema (draft 2020-12) of a tracking plan, as the text of `mappings/events.schema.json`."""
    schema: Schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A tracking plan of greenflash-kafka",
        **PLAN_FILE.schema(),
    }
    return json.dumps(schema, indent=2) + "\n"
