"""Conversation topics of a simulation: what is said in them, the rules that link, and whether they linked rightly."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from random import Random
from typing import Any, Literal, NamedTuple
from zlib import crc32

import msgspec

from greenflash_kafka.ports import TopicPartition
from tests.oracle.conversations import DAY, Asked, Entry, Oracle, Said, Way
from tests.simulation.customers import ALL, TABLE, Customers, Rows, choose_rows
from tests.simulation.kafka.cluster import Log, MemoryKafka
from tests.simulation.told_topic import ToldTopic
from tests.simulation.traffic import RULES

CHATS = "chats"
LINKED, UNLINKED = "orders", "usage"
"""The topic whose rules link, and the one whose rules don't."""

PEOPLE, DEVICES = 3, 2
MINUTES = 4
"""What is said, and the outcomes, happened in so many minutes before they are told; one half of both just now, and then
mostly in a new conversation. So dense that the order of the logs decides."""

LATE = 0.15
"""The share of outcomes that are reported about a day and a lookback late, and of chats from that time."""

_OLD, _NEW = 3, 60
"""Conversations of a person: such that go on, and those of just now."""

SKEW = 0.2
"""Seconds that a process's clock may be off by, either way."""

_CHATS = """\
version: 1
source: {topics: [chats]}
conversations:
  - name: chat
    when: {payload.kind: said}
    id: = payload.chat
    at: = time(payload.at, "ms")
    keys:
      external_user_id: = payload.user
      device: = payload.device
    max_delay: CHAT_DELAYs
  - name: call
    each: payload.turns
    when: {payload.kind: call}
    id: = payload.chat
    at: = time(item.at, "ms")
    keys: {external_user_id: = payload.user}
    max_delay: CALL_DELAYs
"""

_WAYS = {
    "user": "  lookback: LOOKBACKs\n  touch: TOUCH\n",
    "user or device": "  by: {external_user_id: = payload.user, device: = payload.device}\n"
    "  lookback: LOOKBACKs\n  touch: TOUCH\n",
    "one chat of the device, else the user": "  - {by: {device: = payload.device}, to: [chat], lookback: 20s, "
    "touch: single}\n  - {lookback: LOOKBACKs, touch: TOUCH}\n",
    "customer": "  by: {external_user_id: '= tables.customers[payload.customer].user'}\n"
    "  lookback: LOOKBACKs\n  touch: TOUCH\n",
    "never": "",
}


Outcome = tuple[TopicPartition, str, Mapping[str, Any], int, Mapping[str, Any]]
"""A stored event: the partition of its message, where that is, its payload and timestamp, and the event's body."""


class Links(NamedTuple):
    """What the mapping files say; delays and `lookback` are in seconds."""

    chat_delay: int
    call_delay: int
    lookback: int
    touch: Literal["last", "first", "single"]
    ways: str
    row_delay: int | None = None
    """That of the table that says who is meant, if there is one."""


_USER, _EITHER, _DEVICE_FIRST, _CUSTOMER, _NEVER = _WAYS
LINKS = (
    Links(0, 0, 600, "last", _USER),
    Links(1, 0, 120, "last", _USER),
    Links(3, 2, 600, "first", _USER),
    Links(1, 2, 30, "single", _USER),
    Links(0, 2, 600, "last", _EITHER),
    Links(3, 0, 120, "first", _EITHER),
    Links(1, 0, 120, "last", _DEVICE_FIRST),
    Links(3, 2, 600, "single", _DEVICE_FIRST),
)
"""Few, since compiling them takes longer than the rest of a run."""

TABLES = (
    Links(0, 0, 0, "last", _NEVER, 0),
    Links(0, 0, 0, "last", _NEVER, 2),
    Links(1, 0, 120, "last", _USER, 1),
    Links(0, 2, 600, "first", _CUSTOMER, 0),
)
"""The same with a table."""


class Linking(msgspec.Struct, frozen=True):
    """How a run links. `late`: how many seconds before their append records may be stamped (0: the broker stamps them
    then); `quiet`: so many of the partitions get nothing; `transactions`: the share of records that begin one; `loses`:
    the share of deaths that cost the table's file; `margin`: how late, at most, records may come to the log; `refusal`:
    what the service answers to an event of a conversation that it doesn't know, 0 if it knows all (`is_unknown`)."""

    links: Links
    partitions: int
    records: int
    late: float
    transactions: float
    quiet: int
    loses: float
    margin: float
    refusal: int = 0
    rows: Rows | None = None

    @property
    def most_late(self) -> float:
        """The most that `late` may be."""
        return self.margin - SKEW - 0.05


