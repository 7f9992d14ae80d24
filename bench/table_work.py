"""The work of parts that look up: a table's topic, and the usual rules with a user from it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from bench.work import MAPPING
from tests.brokers.kafka import Record

PEOPLE: Final = 5_000
"""Of the outcomes: as in `bench.work`."""

_OWN: Final = "  external_user_id: = payload.data.object.metadata.user_id\n"

TABLE: Final = """\
tables:
  customers: {topic: CUSTOMERS, key: id, fields: [user_id], max_delay: 60s}
"""

LOOKED_UP: Final = MAPPING.replace(
    _OWN, "  external_user_id: = tables.customers[payload.data.object.customer].user_id\n"
).replace("when: {livemode: true}\n", f"when: {{livemode: true}}\n{TABLE}")
"""The usual rules, of which the table says the user."""


def customer(number: int) -> str:
    """The key of a customer, as the messages of `bench.work` have it."""
    return f"cus_{number:014d}"


def rows(count: int, end: int) -> Iterator[Record]:
    """So many customers, told in the 20 hours before `end` (milliseconds since 1970), in order of time over 6
    partitions: 300 bytes each."""
    begin = end - 20 * 3_600_000
    for number in range(count):
        row = {"id": customer(number), "user_id": f"user-{number}", "name": f"Customer {number}", "note": "x" * 220}
        value = json.dumps(row, separators=(",", ":")).encode()
        at = begin + number * (end - begin) // count
        yield Record(value, customer(number).encode(), (), number % 6, at)
