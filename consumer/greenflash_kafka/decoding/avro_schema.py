"""Parser of Avro schemas: their JSON, and that of the schemas that they refer to, to types.

The parser refuses what no value can be read by; it isn't a validator of all that the specification asks of producers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from greenflash_kafka.decoding.avro_bounds import measure
from greenflash_kafka.decoding.avro_type import NO_DEFAULT, PRIMITIVES, AvroField, AvroType
from greenflash_kafka.decoding.schema_error import SchemaError
from greenflash_kafka.model.schema import Schema

MAX_BYTES: Final = 1_000_000
"""Most bytes of a schema's text with those that it refers to."""

MAX_REFERENCES: Final = 100
MAX_FIELDS: Final = 5_000
"""Most fields of all records of a schema."""

LOGICAL: Final[Mapping[str, frozenset[str]]] = {
    "int": frozenset(("date", "time-millis")),
    "long": frozenset(
        (
            "time-micros", "timestamp-millis", "timestamp-micros", "timestamp-nanos",
            "local-timestamp-millis", "local-timestamp-micros", "local-timestamp-nanos",
        )
    ),
    "bytes": frozenset(("decimal",)),
    "fixed": frozenset(("decimal", "duration", "uuid")),
    "string": frozenset(("uuid",)),
}  # fmt: skip
"""The logical types that a kind can have."""

_FIXED_SIZE: Final = {"duration": 12, "uuid": 16}


def parse(schema: Schema) -> AvroType:
    """The root's type. Raises SchemaError for a text that is no schema, or too large a one."""
    if len(schema.references) > MAX_REFERENCES:
        raise SchemaError(f"refers to {len(schema.references)} schemas: more than {MAX_REFERENCES}")
    if len(schema.text) + sum(len(text) for _, text in schema.references) > MAX_BYTES:
        raise SchemaError(f"longer than {MAX_BYTES:,} characters, with the schemas that it refers to")
    parser = _Parser()
    try:
        for name, text in schema.references:
            parser.type_of(_json(text, f" of the reference {_shown(name)}"), "", "")
        root = parser.type_of(_json(schema.text, ""), "", "")
        measure(root)
    except RecursionError:
        raise SchemaError("nests too many types") from None
    return root


def _json(text: str, where: str) -> object:
    try:
        value: object = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise SchemaError(f"the text{where} isn't JSON: {str(error)[:120]}") from None
    return value


