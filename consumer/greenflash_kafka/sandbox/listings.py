"""The products and conversations that the sandbox's API lists unless told otherwise; made up, always the same."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, Final

PRODUCT_ID: Final = "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"
"""The product of the demo, the compose file and the starter folder."""

OTHER_PRODUCT_ID: Final = "a1c7e1f0-52a4-4c3c-8a55-6d2f1c9be042"

_BEGAN: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_CONVERSATIONS: Final = 120


def _product(number: int, product_id: str, name: str, color: str) -> dict[str, Any]:
    created = (_BEGAN + timedelta(days=number)).isoformat().replace("+00:00", "Z")
    return {"id": product_id, "name": name, "color": color, "icon": None, "createdAt": created, "updatedAt": created}


PRODUCTS: Final = [
    _product(0, PRODUCT_ID, "Sandbox product", "#1f7a4d"),
    _product(1, OTHER_PRODUCT_ID, "Another product", "#7a4d1f"),
]


def _interaction(number: int) -> dict[str, Any]:
    product_id = PRODUCT_ID if number % 3 else OTHER_PRODUCT_ID
    created = (_BEGAN + timedelta(hours=number)).isoformat().replace("+00:00", "Z")
    return {
        "id": _id("interaction", number),
        "externalId": f"conversation-{number}",
        "externalParticipantId": f"user-{number % 17}",
        "participantId": _id("participant", number % 17),
        "productId": product_id,
        "versionId": _id("version", number % 3),
        "createdAt": created,
        "updatedAt": created,
        "model": "a-model",
        "properties": {},
    }


def _id(kind: str, number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"sandbox/{kind}/{number}"))


def made_interactions(count: int = _CONVERSATIONS, last: datetime | None = None) -> list[dict[str, Any]]:
    """So many conversations, always the same; an hour apart, or a second, the newest at `last`."""
    made = [_interaction(number) for number in range(count)]
    if last is not None:
        for number, each in enumerate(made):
            at = last - timedelta(seconds=count - 1 - number)
            each["createdAt"] = each["updatedAt"] = at.isoformat().replace("+00:00", "Z")
    return made
