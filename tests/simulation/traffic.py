"""Messages of a simulation and their expected results, stated here without the rules engine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random

import msgspec

RULES = """\
version: 1
source: {topics: [orders, usage]}
defaults:
  product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
  influence: neutral
rules:
  - name: paid
    when: {payload.type: paid}
    event:
      event_type: paid
      value: = payload.amount
      properties: {n: = payload.n, poison: = payload.poison}
  - name: credit
    when: {payload.type: [credit, half]}
    event:
      event_type: credit
      value: = payload.amount
      insert_id: = payload.id
      properties: {n: = payload.n}
  - name: charge
    when: {payload.type: half}
    event:
      event_type: charge
      value: = number(payload.bad)
      properties: {n: = payload.n}
  - name: line
    each: payload.lines
    when: {payload.type: lines}
    event:
      event_type: line
      value: = item.amount
      properties: {n: = payload.n, item: = index}
"""
"""The rules of every simulation: by the record's identity, by a business id, one to many, and one that can fail."""

CHANGED_RULES = RULES.replace("properties: {", "properties: {rules: changed, ")
"""The same facts in other words, as after an analyst's change between two lives of a process."""

Fact = tuple[str, int, int]
"""(rule, number of the message, item): what an event is about, whatever its insert id."""


class Record(msgspec.Struct, frozen=True, eq=False):
    """A message, with what must become of it: `facts` and their values, and whether it belongs to the dead letters."""

    number: int
    kind: str
    key: bytes
    value: bytes | None
    facts: dict[Fact, str]
    dead: bool
    timestamp_ms: int


KINDS = ("paid", "paid", "paid", "credit", "lines", "seen", "tombstone", "broken", "half", "poison", "huge")


def make(
    number: int, random: Random, now_ms: int, kind: str | None = None, more: Mapping[str, object] | None = None
) -> Record:
    """Message number `number`, of a random kind unless told; `more` stands in its payload too."""
    kind = random.choice(KINDS) if kind is None else kind
    key = b"k%d" % random.randrange(8)
    amount = str(100 + number)
    body: dict[str, object] = {"type": kind, "n": number, "amount": amount, **(more or {})}
    facts: dict[Fact, str] = {}
    match kind:
        case "paid":
            facts["paid", number, 0] = amount
        case "poison":
            body |= {"type": "paid", "poison": True}
        case "credit":
            body["id"] = f"c{number}"
            facts["credit", number, 0] = amount
        case "half":
            body |= {"id": f"c{number}", "bad": "not a number"}
            facts["credit", number, 0] = amount
        case "lines":
            body["lines"] = [{"amount": str(1000 * number + item)} for item in range(random.randint(1, 6))]
            for item in range(len(body["lines"])):  # type: ignore[arg-type]
                facts["line", number, item] = str(1000 * number + item)
    value: bytes | None = json.dumps(body).encode()
    if kind == "tombstone":
        value = None
    elif kind == "broken":
        value = b'{"n": %d, "type": "pai' % number
    elif kind == "huge":
        value = b'{"n": %d, "type": "%s' % (number, b"x" * 3000)
    return Record(number, kind, key, value, facts, kind in ("broken", "half", "poison", "huge"), now_ms)
