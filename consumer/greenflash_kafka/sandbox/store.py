"""The memory of the sandbox: stored events as received, duplicates, conflicts and counts."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final, Literal

import msgspec

from greenflash_kafka.sandbox import validation
from greenflash_kafka.sandbox.conversation_totals import ConversationTotals
from greenflash_kafka.sandbox.totals import Totals

CONFLICTS_KEPT: Final = 1000


class StoredEvent(msgspec.Struct, gc=False):
    """One stored event: its request's body as the bytes that came, so that nothing is ever rounded on the way out.

    `received_at` is ISO 8601 in UTC.
    """

    event_id: str
    received_at: str
    body: bytes

    def to_json(self) -> bytes:
        """The event with its wire names, and `eventId` and `receivedAt` before them."""
        # Refused fields can't be among them, so the two names of ours never repeat; the body is an object with members.
        return b'{"eventId":"%b","receivedAt":"%b",%b' % (
            self.event_id.encode(),
            self.received_at.encode(),
            self.body.strip()[1:],
        )


class Conflict(msgspec.Struct):
    """A request that came under the `insertId` of a stored event, with another content."""

    insert_id: str
    event_id: str
    stored: msgspec.Raw
    later: msgspec.Raw


class Acceptance(msgspec.Struct, gc=False):
    """What became of an accepted request: the id to answer with, and whether it was new."""

    event_id: str
    outcome: Literal["stored", "duplicate", "sampled_out"]


class Store:
    """All state but faults and keys. One thread (the server's loop) calls it."""

    def __init__(self) -> None:
        self.events: list[StoredEvent] = []
        self.totals = Totals()
        self.conversations = ConversationTotals()
        self.conflicts: list[Conflict] = []
        self.received = 0
        self.duplicates = 0
        self.conflict_count = 0
        self.sampled_out = 0
        self.rejected = 0
        self.unauthorized = 0
        self.redirected = 0
        self.faults: Counter[str] = Counter()
        self.epoch = uuid.uuid4().hex
        self._by_insert_id: dict[str, StoredEvent] = {}

    def keep(self, event: dict[str, Any], body: bytes, received_at: str) -> Acceptance:
        """Store a valid event, unless its `insertId` is known, or its `sampleRate` leaves it out."""
        insert_id = event.get("insertId")
        if insert_id is not None:
            known = self._by_insert_id.get(insert_id)
            if known is not None:
                return self._duplicate(insert_id, known, event, body)
        if "sampleRate" in event and not event.get("forceSample") and not is_sampled(event):
            self.sampled_out += 1
            return Acceptance(str(uuid.uuid4()), "sampled_out")
        stored = StoredEvent(str(uuid.uuid4()), received_at, body)
        self.events.append(stored)
        if insert_id is not None:
            self._by_insert_id[insert_id] = stored
        self.totals.add(event)
        self.conversations.add(event)
        return Acceptance(stored.event_id, "stored")

    def _duplicate(self, insert_id: str, known: StoredEvent, event: dict[str, Any], body: bytes) -> Acceptance:
        self.duplicates += 1
        if body != known.body and event != validation.read(known.body):
            self.conflict_count += 1
            if len(self.conflicts) < CONFLICTS_KEPT:
                conflict = Conflict(insert_id, known.event_id, msgspec.Raw(known.body), msgspec.Raw(body))
                self.conflicts.append(conflict)
        return Acceptance(known.event_id, "duplicate")

    def listing(self, after: int = 0, limit: int | None = None) -> Iterator[StoredEvent]:
        """Stored events in the order of their arrival, from the number `after` on."""
        end = len(self.events) if limit is None else min(len(self.events), after + limit)
        for index in range(after, end):
            yield self.events[index]

    def stats(self) -> dict[str, Any]:
        """The numbers of `/_sandbox/stats`.

        received: every POST to events; stored, duplicates (same `insertId` again), conflicts (duplicates with
        another content), sampled_out, rejected (content), unauthorized (key); faults by kind; redirected:
        requests that followed a redirect of ours.
        """
        return {
            "received": self.received,
            "stored": len(self.events),
            "duplicates": self.duplicates,
            "conflicts": self.conflict_count,
            "sampled_out": self.sampled_out,
            "rejected": self.rejected,
            "unauthorized": self.unauthorized,
            "redirected": self.redirected,
            "faults": dict(self.faults),
            "by_event_type": self.totals.counts(),
            "influence": self.totals.influence(),
            "money": {currency: format(amount, "f") for currency, amount in self.totals.money().items()},
        }


def is_sampled(event: dict[str, Any]) -> bool:
    """Whether an event with a `sampleRate` is kept: always the same for an event type and an organization."""
    organization = event.get("organizationId") or event.get("externalOrganizationId") or ""
    digest = hashlib.sha256(f"{event['eventType']}\0{organization}".encode()).digest()
    # The share as an integer comparison: rates are exact decimals, and a float would round them.
    return bool(int.from_bytes(digest[:6], "big") < event["sampleRate"] * (1 << 48))
