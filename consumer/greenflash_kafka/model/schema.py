"""Schemas of messages, and the keys by which messages name them."""

from __future__ import annotations

from typing import Literal

import msgspec

SchemaKey = int | bytes
"""What a message carries in place of its schema: the registry's number of it, or 16 bytes, a GUID."""

SchemaKind = Literal["avro", "json-schema", "protobuf"]


class Schema(msgspec.Struct, frozen=True):
    """A schema as the registry or a file has it: nothing of it is understood yet.

    `references` are the names under which the text refers to other schemas, and their texts, each after those that it
    refers to itself. `subject` and `version` are known of a registry's schemas, for people alone; a `.proto` or `.avsc`
    file has its path in `subject`.
    """

    kind: SchemaKind
    text: str
    references: tuple[tuple[str, str], ...] = ()
    subject: str | None = None
    version: int | None = None


class SchemaRefused(msgspec.Struct, frozen=True):
    """There is no schema to decode with, and waiting doesn't help: `code` is a problem's, `text` says why."""

    code: Literal["bad-schema", "unknown-schema"]
    text: str


def key_text(key: SchemaKey) -> str:
    """The key for people: the number, or the GUID as a UUID."""
    if isinstance(key, int):
        return str(key)
    digits = key.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