def choose(random: Random) -> Linking:
    """Some way to link."""
    partitions = random.choice((1, 2, 3))
    margin = random.choice((1.0, 1.0, 5.0))
    linking = Linking(
        random.choice(LINKS),
        partitions,
        records=random.choice((60, 120)),
        late=random.choice((0.0, 0.0, 0.5, 1.0)),
        transactions=random.choice((0.0, 0.1)),
        quiet=random.choice((0, 0, 1)) if partitions > 1 else 0,
        loses=random.choice((0.0, 0.5, 1.0)),
        margin=margin,
    )
    return msgspec.structs.replace(linking, late=linking.late * linking.most_late)


def choose_table(random: Random) -> Linking:
    """Some way to use a table, and perhaps to link as well."""
    linking = choose(random)
    links = random.choice(TABLES)
    records = linking.records if links.lookback else 0
    rows = choose_rows(random, linking.most_late)
    return msgspec.structs.replace(linking, links=links, records=records, rows=rows)


def is_unknown(conversation: str) -> bool:
    """Whether this is one of the conversations that a service doesn't know that knows not all: one in four."""
    return crc32(conversation.encode()) % 4 == 0


def mapping_files(given: Links, changed: bool) -> dict[str, str]:
    """The mapping files by name; `changed` as `traffic.CHANGED_RULES`."""
    rules = RULES.replace("properties: {", "properties: {rules: changed, ") if changed else RULES
    links = _WAYS[given.ways].replace("LOOKBACK", str(given.lookback)).replace("TOUCH", given.touch)
    links = f"link:\n{links}" if links else ""
    user, shown = "payload.user", "after: = conversation.seconds_before, " if links else ""
    if given.row_delay is not None:
        links += TABLE.replace("DELAY", str(given.row_delay))
        user = "tables.customers[payload.customer].user"
        shown += "row: '= tables.customers[payload.customer].n', "
    linked = rules.replace("topics: [orders, usage]}\n", f"topics: [{LINKED}]}}\n{links}").replace(
        "defaults:\n", f'defaults:\n  external_user_id: = {user}\n  event_at: = time(payload.at, "ms")\n'
    )
    linked = linked.replace("properties: {", f"properties: {{{shown}")
    chats = _CHATS.replace("CHAT_DELAY", str(given.chat_delay)).replace("CALL_DELAY", str(given.call_delay))
    files = {"linked.yaml": linked, "unlinked.yaml": rules.replace("[orders, usage]", f"[{UNLINKED}]")}
    return files | {"chats.yaml": chats} if given.lookback else files


def about(random: Random, late: Random, now_ms: int, lookback: int, customers: bool) -> dict[str, object]:
    """What an outcome says of whom it is about, and when it happened; a customer too if there is a table of them.
    `late` says which are reported late; `lookback`: that of its link, in seconds."""
    at = now_ms - random.randrange(random.choice((2_000, MINUTES * 60_000)))
    if late.random() < LATE:
        at -= _late(late, lookback)
    user, device = f"u{random.randrange(PEOPLE)}", f"d{random.randrange(DEVICES)}"
    told: dict[str, object] = {"user": user, "device": device, "at": at}
    return told | {"customer": f"c{random.randrange(ALL + 1)}"} if customers else told


def _late(random: Random, lookback: int) -> int:
    """A day and some part of a lookback (seconds), in milliseconds: there, links end."""
    return DAY + random.randrange(lookback * 1_000 + 1)


