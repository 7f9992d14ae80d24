"""What the sandbox remembers: events by insert id, and how many requests it saw."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal

import msgspec


class Stored(msgspec.Struct, frozen=True):
    """One event as it came, when it came (seconds since 1970), and the id it was given."""

    event_id: str
    received_at: float
    event: Mapping[str, object]


class Store:
    """`now` gives seconds since 1970, `new_id` a UUID for each event."""

    def __init__(self, now: Callable[[], float], new_id: Callable[[], str]) -> None:
        self._now = now
        self._new_id = new_id
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.events: list[Stored] = []
        self.received = self.rejected = self.duplicates = self.conflicts = self.sampled_out = 0
        self.faults: Counter[str] = Counter()
        self._by_insert_id: dict[str, tuple[str, bytes]] = {}

    def put(self, event: Mapping[str, object], body: bytes) -> str | None:
        """Store an event once; the id of the one stored first under its insert id, or None when it was sampled out."""
        insert_id = event.get("insertId")
        if not _sampled_in(event):
            self.sampled_out += 1
            return None
        if isinstance(insert_id, str):
            digest = hashlib.blake2b(body, digest_size=12).digest()
            known = self._by_insert_id.get(insert_id)
            if known is not None:
                self.duplicates += 1
                self.conflicts += known[1] != digest
                return known[0]
        event_id = self._new_id()
        if isinstance(insert_id, str):
            self._by_insert_id[insert_id] = (event_id, digest)
        self.events.append(Stored(event_id, self._now(), event))
        return event_id

    def stats(self) -> dict[str, object]:
        """The counts, and sums by event type; `conflicts` are duplicates whose body differed."""
        return {
            "received": self.received,
            "stored": len(self.events),
            "duplicates": self.duplicates,
            "rejected": self.rejected,
            "conflicts": self.conflicts,
            "sampled_out": self.sampled_out,
            "faults": dict(self.faults),
            "by_event_type": self._by_event_type(),
            "by_influence": dict(Counter(str(each.event.get("influence", "neutral")) for each in self.events)),
        }

    def _by_event_type(self) -> dict[str, dict[str, object]]:
        types: dict[str, dict[str, object]] = {}
        for each in self.events:
            event = each.event
            row = types.setdefault(str(event["eventType"]), {"count": 0, "influence": "neutral", "money": {}})
            row["count"] = int(str(row["count"])) + 1
            row["influence"] = event.get("influence", "neutral")
            if event.get("valueType") == "currency":
                _add_money(row, event)
        return types


def _add_money(row: dict[str, object], event: Mapping[str, object]) -> None:
    properties = event.get("properties")
    currency = properties.get("currency", "?") if isinstance(properties, dict) else "?"
    money = row["money"]
    assert isinstance(money, dict)
    try:
        amount = Decimal(str(event["value"]))
    except ArithmeticError:
        return
    money[str(currency)] = str(Decimal(money.get(str(currency), "0")) + amount)


def _sampled_in(event: Mapping[str, object]) -> bool:
    rate = event.get("sampleRate")
    if rate is None or event.get("forceSample") is True:
        return True
    # "Deterministic based on event type and organization" (the SDK's documentation).
    of = f"{event.get('eventType')}|{event.get('organizationId')}|{event.get('externalOrganizationId')}"
    share = int.from_bytes(hashlib.sha256(of.encode()).digest()[:8], "big") / 2**64
    return Decimal(share) < Decimal(str(rate))
