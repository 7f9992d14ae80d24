"""CPU of an event whose user a table says, without Kafka and HTTP: prints us of `evaluate` by case, as JSON.

`python -m bench.contenders.looking_up FOLDER ROWS`: the table has so many rows and stands in the folder.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import msgspec

from bench.contenders.linking_events import COUNT, RECORDED, best_of_each, only_event
from bench.table_work import LOOKED_UP, customer
from bench.work import MAPPING, messages
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.linking.conversations_and_tables import ConversationsAndTables
from greenflash_kafka.linking.logged_tables import LoggedTables
from greenflash_kafka.linking.row_table import RowTable, place
from greenflash_kafka.loading import load
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.message import Message
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Snapshot

TABLE = "tables.customers"


def _rules(folder: Path, rules: str) -> Ruleset:
    (folder / "outcomes.yaml").write_text(rules.replace("CUSTOMERS", "customers").replace("TOPIC", "outcomes"))
    loaded = load([folder], {})
    assert loaded.ruleset is not None, loaded.findings
    return loaded.ruleset


def _snapshot(ruleset: Ruleset, table: RowTable) -> Snapshot:
    tables = LoggedTables(ruleset.tables, table, SystemClock())
    tables.publish({TABLE: RECORDED + 3_600_000})
    tables.complete_since(0, {TABLE: 0})
    return Snapshot(ruleset, EvaluationContext(conversations=ConversationsAndTables(None, tables), tables=tables))


def _fill(table: RowTable, rows: int) -> None:
    key = table.hasher(TABLE, "key")
    for first in range(0, rows, 100_000):
        table.begin()
        numbers = range(first, min(rows, first + 100_000))
        told = ((key(customer(n)), RECORDED - 60_000 - n % 9_000, place(n, n % 6), f'["user-{n}"]') for n in numbers)
        table.put(sorted(told))
        table.commit({})


def main(folder: Path, rows: int) -> None:
    """Prepare the cases, measure, and print."""
    taken = [Message("outcomes", 0, number, RECORDED, value=value) for number, value in enumerate(messages(COUNT))]
    full, empty = RowTable(folder / "full.sqlite"), RowTable(folder / "empty.sqlite")
    _fill(full, rows)
    cases = {
        "plain_us": Snapshot(_rules(folder, MAPPING)),
        "looked_up_us": _snapshot(_rules(folder, LOOKED_UP), full),
        "missed_us": _snapshot(_rules(folder, LOOKED_UP), empty),
    }
    bodies = {name: msgspec.json.decode(only_event(taken[1], each).body) for name, each in cases.items()}
    assert bodies["looked_up_us"] == bodies["plain_us"]
    assert "externalUserId" not in bodies["missed_us"]
    print(json.dumps(best_of_each(taken, cases)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
