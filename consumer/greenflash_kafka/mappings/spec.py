"""The closed file: every key of a mapping file, once. Lint, the editors' JSON schema and the reference come from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from greenflash_kafka.documents.schema_types import (
    RULE_NAME,
    BooleanType,
    ChoiceType,
    ExpressionType,
    Key,
    ListType,
    MapType,
    RawType,
    RecordType,
    Schema,
    TextType,
    VersionType,
)
from greenflash_kafka.expressions.names import ROOTS
from greenflash_kafka.mappings.key_words import FIELD_WORDS, OTHER_WORDS
from greenflash_kafka.mappings.link_shape import FileLinkType, RuleLinkType
from greenflash_kafka.model.conversations import LONGEST_DELAY_MS
from greenflash_kafka.model.event import FIELD, FIELDS, Field
from greenflash_kafka.model.formats import AUTO, FORMATS
from greenflash_kafka.rules.durations import DurationType
from greenflash_kafka.rules.when_operators.all_operators import OPERATORS
from greenflash_kafka.rules.when_operators.presence import LITERAL

LEAST_AGE_MS: Final = 60_000
LONGEST_AGE_MS: Final = 3650 * 86_400_000
"""Bounds of `source.max_age`, in milliseconds."""

NESTING: Final = ("any", "all", "none")
"""Keys of `when` that hold lists of further conditions."""

_WORDS: Final = frozenset(
    (*ROOTS, *NESTING, *["if", "else", "and", "or", "not", "in", "for", "true", "false", "null", "index", "item"]),
)
WHEN_SCHEMA: Final[Schema] = {
    "type": "object",
    "properties": {name: {"type": "array", "items": {"$ref": "#/$defs/when"}} for name in NESTING},
    "additionalProperties": {
        "oneOf": [
            LITERAL,
            {"type": "array", "items": LITERAL},
            {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": False,
                "properties": {operator.name: operator.json_schema for operator in OPERATORS.values()},
            },
        ]
    },
}
"""`when`, as JSON schema; it refers to itself as `#/$defs/when`."""

_EXPRESSION: Final[Schema] = {"type": "string", "pattern": "^(=|\\$\\{)"}


def field_schema(field: Field) -> Schema:
    """What may stand in an event's field: a literal that the API takes, an expression, `${NAME}`, or null."""
    match field.kind:
        case "enum":
            literal: Schema = {"enum": list(field.choices)}
        case "score":
            literal = {"type": "number", "minimum": float(field.low or 0), "maximum": float(field.high or 0)}
        case "object":
            literal = {"type": "object"}
        case "boolean":
            literal = {"type": "boolean"}
        case "uuid":
            literal = {"type": "string", "format": "uuid"}
        case _:
            literal = {"type": ["string", "number", "boolean"] if field.name == "value" else "string"}
    return {"anyOf": [literal, _EXPRESSION, {"type": "null"}]}


_BESIDE_EVENT: Final = {
    key: f"`{key}` belongs to the rule, beside `event`: begin its line where `event` begins"
    for key in ("link", "when", "where", "let", "each", "valid", "name", "description")
}
_AS_PROPERTY: Final = "a value of your own belongs below `properties`: properties: {NAME: ...}"


def _fields(words: str, others: Mapping[str, str], unknown: str) -> RecordType:
    keys = tuple(Key(field.name, RawType(words, field_schema(field)), field.help) for field in FIELDS)
    elsewhere = {field.wire: f"write {field.name}" for field in FIELDS if field.wire != field.name} | dict(others)
    return RecordType(words, keys, elsewhere, unknown=unknown)


WHEN: Final = RawType("conditions", {"$ref": "#/$defs/when"})
WHERE: Final = ExpressionType()
LET: Final = MapType(RawType("a value", {}), "a map of names to values", _WORDS)
EVENT: Final = _fields("an event", {**_BESIDE_EVENT, **FIELD_WORDS}, unknown=_AS_PROPERTY)
DEFAULTS: Final = _fields(
    "defaults", {"link": "`link` belongs to the file, beside `defaults`", **FIELD_WORDS}, unknown=_AS_PROPERTY
)
PATH: Final = TextType("a path", re.compile(r"(payload|item)[.\[].+"), "a path that begins with payload. or item.")

VALID: Final = RecordType(
    "valid",
    (
        Key(
            "from",
            RawType("a time", {"type": "string"}),
            "First moment; a date begins at midnight.",
            example="2026-12-01",
        ),
        Key("until", RawType("a time", {"type": "string"}), "First moment after the end; a date ends where it begins."),
        Key("zone", TextType("a time zone"), "Zone of times without one; UTC if not said.", example="Europe/Paris"),
    ),
)

