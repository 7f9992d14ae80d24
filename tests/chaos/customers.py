"""Two tables beside the ledger's facts: what each fact says of its customer is only in their topics.

Customers are in a compacted topic, whose cleaner works all the time, each in one partition. Accounts are in a topic
that keeps everything, in any partition, and some in transactions, of which some abort. In both, rows change, go and
come back, and new ones come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from random import Random
from typing import Any, Final, NamedTuple

import msgspec

from greenflash_kafka.demo.made import to_json
from greenflash_kafka.model.message import Message
from tests.chaos.chats import LATE_MS, Chat, facts
from tests.oracle.conversations import Version
from tests.oracle.rows import TableOracle

CUSTOMERS: Final = "chaos.customers"
ACCOUNTS: Final = "chaos.accounts"
DELAYS: Final = {CUSTOMERS: 2_000, ACCOUNTS: 1_000}

COMPACTED: Final = {
    "cleanup.policy": "compact",
    "segment.ms": "2000",
    "min.cleanable.dirty.ratio": "0.01",
    # Who keeps up finds the rows as of the horizons; who has to read the table anew finds that many are gone.
    "min.compaction.lag.ms": "45000",
    # A deletion must stay for as long as a process may be away, or it isn't told that the row is gone.
    "delete.retention.ms": "60000",
}

TABLES: Final = """\
tables:
  customers:
    topic: chaos.customers
    key: = payload.id
    fields: [row]
    deleted: = payload.gone
    max_delay: 2s
  accounts:
    topic: chaos.accounts
    key: = payload.id
    fields: [row]
    deleted: = payload.gone
    max_delay: 1s
"""

FIELDS: Final = """\
  external_organization_id: = tables.customers[payload.customer].row
  properties: {account: "= tables.accounts[payload.customer].row"}
"""
"""What the ledger's rules have of them: the middle of their defaults."""


class Customers:
    """Writes so many customers of both tables; the same rows for the same `chance`."""

    def __init__(self, chance: Random, customers: int, partitions: int = 6) -> None:
        self._chance, self._customers, self._partitions = chance, customers, partitions
        self._made = 0

    def customer(self) -> str:
        """Somebody, told of or not."""
        return f"k{int(self._chance.random() * self._customers)}"

    def next(self) -> Chat:
        """The next row of a table: new, changed, or deleted; one in a hundred is broken."""
        chance = self._chance
        self._made += 1
        # More and more of them are known.
        number = int(chance.random() * min(self._customers, 20 + self._made // 8))
        key, kind = f"k{number}", chance.random()
        body: dict[str, object] = {"id": key, "row": f"r{self._made}"}
        if kind < 0.04:
            body["gone"] = True
        value = None if kind > 0.94 else to_json(body)
        if kind > 0.99:
            key, value = "broken", b'{"id": "k1", "row'
        compacted = chance.random() < 0.5
        return Chat(
            CUSTOMERS if compacted else ACCOUNTS,
            number % self._partitions if compacted else int(chance.random() * self._partitions),
            value,
            int(chance.random() * LATE_MS),
            not compacted and chance.random() < 0.1,
            key.encode(),
        )


class Wanted(NamedTuple):
    """What a fact must say, by one message that tells it; `later` are the customer's rows told after its horizon, which
    may stand for one that compaction took (decision 48). `earlier` are those told before it, if compaction took the
    right one: who was away meanwhile, and has kept the file, knows one of them."""

    customer: str | None
    account: str | None
    later: frozenset[str | None]
    earlier: frozenset[str | None]


def said(event: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The rows of customer and account that an event has."""
    return event.get("externalOrganizationId"), event.get("properties", {}).get("account")


def judge(event: Mapping[str, Any], wanted: Iterable[Wanted]) -> str:
    """`as of`, `later`, `earlier`, or `wrong`."""
    customer, account = said(event)
    found = "wrong"
    for each in wanted:
        if account == each.account:
            if customer == each.customer:
                return "as of"
            if customer in each.later:
                found = "later"
            elif customer in each.earlier and found == "wrong":
                found = "earlier"
    return found


def wanted_rows(
    ledger: Iterable[Message], tables: Mapping[str, Iterable[Message]], left: Iterable[Message]
) -> dict[str, set[Wanted]]:
    """What each fact of the ledger must say, by identity. `tables`: every record that there ever was, in order of
    partition and offset, by `CUSTOMERS` and `ACCOUNTS`; `left`: what compaction left of the customers."""
    there = {_version(each).row for each in left}
    oracles = {topic: _oracle(records) for topic, records in tables.items()}
    found: dict[str, set[Wanted]] = {}
    for each in ledger:
        try:
            payload = msgspec.json.decode(each.value or b"null")
        except msgspec.DecodeError:
            continue
        key, horizons = payload["customer"], {topic: each.timestamp_ms + delay for topic, delay in DELAYS.items()}
        rows = {topic: oracle.find(key, horizons[topic]) for topic, oracle in oracles.items()}
        later = oracles[CUSTOMERS].later(key, horizons[CUSTOMERS])
        # Compaction takes only what a later one replaces.
        taken = later and (rows[CUSTOMERS] is None or rows[CUSTOMERS] not in there)
        earlier = oracles[CUSTOMERS].earlier(key, horizons[CUSTOMERS]) if taken else frozenset[str | None]()
        for fact in facts(payload):
            found.setdefault(fact, set()).add(Wanted(rows[CUSTOMERS], rows[ACCOUNTS], later, earlier))
    return found


def _oracle(records: Iterable[Message]) -> TableOracle:
    logs: defaultdict[int, list[tuple[int, Version]]] = defaultdict(list)
    for each in records:
        logs[each.partition].append((each.offset, _version(each)))
    return TableOracle(logs)


def _version(record: Message) -> Version:
    if record.value is None:
        return Version(record.timestamp_ms, (record.key or b"").decode(), None)
    try:
        row = msgspec.json.decode(record.value)
    except msgspec.DecodeError:
        return Version(record.timestamp_ms, "", None)
    return Version(record.timestamp_ms, row["id"], None if row.get("gone") else row["row"])
