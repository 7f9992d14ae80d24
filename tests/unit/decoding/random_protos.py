"""Protobuf schemas and messages made at random, the same ones for the same seed."""

from __future__ import annotations

import base64
import math
import struct
from random import Random
from typing import Any, Final

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import FieldDescriptor as Field

from greenflash_kafka.model.schema import Schema

INTEGERS: Final = {
    Field.TYPE_INT32: (-(2**31), 2**31 - 1),
    Field.TYPE_SINT32: (-(2**31), 2**31 - 1),
    Field.TYPE_SFIXED32: (-(2**31), 2**31 - 1),
    Field.TYPE_UINT32: (0, 2**32 - 1),
    Field.TYPE_FIXED32: (0, 2**32 - 1),
    Field.TYPE_INT64: (-(2**63), 2**63 - 1),
    Field.TYPE_SINT64: (-(2**63), 2**63 - 1),
    Field.TYPE_SFIXED64: (-(2**63), 2**63 - 1),
    Field.TYPE_UINT64: (0, 2**64 - 1),
    Field.TYPE_FIXED64: (0, 2**64 - 1),
}
KNOWN: Final = (
    "google/protobuf/any.proto Any",
    "google/protobuf/duration.proto Duration",
    "google/protobuf/empty.proto Empty",
    "google/protobuf/field_mask.proto FieldMask",
    "google/protobuf/struct.proto Struct ListValue Value",
    "google/protobuf/timestamp.proto Timestamp",
    "google/protobuf/wrappers.proto BoolValue BytesValue DoubleValue FloatValue Int32Value Int64Value StringValue "
    "UInt32Value UInt64Value",
)
TYPES: Final = [f".google.protobuf.{name}" for line in KNOWN for name in line.split()[1:]]
SCALARS: Final = [*INTEGERS, Field.TYPE_BOOL, Field.TYPE_BYTES, Field.TYPE_DOUBLE, Field.TYPE_FLOAT, Field.TYPE_STRING]
TEXTS: Final = ("", "a", "é\U0001f600", "type", "\0", "x" * 200)


def random_schema(chance: Random) -> Schema:
    """A file of proto2 or proto3 with three messages, which may refer to each other and to the well-known ones."""
    syntax = chance.choice(("proto2", "proto3"))
    file = descriptor_pb2.FileDescriptorProto(name="m.proto", package="r", syntax=syntax)
    file.dependency.extend(line.split()[0] for line in KNOWN)
    enum = file.enum_type.add(name="E")
    for number in (0, 1, -5):
        enum.value.add(name=f"E_{number % 100}", number=number)
    for name in "ABC":
        _add_fields(chance, file.message_type.add(name=name), syntax)
    return Schema("protobuf", base64.b64encode(file.SerializeToString()).decode())


def _add_fields(chance: Random, message: Any, syntax: str) -> None:
    message.oneof_decl.add(name="choice")
    message.field.add(name="first", number=1, type=Field.TYPE_STRING, label=1, oneof_index=0)
    for number in range(2, chance.randint(3, 9)):
        field = message.field.add(name=chance.choice((f"f{number}", f"camelCase{number}")), number=number, label=1)
        match chance.randint(0, 9):
            case 0 | 1:
                field.type, field.type_name = Field.TYPE_MESSAGE, chance.choice(TYPES)
            case 2 | 3:
                field.type, field.type_name = Field.TYPE_MESSAGE, f".r.{chance.choice('ABC')}"
            case 4:
                field.type, field.type_name = Field.TYPE_ENUM, ".r.E"
            case 5:
                _make_map(chance, message, field)
            case _:
                field.type = chance.choice(SCALARS)
        if field.label == 3:
            continue
        match chance.randint(0, 3):
            case 0:
                field.label = 3
            case 1:
                field.oneof_index = 0
            case 2 if syntax == "proto2" and field.type in INTEGERS:
                field.default_value = "7"
            case _:
                pass