class _Parser:
    """The named types of a schema as they become known, in the order of its text."""

    def __init__(self) -> None:
        self._named: dict[str, AvroType] = {}
        self._texts: dict[str, Mapping[str, object]] = {}
        self._fields = 0

    def type_of(self, given: object, namespace: str, where: str) -> AvroType:
        """The type that a part of the schema's JSON stands for; `where` names the part for people."""
        if isinstance(given, str):
            return AvroType(PRIMITIVES[given]) if given in PRIMITIVES else self._known(given, namespace, where)
        if isinstance(given, list):
            branches = tuple(self.type_of(branch, namespace, where) for branch in given)
            if not branches:
                raise SchemaError(f"a union has no branches{_at(where)}")
            return AvroType("union", branches=branches)
        if not isinstance(given, dict):
            raise SchemaError(f"expected a type, found {_shown(given)}{_at(where)}")
        return self._complex(given, namespace, where)

    def _known(self, name: str, namespace: str, where: str) -> AvroType:
        full = f"{namespace}.{name}" if namespace and "." not in name else name
        known = self._named.get(full) or self._named.get(name)
        if known is None:
            raise SchemaError(f"no type {_shown(full)} is known{_at(where)}: is it in a schema that isn't referred to?")
        return known

    def _complex(self, given: dict[str, object], namespace: str, where: str) -> AvroType:
        match given.get("type"):
            case "record" | "error":
                return self._record(given, namespace, where)
            case "enum":
                symbols = given.get("symbols")
                if not isinstance(symbols, list) or not symbols or not all(isinstance(each, str) for each in symbols):
                    raise SchemaError(f"`symbols` of an enum are no list of texts{_at(where)}")
                return self._name(AvroType("enum", symbols=tuple(symbols)), given, namespace, where)
            case "fixed":
                size = given.get("size")
                if size.__class__ is not int or not 0 <= size <= MAX_BYTES:
                    raise SchemaError(f"`size` of a fixed is {_shown(size)}{_at(where)}")
                fixed = AvroType("fixed", size=size)
                return _annotated(self._name(fixed, given, namespace, where), given)
            case "array":
                inner = self.type_of(given.get("items"), namespace, f"{where}[]")
                return _annotated(AvroType("array", inner=inner), given)
            case "map":
                inner = self.type_of(given.get("values"), namespace, f"{where}[]")
                return _annotated(AvroType("map", inner=inner), given)
            case str(primitive) if primitive in PRIMITIVES:
                return _annotated(AvroType(PRIMITIVES[primitive]), given)
            case inner_type:
                return self.type_of(inner_type, namespace, where)

    def _record(self, given: dict[str, object], namespace: str, where: str) -> AvroType:
        record = self._name(AvroType("record"), given, namespace, where)
        inside = record.name.rpartition(".")[0]
        fields = given.get("fields")
        if not isinstance(fields, list):
            raise SchemaError(f"`fields` of {_shown(record.name)} are no list")
        self._fields += len(fields)
        if self._fields > MAX_FIELDS:
            raise SchemaError(f"more than {MAX_FIELDS:,} fields")
        parsed: dict[str, AvroField] = {}
        for field in fields:
            name = field.get("name") if isinstance(field, dict) else None
            if not isinstance(name, str) or not name or name in parsed:
                raise SchemaError(f"a field of {_shown(record.name)} has no name of its own: {_shown(name)}")
            kind = self.type_of(field.get("type"), inside, f"{where}.{name}" if where else name)
            parsed[name] = AvroField(name, kind, field.get("default", NO_DEFAULT))
        record.fields = tuple(parsed.values())
        return _annotated(record, given)

    def _name(self, kind: AvroType, given: dict[str, object], namespace: str, where: str) -> AvroType:
        name, own = given.get("name"), given.get("namespace", namespace)
        if not isinstance(name, str) or not name or not isinstance(own, str):
            raise SchemaError(f"{_shown(kind.kind)} has no name{_at(where)}")
        kind.name = f"{own}.{name}" if own and "." not in name else name
        # Twice the same is accepted by Java's Avro, too: other generators of schemas write it.
        if kind.name in PRIMITIVES or self._texts.setdefault(kind.name, given) != given:
            raise SchemaError(f"the type {_shown(kind.name)} is defined twice{_at(where)}")
        self._named[kind.name] = kind
        return kind


def _annotated(kind: AvroType, given: Mapping[str, object]) -> AvroType:
    """The type with its logical type, if it is a valid one, and Connect's."""
    logical, scale = given.get("logicalType"), given.get("scale", 0)
    if isinstance(logical, str) and logical in LOGICAL.get(kind.kind, ()):
        valid = scale.__class__ is int and scale >= 0 if logical == "decimal" else True
        if valid and kind.size == (_FIXED_SIZE.get(logical, kind.size) if kind.kind == "fixed" else 0):
            kind.logical = logical
            kind.scale = scale if logical == "decimal" else 0  # type: ignore[assignment]
    name, parameters = given.get("connect.name"), given.get("connect.parameters")
    if isinstance(name, str):
        kind.connect = name
        if isinstance(parameters, dict):
            kind.parameters = {str(key): str(value) for key, value in parameters.items()}
    return kind


def _at(where: str) -> str:
    return f" at {where[:200]}" if where else ""


def _shown(value: object) -> str:
    """A part of the schema in a text for people; schemas hold no secrets, but may be long."""
    return f"`{str(value)[:100]}`"