SAMPLE: Final = RecordType(
    "a sample",
    (
        Key(
            "by",
            ExpressionType(),
            "Whose events are kept or left out together. Where it is missing, the event is left out.",
            True,
            "payload.user_id",
        ),
        Key(
            "rate",
            RawType("a rate", {"type": "number", "exclusiveMinimum": 0, "maximum": 1}),
            "The part that is kept, above 0 and at most 1, with at most 6 digits.",
            True,
            "0.1",
        ),
        Key("revenue", BooleanType(), "true: a part of the amounts is meant, though the value is money."),
    ),
)

TABLE_FILE: Final = RecordType(
    "a table",
    (
        Key(
            "file",
            TextType("a file name"),
            "A CSV file with a header, in the mapping file's folder or below it.",
            True,
            "plans.csv",
        ),
        Key(
            "key",
            RawType(
                "a column's name, or a list of columns",
                {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]},
            ),
            "The column to look rows up by; the first if not said. A list of two is looked up by two: "
            "tables.prices[payload.plan][payload.country].",
            example="plan_id",
        ),
    ),
)

_CONVERT: Final = "this format isn't read: have messages converted before they are written to a topic"
_OTHER_FORMATS: Final = dict.fromkeys(("xml", "csv", "thrift", "msgpack"), _CONVERT)
_OTHER_KEYS: Final = dict.fromkeys(("avro", "protobuf", "json-schema"), "write auto: the key's bytes say which it is")

_OTHER_ENVELOPES: Final = {
    "connect": "Kafka Connect's schema and payload are found without being named: leave envelope out",
    **dict.fromkeys(("flat", "unwrap", "ExtractNewRecordState"), "a flattened row has no envelope: write none"),
    "outbox": "Debezium's outbox router writes events without an envelope: write none",
    "cloudevent": "write cloudevents",
}

SOURCE: Final = RecordType(
    "source",
    (
        Key(
            "topics",
            ListType(TextType("a topic"), "a list of topics", some=True),
            "Exact names, or one /regex/ per entry, which must match the whole name.",
            True,
            "[billing.events]",
        ),
        Key("format", ChoiceType((AUTO, *FORMATS), _OTHER_FORMATS), "How values are encoded."),
        Key(
            "schema",
            TextType("a file name"),
            "The schema of values that name none: an .avsc or .proto file (or a descriptor set: .desc, .binpb), in the "
            "mapping file's folder or below it. `format` says which.",
            example="orders.avsc",
        ),
        Key(
            "message",
            TextType("a message's full name"),
            "The message in a .proto file that values are; of a registry's schema, for producers that don't say it.",
            example="acme.OrderEvent",
        ),
        Key(
            "key",
            ChoiceType(("text", "json", "auto"), _OTHER_KEYS),
            "How the record's key is encoded; text if not said. auto: by the schema that it names, or JSON, or text.",
        ),
        Key(
            "subject",
            TextType("a subject"),
            "The subject of the values' schemas, for lint and cases; <topic>-value if not said.",
            example="orders-value",
        ),
        Key(
            "envelope",
            ChoiceType(("none", "debezium", "cloudevents"), _OTHER_ENVELOPES),
            "What messages are wrapped in; none if not said. `payload` is then the row after the change, or the "
            "event's data, and `envelope` the whole message: `envelope.op`, `envelope.before.plan`, `envelope.type`.",
        ),
        Key(
            "snapshots",
            ChoiceType(("include", "skip")),
            "Whether rows of Debezium's snapshots (`op: r`) are messages like others. If not said, rules skip them, "
            "and conversations include them.",
        ),
        Key(
            "initial_offset",
            RawType("a start", {"type": "string", "pattern": "^(latest|earliest|\\d{4}-\\d\\d-\\d\\d.*)$"}),
            "Where the group begins in these topics as long as it has read nothing of them: latest, earliest, or a "
            "time (UTC without a zone). Committed at once. If not said, a new group begins where `kafka.start` says, "
            "and one that has read other topics at the beginning.",
            example="latest",
        ),
        Key(
            "max_age",
            DurationType(LEAST_AGE_MS, LONGEST_AGE_MS, "7d"),
            "`run` filters messages that are older than that, by their own timestamp, when it reads them: of a replay, "
            "or after offsets were reset. They are counted (`messages_skipped_total`) and said once a topic. `test`, "
            "`try`, `diff`, `coverage`, `backfill` and `dlq replay` take messages of any age. Choose more than the "
            "longest outage.",
            example="7d",
        ),
        Key("before", PATH, "Where the row before the change is, for transitions.", example="payload.old"),
        Key("after", PATH, "Where the row after the change is.", example="payload.new"),
    ),
)