def _make_map(chance: Random, message: Any, field: Any) -> None:
    entry = message.nested_type.add(name=f"F{field.number}Entry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, label=1).type = chance.choice([*INTEGERS, Field.TYPE_BOOL, Field.TYPE_STRING])
    value = entry.field.add(name="value", number=2, label=1)
    if chance.random() < 0.5:
        value.type, value.type_name = Field.TYPE_MESSAGE, chance.choice((".r.A", ".google.protobuf.Timestamp"))
    else:
        value.type = chance.choice(SCALARS)
    field.name, field.label, field.type = f"f{field.number}", 3, Field.TYPE_MESSAGE
    field.type_name = f".r.{message.name}.{entry.name}"


def fill(chance: Random, message: Any, depth: int = 0) -> None:
    """Set some of the message's fields."""
    name = message.DESCRIPTOR.full_name
    if name == "google.protobuf.Timestamp":
        message.seconds, message.nanos = chance.choice((0, -1, -62135596800, 253402300799)), chance.randrange(10**9)
    elif name == "google.protobuf.Duration":
        sign = chance.choice((1, -1))
        message.seconds, message.nanos = sign * chance.choice((0, 1, 315_576_000_000)), sign * chance.randrange(10**9)
    elif name == "google.protobuf.FieldMask":
        message.paths.extend(chance.sample(["a", "foo_bar.baz", "c"], 2))
    elif name == "google.protobuf.Any":
        inner = type(message)()
        if depth < 4:
            fill(chance, inner, depth + 4)
        message.type_url, message.value = "x/google.protobuf.Any", inner.SerializeToString()
        if depth >= 4:
            message.type_url, message.value = "x/google.protobuf.Duration", b"\x08\x05"
    elif name == "google.protobuf.Value":
        _fill_value(chance, message, depth)
    else:
        for field in message.DESCRIPTOR.fields:
            if chance.random() < 0.6:
                _set(chance, message, field, depth)


def _fill_value(chance: Random, message: Any, depth: int) -> None:
    match chance.randint(0, 5 if depth < 3 else 3):
        case 0:
            message.null_value = 0
        case 1:
            message.bool_value = True
        case 2:
            message.number_value = chance.choice((0, 1.5, -3, 1e300, 2.0**53))
        case 3:
            message.string_value = chance.choice(TEXTS)
        case 4:
            message.list_value.SetInParent()
            fill(chance, message.list_value, depth + 1)
        case _:
            message.struct_value.SetInParent()
            fill(chance, message.struct_value, depth + 1)


def _set(chance: Random, message: Any, field: Any, depth: int) -> None:
    kind = field.message_type
    if kind is not None and depth > 3 and not kind.GetOptions().map_entry:
        return
    held = getattr(message, field.name)
    if kind is not None and kind.GetOptions().map_entry:
        key, value = kind.fields
        for _ in range(chance.randint(0, 3)):
            if value.message_type is None:
                held[_scalar(chance, key)] = _scalar(chance, value)
            elif depth < 3:
                fill(chance, held[_scalar(chance, key)], depth + 1)
    elif field.is_repeated:
        for _ in range(chance.randint(0, 3)):
            if kind is None:
                held.append(_scalar(chance, field))
            else:
                fill(chance, held.add(), depth + 1)
    elif kind is None:
        setattr(message, field.name, _scalar(chance, field))
    else:
        held.SetInParent()
        fill(chance, held, depth + 1)


def _scalar(chance: Random, field: Any) -> Any:
    if field.type in INTEGERS:
        least, most = INTEGERS[field.type]
        return chance.choice((0, 1, least, most, chance.randint(least, most)))
    match field.type:
        case Field.TYPE_BOOL:
            return chance.random() < 0.5
        case Field.TYPE_ENUM:
            return chance.choice((0, 1, -5))
        case Field.TYPE_STRING:
            return chance.choice(TEXTS)
        case Field.TYPE_BYTES:
            return chance.choice((b"", b"\0", b"\xff\xfe", chance.randbytes(7)))
        case Field.TYPE_FLOAT:
            (number,) = struct.unpack("<f", chance.randbytes(4))
            return chance.choice((0.0, 0.1, 16777217, number, math.inf))
        case _:
            (number,) = struct.unpack("<d", chance.randbytes(8))
            return chance.choice((0.0, 0.1, 1e22, number, -math.inf))
