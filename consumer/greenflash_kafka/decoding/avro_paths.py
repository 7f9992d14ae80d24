"""The paths of Avro schemas."""

from __future__ import annotations

from typing import Final

from greenflash_kafka.decoding.avro_schema import parse
from greenflash_kafka.decoding.avro_type import AvroType
from greenflash_kafka.decoding.connect_types import converter
from greenflash_kafka.model.schema import Schema
from greenflash_kafka.model.schema_tree import SchemaTree, TreeKind, merged

_KINDS: Final[dict[str, TreeKind]] = {
    "array": "list",
    "boolean": "boolean",
    "bytes": "text",
    "double": "number",
    "enum": "text",
    "fixed": "text",
    "float": "number",
    "int": "number",
    "long": "number",
    "map": "map",
    "null": "null",
    "record": "object",
    "string": "text",
}

_LOGICAL: Final[dict[str, TreeKind]] = {
    "date": "text",
    "decimal": "number",
    "local-timestamp-micros": "text",
    "local-timestamp-millis": "text",
    "local-timestamp-nanos": "text",
    "time-micros": "text",
    "time-millis": "text",
    "timestamp-micros": "time",
    "timestamp-millis": "time",
    "timestamp-nanos": "time",
    "uuid": "text",
}

_CONNECT: Final[dict[str, TreeKind]] = {
    "io.debezium.data.VariableScaleDecimal": "number",
    "org.apache.kafka.connect.data.Decimal": "number",
    "org.apache.kafka.connect.data.Timestamp": "time",
}


def tree_of(schema: Schema) -> SchemaTree:
    """What the schema describes. Raises SchemaError."""
    return _tree(parse(schema), {})


def _tree(kind: AvroType, known: dict[int, SchemaTree]) -> SchemaTree:
    found = known.get(id(kind))
    if found is not None:
        return found
    if kind.kind == "union":
        return _union(kind, known)
    found = known[id(kind)] = SchemaTree(_kind(kind), {}, None, kind.symbols)
    if found.kind == "object":
        found.fields = {field.name: _tree(field.type, known) for field in kind.fields}
        if kind.logical == "duration":
            found.fields = {name: SchemaTree("number") for name in ("months", "days", "milliseconds")}
    if kind.inner is not None:
        found.inner = _tree(kind.inner, known)
    return found


def _union(kind: AvroType, known: dict[int, SchemaTree]) -> SchemaTree:
    found = merged(_tree(branch, known) for branch in kind.branches)
    if sum(branch.kind == "record" for branch in kind.branches) > 1 and found.kind == "object":
        found.fields = {**found.fields, "@type": SchemaTree("text")}
    return found


def _kind(kind: AvroType) -> TreeKind:
    if kind.logical == "duration":
        return "object"
    if kind.logical in _LOGICAL:
        return _LOGICAL[kind.logical]
    if kind.connect and converter(kind.connect, kind.parameters) is not None:
        # Debezium's times and dates become ISO 8601.
        return _CONNECT.get(kind.connect, "text")
    return _KINDS[kind.kind]
