"""Conversations as `GET /interactions` lists them, made up from what events say of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime

from consumer.sandbox.store import Stored

_NAMESPACE = uuid.UUID("9d6b6a0e-5a53-4d0c-8f6e-0c1a2b3d4e5f")


def interactions(events: Iterable[Stored], product_id: str | None) -> list[dict[str, object]]:
    """One for each distinct conversation, in the order of their first event; only those of `product_id` if given."""
    found: dict[str, dict[str, object]] = {}
    for stored in events:
        event = stored.event
        ours, theirs = event.get("conversationId"), event.get("externalConversationId")
        if (ours is None and theirs is None) or (product_id is not None and event["productId"] != product_id):
            continue
        name = str(ours or uuid.uuid5(_NAMESPACE, str(theirs)))
        moment = datetime.fromtimestamp(stored.received_at, UTC).isoformat()
        row = {
            "id": name,
            "externalId": theirs,
            "externalParticipantId": event.get("externalUserId"),
            "participantId": str(uuid.uuid5(_NAMESPACE, f"participant {event.get('externalUserId')}")),
            "productId": event["productId"],
            "versionId": str(uuid.uuid5(_NAMESPACE, f"version {event['productId']}")),
            "createdAt": moment,
            "updatedAt": moment,
        }
        found.setdefault(name, row)
    return list(found.values())
