"""What an expression may refer to beside `payload`, `kafka` and `envelope`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from consumer.rules.expressions.scope import Let

ROOTS: Final = ("payload", "item", "index", "kafka", "envelope", "tables", "conversation")
"""First words of paths with a meaning of their own; `conversation` is reserved. A let can't take one of them."""

KAFKA_FIELDS: Final = ("topic", "partition", "offset", "key", "timestamp", "headers")


class Table(msgspec.Struct, frozen=True):
    """A look-up table: `rows` by the key column's text; a row maps column names to cells (text, None when empty).

    Inline tables may hold any literal as a cell. `columns` are all column names, for findings.
    """

    name: str
    columns: tuple[str, ...]
    rows: Mapping[str, Mapping[str, object]]


class Names(msgspec.Struct, frozen=True):
    """The names that are in scope for an expression, and what stands behind them.

    `lets` are those above it, compiled; `tables` those of the file; `item` says whether `each` is set, so that
    `item` and `index` mean something. The compiled code keeps the lets and tables it was given.
    """

    lets: Mapping[str, Let] = MappingProxyType({})
    tables: Mapping[str, Table] = MappingProxyType({})
    item: bool = False