_WHEN = Key("when", WHEN, "Conditions, lines of `field: value`; all must be true.")
_WHERE = Key("where", WHERE, "One expression that must be true, for what `when` can't say.")
_LET = Key("let", LET, "Names for values, computed when needed and at most once.")
_EACH = Key("each", ExpressionType(), "A list: the rule runs once for each `item`.")

TABLE_SOURCE: Final = RecordType(
    "a table's source",
    tuple(key for key in SOURCE.keys if key.name in ("format", "schema", "message", "key", "subject", "envelope")),
    {"topics": "the table says it: topic", "snapshots": "rows of snapshots are always read"},
    listed=True,
)

TABLE_TOPIC: Final = RecordType(
    "a table from a topic",
    (
        Key("topic", TextType("a topic's name"), "The topic that tells the rows.", True, "crm.customers"),
        Key(
            "source",
            TABLE_SOURCE,
            "How the topic's messages are read, as in the file's `source`; as that one if the file reads the topic.",
            example="{envelope: debezium}",
        ),
        _WHEN,
        _WHERE,
        Key(
            "key",
            RawType("a field or an expression", {"type": "string"}),
            "What rows are looked up by: a field of the message, or an expression, which begins with =.",
            True,
            "id",
        ),
        Key(
            "fields",
            RawType(
                "a list of fields, or a map of names to expressions",
                {
                    "oneOf": [
                        {"type": "array", "items": {"type": "string"}, "minItems": 1},
                        {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}},
                    ]
                },
            ),
            "What is kept of a row: its columns.",
            True,
            "[user_id]",
        ),
        Key(
            "deleted",
            ExpressionType(),
            "Whether the message deletes its row. A message without a value does (by the record's key), and a "
            "deletion of Debezium's.",
            example='= payload.type == "customer.deleted"',
        ),
        Key(
            "max_delay",
            DurationType(0, LONGEST_DELAY_MS, "1m"),
            "How late a message of this topic may arrive, at most 1h; 1m if not said. Topics whose rules use the "
            "table are read so far behind.",
        ),
    ),
    {"file": "a table is a file, or from a topic, not both", "columns": "write fields"},
    listed=True,
)

RULE: Final = RecordType(
    "a rule",
    (
        Key("name", RULE_NAME, "Unique over all files that read one topic; ids may carry it.", True, "plan_upgraded"),
        Key("description", TextType(), "For people."),
        _WHEN,
        _WHERE,
        _LET,
        _EACH,
        Key("valid", VALID, "The rule is used for events of this time only."),
        Key(
            "sample",
            SAMPLE,
            "Only events of a fixed part of the users, say, are sent: always of the same ones.",
            example="{by: payload.user_id, rate: 0.1}",
        ),
        Key("draft", BooleanType(), "true: the rule is evaluated, counted and shown, and its events are never sent."),
        Key(
            "link",
            RuleLinkType(),
            "How its events find their conversation; merged into the file's by key. A list replaces it, null takes it "
            "away.",
            example="{lookback: 7d}",
        ),
        Key("event", EVENT, "The Greenflash event; fields that aren't here come from `defaults`.", True),
    ),
    {
        "defaults": "`defaults` belong to the file, beside `rules`",
        "source": "`source` belongs to the file, beside `rules`",
        "tables": "`tables` belong to the file, beside `rules`",
        "first_match": "`first_match` belongs to the file, beside `rules`",
        "conversations": "`conversations` belong to the file, beside `rules`",
        "lookback": "`lookback` belongs under `link`",
        **{field.name: f"`{field.name}` belongs under `event`" for field in FIELDS},
        **OTHER_WORDS,
    },
    listed=True,
)

_NEEDED: Final[Schema] = {"type": "string", "pattern": "^="}
_FILES_OWN: Final = ("source", "tables", "first_match", "defaults", "link", "rules")

