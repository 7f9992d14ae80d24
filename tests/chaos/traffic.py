"""The messages of a chaos run: the demo's three sources, and a topic of numbered facts.

What each message must become is known here because it was made so; the rules engine isn't asked. The ledger is
there for facts that are stored twice: most of its rules have no `insert_id`, and its events say in `properties`
which fact they tell, so that one fact under two ids is seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from greenflash_kafka.demo.made import to_json
from greenflash_kafka.demo.traffic import TOPICS, ProducedMessage, endless_with_meaning
from tests.chaos.chats import LINK, Chat, Talk
from tests.chaos.chats import MAPPINGS as CHAT_MAPPINGS
from tests.chaos.customers import FIELDS, TABLES, Customers

LEDGER = "chaos.ledger"
SOURCES = (*TOPICS, LEDGER)
"""Every topic that is written to; the shipped mappings read others too, which stay empty."""

MAPPINGS = Path(__file__).parents[2] / "mappings"

_RULES = """\
version: 1
source: {topics: [chaos.ledger]}
TABLES
defaults:
  product_id: ${GREENFLASH_PRODUCT_ID}
LINK
rules:
  - name: ledger_paid
    when: {type: paid}
    event:
      event_type: upgrade_purchased
      influence: positive
      value: = money_minor(payload.cents, payload.currency)
      properties: {currency: = payload.currency, fact: "= text(payload.n)"}
  - name: ledger_lines
    each: payload.lines
    when: {payload.type: lines}
    event:
      event_type: usage_logged
      influence: neutral
      value: = item.quantity
      value_type: numeric
      properties: {fact: '= join([payload.n, item.line], ".")'}
  - name: ledger_told
    when: {type: told}
    event:
      event_type: task_success
      influence: positive
      value: = payload.id
      value_type: text
      insert_id: = payload.id
      properties: {fact: = payload.id}
