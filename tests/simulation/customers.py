"""A table of a simulation: the topic that tells its rows, and which row each event should have."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import msgspec

from tests.oracle.conversations import Version, row_as_of
from tests.simulation.kafka.cluster import MemoryKafka, Record
from tests.simulation.told_topic import ToldTopic

CUSTOMERS = "customers"
OLD, ALL = 8, 14
"""So many customers there are from the beginning, and in all."""

NEW_SECONDS = 5.0
"""From this second on there are all."""

TABLE = """\
tables:
  customers:
    topic: customers
    key: = payload.id
    fields: [user, n]
    deleted: = payload.gone
    max_delay: DELAYs
"""


class Rows(msgspec.Struct, frozen=True):
    """How the table of a run is told. `keyed`: a customer's rows are in one partition, while none is added; else in
    any. `compacted`: the topic's policy. `answer`: seconds until the brokers say which it is. `fetched`: the number of
    records that they give at once."""

    partitions: int
    records: int
    late: float
    transactions: float
    keyed: bool
    compacted: bool
    answer: float
    fetched: int


def choose_rows(random: Random, most_late: float) -> Rows:
    """Some way to tell a table."""
    compacted = random.random() < 0.4
    return Rows(
        partitions=random.choice((1, 2, 3)),
        records=random.choice((60, 100)),
        late=random.choice((0.0, 0.5, 1.0)) * most_late,
        transactions=random.choice((0.0, 0.0, 0.1)),
        keyed=compacted or random.random() < 0.5,
        compacted=compacted,
        answer=random.choice((0.0, 0.5, 3.0)),
        fetched=random.choice((1, 3, 200)),
    )


class Customers(ToldTopic):
    """Writes the table's topic; `delay`: seconds that a row may be late."""

    def __init__(self, cluster: MemoryKafka, rows: Rows, delay: int, random: Random) -> None:
        super().__init__(cluster, CUSTOMERS, rows.partitions, random, late=rows.late, transactions=rows.transactions)
        self._rows, self.delay, self.fetched = rows, delay, rows.fetched
        self._number = 0
        self.compacted = False
        """True once compaction has deleted something."""
        for number in range(OLD):
            self._tell(number)

    def forgets(self) -> Callable[[str], bool | None]:
        """What a process is answered when it asks whether the topic is compacted."""
        scheduler, until = self._cluster.scheduler, [-1.0]

        def asked(_: str) -> bool | None:
            if until[0] < 0.0:
                until[0] = scheduler.now + self._rows.answer
            return None if scheduler.now < until[0] else self._rows.compacted

        return asked

    # --- what is written -------------------------------------------------------------------------------------------

    def produce(self) -> None:
        """A row is new, changes, or is deleted."""
        self._tell(self._random.randrange(OLD if self._cluster.scheduler.now < NEW_SECONDS else ALL))

    def _tell(self, customer: int) -> None:
        random, key = self._random, f"c{customer}"
        self._number += 1
        row: dict[str, object] = {"id": key, "user": f"u{random.randrange(3)}", "n": self._number}
        # Where compaction has left nothing of who is deleted, an event without a row says little.
        kind, share = random.random(), 0.01 if self._rows.compacted else 0.1
        value: bytes | None = json.dumps(row | ({"gone": True} if kind < share else {})).encode()
        record_key = key.encode()
        if share <= kind < 2 * share:
            value = None
        elif kind > 0.97:
            value, record_key = b'{"id": "c1", "n', b"broken"
        partition = customer % len(self.logs) if self._rows.keyed else self.any_partition()
        self.append(partition, self.stamp(), value, record_key)

    def compact(self, number: int) -> None:
        """What the cleaner does with all but the last records of each partition: what a later one replaces goes, and
        perhaps deletions too."""
        if not self._rows.compacted:
            return
        for log in self.logs:
            cleaned = [each for each in log.records if each.offset < min(log.stable, log.end - number)]
            last = {each.key: each.offset for each in cleaned if not each.aborted}
            forgotten = self._random.random() < 0.3
            gone = [
                each.offset
                for each in cleaned
                if each.aborted or each.marker or last[each.key] > each.offset or (forgotten and each.value is None)
            ]
            self.compacted = self.compacted or bool(gone)
            log.compact(gone)

    # --- what must be true -----------------------------------------------------------------------------------------

    def versions(self) -> list[list[Version]]:
        """All that was ever told, by the offsets; what nobody gets to see says nothing."""
        return [
            [_version(self._told.get((number, offset))) for offset in range(log.end)]
            for number, log in enumerate(self.logs)
        ]

    def wrong(self, versions: list[list[Version]], key: str, recorded: int, event: Mapping[str, Any]) -> str | None:
        """What is wrong with the row of an event about this customer, in words; None if nothing is."""
        stored = event["properties"].get("row")
        user, horizon = event.get("externalUserId"), recorded + self.delay * 1000
        found = None if stored is None else f"{stored} {user}"
        truth = row_as_of(versions, key, horizon)
        if found == truth and (found is not None or user is None):
            return None
        rows = [each.row for log in versions for each in log if each.key == key]
        gaps = self.compacted or (self._rows.compacted and self.markers)
        if gaps and (found in rows if found is not None else None in rows):
            # Another version stands for one that is deleted, or may be; of who was deleted later, nothing may be left.
            return None
        return f"row {found} of {key}, not {truth}"


def _version(record: Record | None) -> Version:
    nothing = Version(0, "", None)
    if record is None:
        return nothing
    if record.value is None:
        return Version(record.timestamp_ms, (record.key or b"").decode(), None)
    try:
        row = json.loads(record.value)
    except ValueError:
        return Version(record.timestamp_ms, "", None)
    return Version(record.timestamp_ms, row["id"], None if row.get("gone") else f"{row['n']} {row['user']}")
