"""Texts of schemas: as files that people compare, and whether two texts are one schema."""

from __future__ import annotations

from typing import Final

import msgspec

from greenflash_kafka.model.schema import Schema, SchemaKind

SUFFIXES: Final[dict[SchemaKind, str]] = {"avro": ".avsc", "json-schema": ".json", "protobuf": ".proto"}
"""The ending of a schema's file, by its kind."""


def file_text(kind: SchemaKind, text: str) -> str:
    """The text of a schema's file: JSON one key a line, so that a diff shows what a producer changed."""
    if kind == "protobuf":
        return text.rstrip() + "\n"
    try:
        return msgspec.json.format(text, indent=2).rstrip() + "\n"
    except msgspec.DecodeError:
        # Avro's primitives may be registered as a bare word.
        return text.rstrip() + "\n"


def same_schema(one: Schema, other: Schema) -> bool:
    """True if both say the same, whatever their blanks; what they refer to included."""
    if one.kind != other.kind or len(one.references) != len(other.references):
        return False
    others = dict(other.references)
    return _same(one.kind, one.text, other.text) and all(
        name in others and _same(one.kind, text, others[name]) for name, text in one.references
    )


def _same(kind: SchemaKind, one: str, other: str) -> bool:
    if kind == "protobuf":
        return one.strip() == other.strip()
    return _value(one) == _value(other)


def _value(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text.strip()