"""

_CURRENCIES = (("EUR", 2), ("USD", 2), ("JPY", 0), ("KWD", 3))


NOW = 0
"""A timestamp: that of the writing. Linking compares the stamps of the ledger with those of the chats."""


class Meant(NamedTuple):
    """A message, the events it must become (identity -> value), and whether it must become a dead letter."""

    message: ProducedMessage
    events: Mapping[str, str]
    broken: bool


def identity(event: Mapping[str, Any]) -> str:
    """Which fact a stored event tells: the ledger's by its number, the demo's by the key of the business."""
    fact = event.get("properties", {}).get("fact")
    return str(event["insertId"]) if fact is None else f"ledger/{event['eventType']}/{fact}"


def endless(
    seed: int, start_ms: int, step_ms: float = 1.0, ledger: float = 0.25, chats: bool = True, people: int = 5_000
) -> Iterator[Meant | Chat]:
    """One message in four (`ledger`) is the ledger's, the others are the demo's; one in fifty of all tells a fact
    again. With each of the ledger's comes a chat, as a rule, and half as often a row of a table, if there are `chats`;
    they are of so many `people`, and of half as many customers."""
    chance = Random(f"{seed} ledger")
    talk = Talk(Random(f"{seed} chats"), people)
    customers = Customers(Random(f"{seed} customers"), people // 2)
    others = endless_with_meaning(seed, start_ms, repeats=0.02, first=start_ms, step_ms=step_ms)
    told: list[Meant] = []
    number = 0
    while True:
        number += 1
        ms = start_ms + int(number * step_ms)
        if chance.random() >= ledger:
            message, made = next(others)
            message = message._replace(timestamp_ms=ms)
            yield Meant(message, {each.insert_id: each.value for each in made.facts}, made.broken)
            continue
        if chats and chance.random() < 0.9:
            yield talk.next(ms)
        if chats and number % 2:
            yield customers.next()
        if told and chance.random() < 0.08:
            yield told[int(chance.random() * len(told))]
        else:
            meant = _ledger(number, ms, chance, talk.person(), customers.customer())
            if any("/task_success/" in each for each in meant.events):
                told = [*told[-50:], meant]
            yield meant


def _ledger(n: int, ms: int, chance: Random, person: str, customer: str) -> Meant:
    about: dict[str, object] = {"n": n, "user": person, "customer": customer}
    about["at"] = ms - int(chance.random() * (2_000 if chance.random() < 0.9 else 300_000))
    kind = chance.random()
    if kind < 0.30:
        return _made(n, {"type": "seen", **about})
    if kind < 0.58:
        currency, digits = _CURRENCIES[int(chance.random() * len(_CURRENCIES))]
        # Dinars are told in tens of fils, as Stripe has them.
        cents = int(chance.random() * 100_000) * (10 if digits == 3 else 1)
        text = f"{cents // 10**digits}.{cents % 10**digits:0{digits}}" if digits else str(cents)
        body = {"type": "paid", **about, "cents": cents, "currency": currency}
        return _made(n, body, {f"ledger/upgrade_purchased/{n}": text})
    if kind < 0.78:
        return _lines(about, chance, broken=False)
    if kind < 0.96:
        name = f"told-{n}"
        return _made(n, {"type": "told", "id": name, **about}, {f"ledger/task_success/{name}": name})
    if kind < 0.98:
        return _lines(about, chance, broken=True)
    if kind < 0.99:
        return _made(n, {"type": "paid", **about, "cents": 100, "currency": "XXL"}, broken=True)
    return Meant(ProducedMessage(LEDGER, b"cut", b'{"type": "paid", "n', (), NOW), {}, True)


def _lines(about: Mapping[str, Any], chance: Random, broken: bool) -> Meant:
    n, quantities = about["n"], [int(chance.random() * 1000) for _ in range(1 + int(chance.random() * 4))]
    lines: list[dict[str, object]] = [{"line": i, "quantity": each} for i, each in enumerate(quantities)]
    if broken:  # its good lines are sent all the same
        lines.append({"line": len(lines), "quantity": {"no": "number"}})
    events = {f"ledger/usage_logged/{n}.{i}": str(each) for i, each in enumerate(quantities)}
    return _made(n, {"type": "lines", **about, "lines": lines}, events, broken)


def _made(n: int, body: Mapping[str, object], events: Mapping[str, str] | None = None, broken: bool = False) -> Meant:
    return Meant(ProducedMessage(LEDGER, b"%d" % n, to_json(body), (), NOW), events or {}, broken)


def write_mappings(folder: Path, names: Mapping[str, str], links: bool = False) -> Path:
    """The shipped mappings and the ledger's, reading the topics that `names` gives for theirs; the folder. With `links`
    the ledger's facts are linked to the conversations of the chats, and say what the tables tell of their customers."""
    for source in MAPPINGS.rglob("*"):
        target = folder / source.relative_to(MAPPINGS)
        # The shipped chats are left out: their topics don't exist here, and whoever links waits for every source. So is
        # the tracking plan, which knows nothing of the ledger's events.
        if source.is_dir() or "chat" in source.relative_to(MAPPINGS).parts:
            continue
        if source.name == "events.yaml" or source.name.endswith("_test.yaml") or source.parent.name == "samples":
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_renamed(source.read_text(), names))
    rules = _RULES.replace("TABLES\n", TABLES if links else "").replace("LINK\n", FIELDS + LINK if links else "")
    files = {"ledger": rules, **(CHAT_MAPPINGS if links else {})}
    for name, rules in files.items():
        (folder / f"{name}.yaml").write_text(_renamed(rules, names))
    return folder


def _renamed(text: str, names: Mapping[str, str]) -> str:
    for old, new in names.items():
        text = text.replace(f"topics: [{old}]", f"topics: [{new}]").replace(f"topic: {old}\n", f"topic: {new}\n")
    return text
