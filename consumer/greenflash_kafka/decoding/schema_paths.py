"""The paths of schemas of all kinds, for `lint` and for the notice that a schema lacks what rules read."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

from greenflash_kafka.model.schema import Schema
from greenflash_kafka.model.schema_tree import ANYTHING, SchemaTree


def schema_tree(schema: Schema, message: str | Sequence[int] | None = None) -> SchemaTree:
    """What a schema describes. `message` is Protobuf's: a full name, or a place in the file; None: any message that
    isn't nested in another one.

    Raises SchemaError; ImportError where the libraries of its kind aren't installed.
    """
    module = paths_module(schema.kind)
    try:
        found = module.tree_of(schema, message) if schema.kind == "protobuf" else module.tree_of(schema)
        assert isinstance(found, SchemaTree)
    except RecursionError:
        # Its messages can be read: only nothing can be said of their paths.
        return ANYTHING
    return found


def paths_module(kind: str) -> Any:
    """The module that reads the paths of a kind of schemas, imported when it is first asked for."""
    return importlib.import_module(f"greenflash_kafka.decoding.{kind.replace('-', '_')}_paths")
