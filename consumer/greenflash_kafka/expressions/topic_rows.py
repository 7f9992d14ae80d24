"""Rows of tables from topics, as expressions look them up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from greenflash_kafka.expressions.scope import Scope


class TopicRows:
    """The rows of one table as of one message's horizon: `get` as of a dictionary."""

    __slots__ = ("_scope", "_table")

    def __init__(self, scope: Scope, table: str) -> None:
        self._scope = scope
        self._table = table

    def get(self, key: str) -> Mapping[str, Any] | None:
        """The row; None if there is none, the record has no timestamp, or nobody knows rows. Raises
        ConversationsUnreadable."""
        recorded, tables = self._scope.record_ms, self._scope.context.tables
        if recorded is None or tables is None:
            return None
        return tables.row(self._table, key, recorded)


def topic_rows(scope: Scope, table: str) -> TopicRows:
    """What a table's rows are looked up in, for this message. `table`: the name of its source."""
    return TopicRows(scope, table)
