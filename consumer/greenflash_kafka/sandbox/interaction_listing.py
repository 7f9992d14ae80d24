"""The interactions that `GET /interactions` lists, and how: their order, when a new one appears, the size of pages.

The service documents none of these. So tests choose them, and what works with all of them works with the service.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any, Final, Literal

import msgspec

from greenflash_kafka.sandbox.listings import made_interactions

MOST_MADE: Final = 1_000_000


class ListingScript(msgspec.Struct, frozen=True):
    """`unordered` is an order without a meaning that doesn't change. `delay`: seconds until what was added is listed.
    `most`: the largest page."""

    order: Literal["newest", "oldest", "unordered"] = "newest"
    by: Literal["createdAt", "updatedAt"] = "createdAt"
    delay: float = 0.0
    most: int = 100


class InteractionChange(msgspec.Struct, forbid_unknown_fields=True):
    """`make`: so many in the place of all, a second apart, the newest now. `add`: whole items; `id`, `createdAt` and
    `updatedAt` are made if they aren't given. `change`: an `id`, and what is another now; `updatedAt` is now if it
    isn't given. `delete`: ids. Numbers as in `ListingScript`; what isn't given stays as it is."""

    make: int | None = None
    add: list[dict[str, Any]] = []
    change: list[dict[str, Any]] = []
    delete: list[str] = []
    order: Literal["newest", "oldest", "unordered"] | None = None
    by: Literal["createdAt", "updatedAt"] | None = None
    delay: float | None = None
    most: int | None = None

    def __post_init__(self) -> None:
        if self.make is not None and not 0 <= self.make <= MOST_MADE:
            raise ValueError(f"make must be from 0 to {MOST_MADE}")
        if self.most is not None and not 1 <= self.most <= 100:
            raise ValueError("most must be from 1 to 100")
        if any(not isinstance(each.get("id"), str) for each in self.change):
            raise ValueError("each change needs an id")
        for each in (*self.add, *self.change):
            for name in ("createdAt", "updatedAt"):
                datetime.fromisoformat(each.get(name, "2026-01-01"))


def read_change(body: bytes) -> InteractionChange:
    """What a request asks for. Raises ValueError."""
    try:
        return msgspec.json.decode(body, type=InteractionChange)
    except (msgspec.DecodeError, TypeError) as error:
        raise ValueError(f"it can't be read: {error}") from None


class InteractionListing:
    """All items. One thread (the server's loop) calls it; `now` is in seconds on a steady clock."""

    def __init__(self) -> None:
        self.script = ListingScript()
        self.requests: list[float] = []
        """When pages were asked for, refused requests included."""
        self._items = {each["id"]: each for each in made_interactions()}
        self._appears: dict[str, float] = {}
        self._listed: list[dict[str, Any]] | None = None
        self._added = 0

    def __len__(self) -> int:
        return len(self._items)

    def change(self, change: InteractionChange, now: float) -> None:
        """Change what is listed, and how."""
        given = {name: getattr(change, name) for name in ListingScript.__struct_fields__}
        self.script = msgspec.structs.replace(
            self.script, **{name: value for name, value in given.items() if value is not None}
        )
        if change.make is not None:
            self._items = {each["id"]: each for each in made_interactions(change.make, datetime.now(UTC))}
            self._appears = {}
        for each in change.add:
            item = self._complete(each)
            self._items[item["id"]] = item
            if self.script.delay:
                self._appears[item["id"]] = now + self.script.delay
        for each in change.change:
            known = self._items.get(each["id"])
            if known is not None:
                self._items[each["id"]] = {**known, "updatedAt": _now(), **each}
        for id in change.delete:
            self._items.pop(id, None)
        self._listed = None

    def listed(self, product_id: str | None, version_id: str | None, now: float) -> list[dict[str, Any]]:
        """The conversations of a product and version that are to be seen, in order; None stands for all."""
        appeared = [id for id, at in self._appears.items() if at <= now]
        for id in appeared:
            del self._appears[id]
        if self._listed is None or appeared:
            self._listed = sorted(
                (each for id, each in self._items.items() if id not in self._appears),
                key=self._place,
                reverse=self.script.order == "newest",
            )
        if product_id is None and version_id is None:
            return self._listed
        return [
            each
            for each in self._listed
            if product_id in (None, each["productId"]) and version_id in (None, each["versionId"])
        ]

    def _place(self, item: dict[str, Any]) -> tuple[float, str]:
        if self.script.order == "unordered":
            return 0.0, hashlib.blake2b(item["id"].encode(), digest_size=8).hexdigest()
        at = datetime.fromisoformat(item[self.script.by])
        return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp(), item["id"]

    def _complete(self, given: dict[str, Any]) -> dict[str, Any]:
        self._added += 1
        created = given.get("createdAt") or _now()
        own = {
            "id": f"added-{self._added}",
            "participantId": f"participant-{self._added}",
            "productId": next(iter(made_interactions(1)))["productId"],
            "versionId": "a-version",
            "createdAt": created,
            "updatedAt": created,
        }
        return {**own, **given}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