class Chats(ToldTopic):
    """Writes the conversation topic, and knows at the end what should be linked to what. `customers`: the table that
    says who is meant; None if messages say it themselves."""

    def __init__(self, cluster: MemoryKafka, linking: Linking, random: Random, customers: Customers | None) -> None:
        super().__init__(
            cluster,
            CHATS,
            linking.partitions,
            random,
            late=linking.late,
            transactions=linking.transactions,
            quiet=linking.quiet,
        )
        self._linking = linking
        self._odd = Random(f"late {linking}")
        self.customers = customers

    @property
    def meant_seconds(self) -> float:
        """How long a message waits in the ordinary course, at most, but for a second or two."""
        links = self._linking.links
        return max(links.chat_delay, links.call_delay, links.row_delay or 0) + self._linking.margin

    # --- what is written -------------------------------------------------------------------------------------------

    def produce(self) -> None:
        """One more record, somewhere."""
        self.append(self.any_partition(), self.stamp(), self._value(self.now_ms()))

    def _value(self, now: int) -> bytes | None:
        random = self._random
        user = random.randrange(PEOPLE)
        kind, fresh = random.random(), random.random() < 0.5
        chat = f"new-{random.randrange(_NEW)}" if fresh else f"old-{random.randrange(_OLD)}"
        body: dict[str, Any] = {"user": f"u{user}", "chat": f"{user}-{chat}"}
        ago = partial(random.randrange, 2_000 if fresh else MINUTES * 60_000)
        if self._odd.random() < LATE:
            now -= _late(self._odd, self._linking.links.lookback)
        if kind < 0.7:
            body |= {"kind": "said", "device": f"d{random.randrange(DEVICES)}", "at": now - ago()}
        elif kind < 0.9:
            body |= {"kind": "call", "turns": [{"at": now - ago()} for _ in range(random.randint(1, 3))]}
        elif kind < 0.95:
            return random.choice((None, b'{"kind": "sai', b'{"kind": "typing"}'))
        else:
            body |= {"kind": "said", "at": now + random.randrange(20_000)}
        return json.dumps(body).encode()

    # --- what must be true -----------------------------------------------------------------------------------------

    def check(
        self,
        outcomes: Iterable[Outcome],
        broken: Callable[[str, str], None],
    ) -> Counter[str]:
        """Compare what is stored with the oracle; how many there are of each result."""
        oracle, counts = Oracle(_entries(each) for each in self.logs), Counter[str]()
        versions = [] if self.customers is None else self.customers.versions()
        for (topic, _), where, payload, stamp, event in outcomes:
            stored = event.get("externalConversationId")
            if topic != LINKED:
                if stored is not None:
                    broken("only rules that link do", f"{where}: {stored}")
                continue
            if self.customers is not None:
                counts["rows"] += "row" in event["properties"]
                if wrong := self.customers.wrong(versions, payload["customer"], stamp, event):
                    broken("every event has its row of the table", f"{where}: {wrong}")
                    continue
            asked = Asked(stamp, int(payload["at"]), self._ways(payload, event))
            found = oracle.find(asked) if self._linking.links.lookback else None
            counts["none" if found is None else "linked"] += 1
            wanted = None if found is None else found.conversation
            if wanted is not None and self._linking.refusal and is_unknown(wanted):
                # It went out once more without: the properties still say how long after it that was.
                counts["refused"] += 1
                wanted = None
            if stored != wanted:
                broken("every event has its conversation", f"{where}: {stored}, not {wanted}")
                continue
            after = event["properties"].get("after")
            right = None if found is None else max(0.0, (int(payload["at"]) - found.at) / 1000)
            if (after is None) != (right is None) or (right is not None and abs(float(after) - right) > 0.001):
                broken("every event has its conversation", f"{where}: {after} s after it, not {right}")
        return counts

    def _ways(self, payload: Mapping[str, Any], event: Mapping[str, Any]) -> tuple[Way, ...]:
        linking = self._linking.links
        sources = {"chat": linking.chat_delay * 1000, "call": linking.call_delay * 1000}
        # Which row says who it is was compared before.
        who = payload["user"] if self.customers is None else event.get("externalUserId")
        user, device = {} if who is None else {"external_user_id": who}, {"device": payload["device"]}
        lookback, touch = linking.lookback * 1000, linking.touch
        if linking.ways == _DEVICE_FIRST:
            chat = {"chat": linking.chat_delay * 1000}
            return Way(device, chat, 20_000, "single"), Way(user, sources, lookback, touch)
        return (Way(user | device if linking.ways == _EITHER else user, sources, lookback, touch),)


def _entries(log: Log) -> Iterable[Entry]:
    for each in log.records:
        if not (each.marker or each.aborted):
            yield Entry(each.timestamp_ms, tuple(_said(each.value)))


def _said(value: bytes | None) -> Iterable[Said]:
    try:
        body = json.loads(value or b"null")
    except ValueError:
        return
    if not isinstance(body, dict) or "chat" not in body:
        return
    for at in [each["at"] for each in body.get("turns", ())] if body["kind"] == "call" else [body["at"]]:
        source = "call" if body["kind"] == "call" else "chat"
        yield Said(source, "external_user_id", body["user"], at, body["chat"])
        if "device" in body:
            yield Said(source, "device", body["device"], at, body["chat"])
