"""Tables from topics: the latest row of a key, as of a message's horizon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec

from greenflash_kafka.model.payload import exact
from greenflash_kafka.model.problem import Problem

PREFIX: Final = "tables."
"""What the name of a table's source begins with, so that it is no conversation's."""

LONGEST_ROW: Final = 4_000
"""Characters of a row's fields, as JSON; what is longer was taken for a row by mistake."""

LONGEST_KEY: Final = 1_024
"""Characters of a row's key."""

_DECODE: Final = msgspec.json.Decoder(list[Any], float_hook=exact).decode


def row_of(columns: Sequence[str], fields: str) -> Mapping[str, Any]:
    """A row by its columns, of its fields as a JSON list."""
    return dict(zip(columns, _DECODE(fields), strict=True))


class TopicTable(msgspec.Struct, frozen=True):
    """A table that a topic tells. `name` is `tables.` and the name that rules know it by; `columns` are its fields.
    `max_delay_ms`: milliseconds that a row may be late; topics that use it are read so much behind. `declaration`: a
    fingerprint of all that decides what the rows are."""

    name: str
    topic: str
    columns: tuple[str, ...]
    max_delay_ms: int
    declaration: str = ""


class TableRow(msgspec.Struct, frozen=True, gc=False):
    """A version of a row, told by one message. `rule` is the name of the table's source; `fields` are those of its
    columns as a JSON list; None: the row is deleted. `item` is None: a message tells one row."""

    rule: str
    key: str
    fields: str | None
    item: int | None = None


class TableRows(msgspec.Struct, frozen=True, gc=False):
    """What a message of a table's topic gives."""

    found: tuple[TableRow, ...] = ()
    problems: tuple[Problem, ...] = ()


NO_ROWS: Final = TableRows()
"""The result for a message that no table asks for."""


class TopicTables(Protocol):
    """What is known of tables from topics. Asked on the loop's thread; it never asks anybody in turn."""

    def row(self, table: str, key: str, recorded: int) -> Mapping[str, Any] | None:
        """The latest row of a table (the name of its source) as of the horizon of a message with this timestamp
        (milliseconds); None if there is none. The same in every run of a topic that isn't compacted.

        Raises ConversationsUnreadable.
        """
        ...
