"""Facts, and one rule file over them, for tests that read the same facts in every format.

The facts are the rows of `billing.subscriptions` that Debezium recorded (`tests/debezium`): amounts, a number of more
than 53 bits, a float, a time and an enum. Rows with infinite times aren't among them: no other format can say these.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from greenflash_kafka.decoding.decoders import FormatDecoders
from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.loading import load
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.ports import Schemas
from greenflash_kafka.snapshot import Snapshot
from tests.debezium.recorded import recorded

RULES: Final = """\
version: 1
source: {{{source}}}
when: {{customer: [c-301, c-304]}}
let:
  # Text in some modes of Debezium, Base64 in others that send no schema, else a number.
  amount: "= number(payload.amount) if contains(text(payload.amount), '.') else decode_decimal(payload.amount, 2)"
rules:
  - name: subscribed
    event:
      event_type: subscription_changed
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: = money_major(amount, payload.currency)
      external_user_id: = payload.customer
      event_at: = time(payload.changed)
      insert_id: = join([payload.id, payload.plan, payload.seats, round(amount * 100)], "-")
      properties:
        plan: = payload.plan
        seats: = payload.seats
        usage: = payload.usage
        share: = payload.share
        features: = payload.features
"""


RECORDED_MS: Final = 1796108400000
"""The timestamp of records, 2026-12-01T07:00Z: an event is never later than its record."""


class Fact(msgspec.Struct, frozen=True):
    """One state of a subscription. `changed` is in UTC; `features` is JSON as text."""

    id: int
    customer: str
    plan: str
    amount: Decimal
    currency: str
    seats: int
    usage: int | None
    share: float | None
    changed: datetime
    features: str


@cache
def facts() -> tuple[Fact, ...]:
    """The facts, in the order in which they came."""
    found = []
    for record in recorded("string-json"):
        change = json.loads(record.value or b"null")
        if record.topic.endswith("subscriptions") and change and change["op"] in ("c", "u"):
            row = change["after"]
            if row["customer"] != "c-302":
                found.append(msgspec.convert(row, Fact, strict=False))
    return tuple(found)


def snapshot(folder: Path, source: str, schemas: Schemas | None = None) -> Snapshot:
    """The rule file for these topics, `source` being the inside of `source: {}`, as production loads it."""
    file = folder / "subscriptions.yaml"
    file.write_text(RULES.format(source=source))
    loaded = load([file], {}, strict_env=False)
    assert loaded.ruleset is not None, loaded.findings
    return Snapshot(loaded.ruleset, decoders=FormatDecoders(schemas))


def sent(messages: Sequence[Message], rules: Snapshot) -> list[bytes]:
    """The events of these messages as they are sent, by production's own evaluation; fails for a message with a
    problem, and for one that isn't read yet."""
    bodies = []
    for message in messages:
        outcome = evaluate(message, rules)
        assert isinstance(outcome, Outcome), outcome
        assert not outcome.problems, outcome.problems
        bodies += [event.body for event in outcome.events]
    return bodies
