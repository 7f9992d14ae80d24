"""Chats beside the ledger's facts: to whose conversation each fact belongs is only in the logs.

Two topics: one that the broker stamps, and one that its producer stamps some time before it writes. In both a
partition is always silent and another one falls silent early; some records are in transactions, of which some abort.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random
from typing import Any, Final

import msgspec

from greenflash_kafka.demo.made import to_json
from greenflash_kafka.model.message import Message
from tests.oracle.conversations import Asked, Entry, Oracle, Said, Way

CHATS: Final = "chaos.chats"
"""The broker stamps its records."""

CALLS: Final = "chaos.calls"
"""Its producer stamps its records, and is late."""

LATE_MS: Final = 1_000
"""The most that a call's record is stamped before it is written."""

CHATS_DELAY, CALLS_DELAY, LOOKBACK_MS = 2_000, 1_000, 600_000

RECENT: Final = 2_000
"""Conversations that may go on."""

LINK: Final = """\
  external_user_id: = payload.user
  event_at: = time(payload.at, "ms")
link: {lookback: 10m}
"""
"""What the ledger's rules have of it: the end of their defaults, and the link."""

RULES: Final = """\
version: 1
source: {topics: [TOPIC]}
conversations:
  - name: NAME
    when: {payload.kind: said}
    id: = payload.chat
    at: = time(payload.at, "ms")
    keys: {external_user_id: = payload.user}
    max_delay: DELAYs
"""
"""The mapping of either topic."""

MAPPINGS: Final = {
    "chats": RULES.replace("TOPIC", CHATS).replace("NAME", "chat").replace("DELAY", str(CHATS_DELAY // 1000)),
    "calls": RULES.replace("TOPIC", CALLS).replace("NAME", "call").replace("DELAY", str(CALLS_DELAY // 1000)),
}


class Chat(msgspec.Struct, frozen=True):
    """A record of a topic of conversations, or of a table's: `ago_ms` is how long before its writing it is stamped,
    `within` says that it is written in a transaction."""

    topic: str
    partition: int
    value: bytes | None
    ago_ms: int
    within: bool
    key: bytes | None = None


class Talk:
    """Makes chats of so many people; the same ones for the same `chance`. `partitions`: how many each topic has."""

    def __init__(self, chance: Random, people: int, partitions: int = 6) -> None:
        self._chance, self._people, self._partitions = chance, people, partitions
        self.conversations = 0
        """How many have begun."""
        self._made = 0

    def person(self) -> str:
        """Somebody."""
        return f"u{int(self._chance.random() * self._people)}"

    def next(self, ms: int) -> Chat:
        """The next record, said at about this time (milliseconds)."""
        chance = self._chance
        self._made += 1
        if self.conversations == 0 or chance.random() < 0.27:
            self.conversations += 1
            number = self.conversations
        else:
            number = self.conversations - int(chance.random() * min(RECENT, self.conversations))
        kind = chance.random()
        at = ms - int(chance.random() * (2_000 if kind < 0.6 else 60_000 if kind < 0.9 else 300_000))
        if kind > 0.97:
            at = ms + int(chance.random() * 60_000)
        body: dict[str, object] = {"kind": "said", "chat": f"c-{number}", "user": f"u{number % self._people}", "at": at}
        if chance.random() < 0.02:
            body["kind"] = "typing"
        value = to_json(body) if chance.random() < 0.98 else chance.choice((None, b"{", b"[]"))
        # The last partition never has a record, the one before only at first.
        speaking = self._partitions - (1 if self._made < 500 else 2)
        late = chance.random() < 0.5
        return Chat(
            CALLS if late else CHATS,
            int(chance.random() * speaking),
            value,
            int(chance.random() * LATE_MS) if late else 0,
            chance.random() < 0.1,
        )


def oracle_of(records: Mapping[str, Iterable[Message]]) -> Oracle:
    """The oracle of what is in the topics now; `records` by `CHATS` and `CALLS`, in order of partition and offset."""
    logs: dict[tuple[str, int], list[Entry]] = {}
    for topic, messages in records.items():
        for each in messages:
            entry = Entry(each.timestamp_ms, tuple(_said(topic, each.value)))
            logs.setdefault((topic, each.partition), []).append(entry)
    return Oracle(logs.values())


def _said(topic: str, value: bytes | None) -> Iterable[Said]:
    try:
        body = msgspec.json.decode(value or b"null")
    except msgspec.DecodeError:
        return
    if isinstance(body, dict) and body.get("kind") == "said":
        source = "chat" if topic == CHATS else "call"
        yield Said(source, "external_user_id", body["user"], body["at"], body["chat"])


def asked(stamp: int, payload: Mapping[str, Any]) -> Asked:
    """The question of a fact of the ledger whose record has this timestamp."""
    sources = {"chat": CHATS_DELAY, "call": CALLS_DELAY}
    return Asked(stamp, payload["at"], (Way({"external_user_id": payload["user"]}, sources, LOOKBACK_MS),))


def expected(ledger: Iterable[Message], oracle: Oracle) -> dict[str, set[str | None]]:
    """The conversations that each fact of the ledger may have, by identity: one, unless its topic tells it again."""
    found: dict[str, set[str | None]] = {}
    for each in ledger:
        try:
            payload = msgspec.json.decode(each.value or b"null")
        except msgspec.DecodeError:
            continue
        conversation = oracle.find(asked(each.timestamp_ms, payload))
        for fact in facts(payload):
            found.setdefault(fact, set()).add(None if conversation is None else conversation.conversation)
    return found


def facts(payload: Mapping[str, Any]) -> Iterable[str]:
    """The identities of what a message of the ledger tells."""
    match payload["type"]:
        case "paid":
            yield f"ledger/upgrade_purchased/{payload['n']}"
        case "lines":
            yield from (f"ledger/usage_logged/{payload['n']}.{each['line']}" for each in payload["lines"])
        case "told":
            yield f"ledger/task_success/{payload['id']}"
