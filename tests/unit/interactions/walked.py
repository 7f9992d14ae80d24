"""Interactions and pages for tests of the bridge, without a service."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec

from greenflash_kafka.interactions.interaction import Interaction, read_interaction
from greenflash_kafka.interactions.page_walk import LIMIT, PageWalk


def item(number: int, created: float, updated: float | None = None, **more: object) -> Interaction:
    """The interaction `i<number>`; seconds since 1970."""
    updated = created if updated is None else updated
    raw = {"id": f"i{number}", "createdAt": iso(created), "updatedAt": iso(updated), **more}
    found = read_interaction(msgspec.json.encode(raw))
    assert found is not None
    return found


def iso(seconds: float) -> str:
    """That time as the service writes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def walk_through(
    walk: PageWalk,
    listed: Callable[[int], Sequence[Interaction]],
    known: set[str] | None = None,
    limit: int = LIMIT,
) -> list[str]:
    """Walk to the end; the ids that were seen, in order, each as often as it was. `listed` gives the list as it is at
    the time of the n-th request, from 0 on."""
    seen: list[str] = []
    known = set() if known is None else known
    while walk.offset is not None:
        page = listed(walk.requests)[walk.offset : walk.offset + limit]
        seen += [each.id for each in page]
        unknown = {each.id for each in page} - known
        known |= unknown
        walk.took(page, len(unknown))
        assert walk.requests < 10_000
    return seen
