"""Names under which the reading of tables' topics reports."""

from __future__ import annotations

from collections.abc import Sequence

from greenflash_kafka.ports import Listener


class TableListener:
    """A `ports.Listener` that passes on what the reading of logs reports, as of tables rather than conversations."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def notice(self, name: str, **facts: object) -> None:
        """See `ports.Listener`."""
        self._listener.notice(notice_of_tables(name), **facts)

    def count(self, metric: str, amount: int = 1, labels: tuple[str, ...] = ()) -> None:
        """See `ports.Listener`."""
        self._listener.count(counter_of_tables(metric), amount, labels)

    def gauge(self, metric: str, value: float, labels: tuple[str, ...] = ()) -> None:
        """See `ports.Listener`."""
        self._listener.gauge(gauge_of_tables(metric), value, labels)

    def observe(self, metric: str, counts: Sequence[int], total: float, labels: tuple[str, ...] = ()) -> None:
        """See `ports.Listener`; nothing of tables is observed."""


def notice_of_tables(name: str) -> str:
    """The notice of tables that corresponds to one of conversations; others as they are."""
    return {
        "conversations_restoring": "tables_restoring",
        "conversations_ready": "tables_ready",
        "conversations_stalled": "tables_stalled",
        "conversations_rebuilt": "tables_rebuilt",
        "conversations_history_missing": "tables_history_missing",
        "conversations_stamped_ahead": "tables_stamped_ahead",
        "conversation_record_invalid": "table_record_invalid",
    }.get(name, name)


def counter_of_tables(name: str) -> str:
    """The same of counters."""
    return {
        "conversation_late": "table_rows_late",
        "conversation_problems": "table_problems",
        "table_late": "table_late",
    }[name]


def gauge_of_tables(name: str) -> str:
    """The same of gauges."""
    return {
        "conversation_behind_seconds": "table_behind_seconds",
        "conversation_points": "table_rows",
        "conversation_bytes": "table_bytes",
    }[name]
