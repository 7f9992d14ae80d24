"""Readers of bodies: the bytes of one value without what frames it, by a schema."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any, Protocol

from greenflash_kafka.model.payload import Shape
from greenflash_kafka.model.schema import Schema


class BodyReader(Protocol):
    """Reader of bodies of one schema, compiled for what rules read of them."""

    name: str
    """The full name of the root's type; "" where it has none."""

    def read(self, body: bytes) -> object:
        """The payload. Raises DecodeError, and nothing else."""
        ...


def body_reader(schema: Schema, shape: Shape | None, message: str | Sequence[int] | None = None) -> BodyReader:
    """The reader for a schema; what `shape` (None: everything) doesn't name may be left out. `message` is Protobuf's:
    the full name of a message, or its place in the file (None: the first).

    Raises SchemaError for a schema that can't be used; ImportError where the libraries of its kind aren't installed,
    or can't be imported.
    """
    module = format_module(schema.kind)
    if schema.kind == "protobuf":
        made: BodyReader = module.body_reader(schema, shape, (0,) if message is None else message)
    else:
        made = module.body_reader(schema, shape)
    return made


def format_module(kind: str) -> Any:
    """The module of a format, imported when it is first asked for: the libraries of some are large."""
    return importlib.import_module(f"greenflash_kafka.decoding.{kind.replace('-', '_')}_format")
