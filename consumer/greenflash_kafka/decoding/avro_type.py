"""Types of a parsed Avro schema."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

import msgspec

Kind = Literal[
    "array", "boolean", "bytes", "double", "enum", "fixed", "float", "int", "long", "map", "null", "record", "string",
    "union",
]  # fmt: skip

PRIMITIVES: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "boolean": "boolean",
        "bytes": "bytes",
        "double": "double",
        "float": "float",
        "int": "int",
        "long": "long",
        "null": "null",
        "string": "string",
    }
)

NO_DEFAULT: Final = object()


class AvroType(msgspec.Struct, eq=False):
    """A type of a schema. Types that refer to themselves are objects that refer to themselves.

    `name` is the full name of a record, an enum or a fixed. `logical` is a logical type that this `kind` can have
    (others are left out, as the specification says), `scale` a decimal's. `connect` is Kafka Connect's name of the
    type, with its parameters. `inner` is what arrays and maps hold; `branches` are a union's.
    """

    kind: Kind
    name: str = ""
    logical: str = ""
    scale: int = 0
    size: int = 0
    symbols: tuple[str, ...] = ()
    fields: tuple[AvroField, ...] = ()
    inner: AvroType | None = None
    branches: tuple[AvroType, ...] = ()
    connect: str = ""
    parameters: Mapping[str, str] = MappingProxyType({})

    recursive: bool = False
    """A value can hold another one of this record's: one of each circle of records is marked so."""

    levels: int = 0
    """Most objects and lists that nest in a value, itself among them, down to the next record that is `recursive`."""

    weightless: int = 0
    """Most values in a value that take no bytes in a message: nulls, and records themselves."""


class AvroField(msgspec.Struct, frozen=True):
    """A field of a record. `default` is as the schema's JSON has it, NO_DEFAULT without one."""

    name: str
    type: AvroType
    default: object = NO_DEFAULT


def type_name(kind: AvroType) -> str:
    """The full name of a type that has one, else its kind."""
    return kind.name or kind.kind
