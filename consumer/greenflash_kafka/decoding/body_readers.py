"""The body readers that a topic has made, by the key of their schema; of all topics together at most so many."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final
from weakref import WeakSet

from greenflash_kafka.decoding.body_reader import BodyReader, body_reader
from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.decoding.schema_error import MissingExtra, SchemaError
from greenflash_kafka.decoding.schema_paths import schema_tree
from greenflash_kafka.model.payload import Shape
from greenflash_kafka.model.schema import Schema, SchemaKey, key_text
from greenflash_kafka.model.schema_tree import lacks

MOST: Final = 10_000
"""Readers in a process; each takes some 25 KB. The least recently used go."""

Lacking = Callable[[SchemaKey, Sequence[str]], None]
"""Takes the fields that rules read and that the schema of this key lacks, as paths with dots."""

Place = str | tuple[int, ...] | None
"""A Protobuf message: its full name, or its place in the file."""


class BodyReaders:
    """Readers for one shape. `siblings` are those of all topics, this one included from now on; a topic's readers are
    forgotten with the rules that they were made for. `lacking` is told of each new schema which fields it lacks."""

    def __init__(self, shape: Shape | None, siblings: WeakSet[BodyReaders], lacking: Lacking | None = None) -> None:
        self._shape = shape
        self._lacking = lacking
        self._siblings = siblings
        self._made: OrderedDict[tuple[SchemaKey | None, Place], tuple[Schema, BodyReader | SchemaError]] = OrderedDict()
        siblings.add(self)

    def __len__(self) -> int:
        return len(self._made)

    def read(self, key: SchemaKey | None, schema: Schema, body: bytes, place: Place) -> tuple[object, str]:
        """The payload, and the full name of the root's type. `key` is None for a file's schema. Raises DecodeError,
        which names the schema.

        Raises MissingExtra and ImportError, too, where the libraries of a kind can't be imported; OSError, where its
        compiler can't be started now. Nothing is wrong with the message then.
        """
        found = self._made.get((key, place))
        # A registry may correct what a folder said.
        if found is None or (found[0] is not schema and found[0] != schema):
            found = self._make(key, schema, place)
        elif len(self._made) > 1:
            self._made.move_to_end((key, place))
        reader = found[1]
        if isinstance(reader, SchemaError):
            raise DecodeError(f"{schema_text(key, schema)} can't be used: {reader}", "bad-schema")
        try:
            return reader.read(body), reader.name
        except DecodeError as error:
            raise DecodeError(f"{error} ({schema_text(key, schema)})", error.code) from None

    def _make(self, key: SchemaKey | None, schema: Schema, place: Place) -> tuple[Schema, BodyReader | SchemaError]:
        made: BodyReader | SchemaError
        try:
            made = body_reader(schema, self._shape, place)
            if key is not None and self._lacking is not None:
                self._lacking(key, lacks(schema_tree(schema, place), self._shape))
        except MissingExtra:
            raise
        except SchemaError as error:
            made = error
        found = self._made[key, place] = (schema, made)
        self._keep_to_the_limit()
        return found

    def _keep_to_the_limit(self) -> None:
        """Forget the least recently used reader of the topic that has most."""
        while sum(map(len, self._siblings)) > MOST:
            max(self._siblings, key=len)._made.popitem(last=False)


def schema_text(key: SchemaKey | None, schema: Schema) -> str:
    """The schema for people: `schema 1234 (orders-value v7)`; of a file `schema orders.avsc`."""
    version = "" if schema.version is None else f" v{schema.version}"
    name = f"{schema.subject}{version}" if schema.subject else ""
    if key is None:
        return f"schema {name}".rstrip()
    return f"schema {key_text(key)} ({name})" if name else f"schema {key_text(key)}"


def shown_key(key: SchemaKey) -> int | str:
    """The key as rules see it: a number, or a GUID's text."""
    return key if isinstance(key, int) else key_text(key)
