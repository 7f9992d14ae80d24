"""The names that an expression may refer to: roots, lets, tables, and paths from them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from greenflash_kafka.expressions.paths import NO_ENVELOPE, EnvelopePaths, Path
from greenflash_kafka.expressions.scope import Let

__all__ = ["KAFKA_FIELDS", "ROOTS", "Names", "Path", "Table"]

ROOTS: Final = ("payload", "item", "index", "kafka", "envelope", "tables", "conversation")
"""First words of paths with a meaning of their own (a let takes none of them). In keys of `when`, `conversation` is a
field of the payload like any other."""

KAFKA_FIELDS: Final = ("topic", "partition", "offset", "key", "timestamp", "headers", "schema", "schema_id")


class Table(msgspec.Struct, frozen=True):
    """A look-up table: `rows` by the key column's text; a row maps column names to cells (text, None when empty).

    Inline tables may hold any literal as a cell. `columns` are all column names, for findings. With several `keys`
    (columns that rows are looked up by) `rows` are nested: by the first key, in it by the second, and so on.
    `source`: the rows are those that a topic tells, under this name, and `rows` is empty; "" for other tables.
    """

    name: str
    columns: tuple[str, ...]
    rows: Mapping[str, Mapping[str, object]]
    keys: tuple[str, ...] = ()
    source: str = ""


class Names(msgspec.Struct, frozen=True):
    """The names that are in scope for an expression, and what stands behind them.

    `lets` are those above it, compiled; `tables` those of the file; `item` says whether `each` is set, so that
    `item` and `index` mean something; `conversation` whether `conversation.*` does: only in the properties of a rule
    that links; `topic_tables` whether tables from topics do; `envelope` what is around the payload. The compiled code
    keeps the lets and tables it was given. `later` are lets that stand below, for hints.
    """

    lets: Mapping[str, Let] = MappingProxyType({})
    tables: Mapping[str, Table] = MappingProxyType({})
    item: bool = False
    conversation: bool = False
    topic_tables: bool = False
    later: frozenset[str] = frozenset()
    envelope: EnvelopePaths = NO_ENVELOPE