CONVERSATION: Final = RecordType(
    "a conversation",
    (
        Key("name", RULE_NAME, "Unique over all files; links, metrics and reports name it.", True, "support_chat"),
        Key("description", TextType(), "For people."),
        _WHEN,
        _WHERE,
        _LET,
        _EACH,
        Key(
            "id",
            RawType("an expression", _NEEDED),
            "Your own id of the conversation; it becomes the event's `external_conversation_id`.",
            example="= payload.conversation_id",
        ),
        Key(
            "greenflash_id",
            RawType("an expression", _NEEDED),
            "In place of `id`: Greenflash's own id, a UUID; it becomes the event's `conversation_id`.",
        ),
        Key(
            "at",
            RawType("an expression", _NEEDED),
            "When the interaction happened, a time or its text; the record's timestamp if not said.",
            example="= time(payload.created_at)",
        ),
        Key(
            "keys",
            MapType(
                RawType("an expression", _NEEDED),
                "a map of names to expressions",
                example="{external_user_id: = payload.user_id}",
            ),
            "Whose it is: names by which links find it. A key without a value is left out.",
            True,
            "{external_user_id: = payload.user_id}",
        ),
        Key(
            "product_id",
            RawType("a UUID or ${NAME}", field_schema(FIELD["product_id"])),
            "Only events of this product are linked to it; of any if not said.",
        ),
        Key(
            "max_delay",
            DurationType(0, LONGEST_DELAY_MS, "1m"),
            "How late a message of this source may arrive, at most 1h; 1m if not said. Topics that link to it are read "
            "so far behind.",
        ),
    ),
    {
        **{name: f"`{name}` belongs to the file, beside `conversations`" for name in _FILES_OWN},
        **{
            name: f"it belongs under `keys`: {name}: = payload...."
            for name in ("external_user_id", "user_id", "external_organization_id", "organization_id", "email")
        },
        **dict.fromkeys(("external_conversation_id", "externalConversationId"), "write id"),
        **dict.fromkeys(("conversation_id", "conversationId"), "write id, or greenflash_id if it is Greenflash's own"),
        **dict.fromkeys(("event_at", "time", "timestamp", "created_at"), "write at"),
        **dict.fromkeys(("delay", "wait", "grace", "max_lateness"), "write max_delay"),
        "by": "the names by which links find it are its `keys`",
        "event": "a conversation gives no event; an event belongs to a rule, under `rules`",
        "topics": "`topics` belong under `source`",
        "valid": "a conversation is always looked for; `valid` belongs to a rule",
        **dict.fromkeys(("lookback", "touch", "to"), "it belongs under `link`, of the rules that are linked"),
    },
    some=("id", "greenflash_id"),
)

IGNORED: Final = RecordType(
    "an ignored message",
    (
        Key("when", WHEN, "Conditions, as in a rule; all must be true.", True, "{type: invoice.created}"),
        Key("because", TextType(), "Why such messages mean nothing.", True, "it is finalized later"),
    ),
    {
        "where": "write the conditions under `when`",
        "reason": "write because",
        "description": "write because",
        "type": "conditions belong under `when`",
    },
    listed=True,
)

FILE: Final = RecordType(
    "a mapping file",
    (
        Key("version", VersionType(), "The version of this language.", True, "1"),
        Key("source", SOURCE, "Which topics, and how to read them.", True),
        _WHEN,
        _WHERE,
        _LET,
        Key("tables", MapType(RawType("a table", {"type": "object"}), "a map of names to tables"), "Look-up tables."),
        _EACH,
        Key("defaults", DEFAULTS, "Every rule's event starts from these."),
        Key("first_match", BooleanType(), "true: the first rule that matches is the only one (per item, with `each`)."),
        Key(
            "link",
            FileLinkType(),
            "How events of all rules find their conversation; a list of such maps is tried in turn.",
            example="{lookback: 24h}",
        ),
        Key("rules", ListType(RULE, "a list of rules", some=True), "What becomes an event."),
        Key(
            "conversations",
            ListType(CONVERSATION, "a list of conversations", some=True),
            "The conversations in these topics, to which rules link their events.",
        ),
        Key(
            "ignored",
            ListType(IGNORED, "a list of ignored messages", some=True),
            "Messages that were looked at and mean nothing. No message is evaluated otherwise for it: `coverage` "
            "doesn't ask about them again, and warns if a rule takes one.",
            example="[{when: {type: invoice.created}, because: it is finalized later}]",
        ),
    ),
    {
        "topics": "`topics` belong under `source`",
        "event": "an event belongs to a rule, under `rules`",
        "events": "a tracking plan is a file of the name events.yaml",
        "conversation": "write conversations, a list",
        "lookback": "`lookback` belongs under `link`",
        **dict.fromkeys(("ignore", "no_event", "no_events"), "write ignored, a list of `when` and `because`"),
        "initial_offset": "`initial_offset` belongs under `source`",
        "max_age": "`max_age` belongs under `source`",
        "keys": "`keys` belong to a conversation, under `conversations`",
    },
    some=("rules", "conversations"),
)
