"""The paths of Protobuf schemas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor

from greenflash_kafka.decoding import proto_values as values
from greenflash_kafka.decoding.proto_code import is_map
from greenflash_kafka.decoding.proto_schema import compile_schema
from greenflash_kafka.decoding.schema_error import SchemaError
from greenflash_kafka.model.schema import Schema
from greenflash_kafka.model.schema_tree import ANYTHING, SchemaTree, TreeKind, merged

_KNOWN: Final[dict[str, TreeKind]] = {
    "google.protobuf.Timestamp": "time",
    "google.protobuf.Duration": "number",
    "google.protobuf.FieldMask": "text",
    "google.protobuf.ListValue": "list",
    "google.protobuf.Value": "any",
    "google.type.Date": "text",
    "google.type.TimeOfDay": "text",
    "google.type.Decimal": "number",
    "confluent.type.Decimal": "number",
}


def tree_of(schema: Schema, message: str | Sequence[int] | None = None) -> SchemaTree:
    """What a message of the schema describes; None: any of the messages that aren't nested in another one.

    Raises SchemaError. OSError: the schema's compiler can't be started now.
    """
    pool = compile_schema(schema)
    known: dict[str, SchemaTree] = {}
    roots = pool.main.message_types_by_name.values() if message is None else [pool.find(message)]
    try:
        return merged([_message(each, known) for each in roots])
    except RecursionError:
        raise SchemaError("nests too many types") from None


def _message(descriptor: Any, known: dict[str, SchemaTree]) -> SchemaTree:
    name = descriptor.full_name
    found = known.get(name)
    if found is None:
        found = known[name] = _well_known(descriptor, known) or SchemaTree("object")
        # What refers to itself finds itself in `known`.
        if found.kind == "object" and not found.open:
            found.fields = {field.name: _field(field, known) for field in descriptor.fields}
            if values.is_money(descriptor):
                found.fields["amount"] = SchemaTree("number")
    return found


def _well_known(descriptor: Any, known: dict[str, SchemaTree]) -> SchemaTree | None:
    name = descriptor.full_name
    fields = values.WELL_KNOWN.get(name)
    if fields is not None and values.has_fields(descriptor, fields[1]):
        if name == "google.protobuf.Struct":
            return SchemaTree("object", open=True)
        return SchemaTree(_KNOWN[name], inner=ANYTHING)
    if values.is_wrapper(descriptor):
        return _value(descriptor.fields_by_name["value"], known)
    if values.is_any(descriptor):
        return SchemaTree("object", {"@type": SchemaTree("text")}, open=True)
    return None


def _field(field: Any, known: dict[str, SchemaTree]) -> SchemaTree:
    if is_map(field):
        return SchemaTree("map", inner=_value(field.message_type.fields_by_name["value"], known))
    value = _value(field, known)
    return SchemaTree("list", inner=value) if field.is_repeated else value


def _value(field: Any, known: dict[str, SchemaTree]) -> SchemaTree:
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_MESSAGE:
            return _message(field.message_type, known)
        case FieldDescriptor.CPPTYPE_BOOL:
            return SchemaTree("boolean")
        case FieldDescriptor.CPPTYPE_STRING:
            return SchemaTree("text")
        case FieldDescriptor.CPPTYPE_ENUM:
            # Of symbols with one number the first is what rules see.
            symbols = {value.number: value.name for value in reversed(field.enum_type.values)}
            return SchemaTree("text", symbols=tuple(reversed(symbols.values())))
        case _:
            return SchemaTree("number")
