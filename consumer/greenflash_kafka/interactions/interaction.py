"""One interaction of Greenflash, as a page of `GET /interactions` lists it: its id, its times, and its bytes."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Final

import msgspec


class Interaction(msgspec.Struct, frozen=True):
    """`raw` is the item's JSON as it came, `content` its `content_print`; `created` and `updated` are seconds since
    1970, None where the item doesn't say (the SDK's type has both in every item)."""

    id: str
    created: float | None
    updated: float | None
    raw: bytes
    content: int


class _Head(msgspec.Struct, rename="camel"):
    id: str
    created_at: object = None
    updated_at: object = None


_HEAD: Final = msgspec.json.Decoder(_Head)


def read_interaction(raw: bytes) -> Interaction | None:
    """The interaction in these bytes; None if they hold no object with an `id`."""
    try:
        head = _HEAD.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if not head.id:
        return None
    return Interaction(head.id, _seconds(head.created_at), _seconds(head.updated_at), raw, content_print(raw))


def id_print(id: str) -> int:
    """64 bits of an id. Two ids with one print would only be written more often, as their contents differ."""
    return _print(id.encode("utf-8", "surrogatepass"))


def content_print(raw: bytes) -> int:
    """64 bits of a content, the same for any order of its keys and any blanks between them."""
    try:
        return _print(msgspec.json.encode(msgspec.json.decode(raw), order="deterministic"))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _print(raw)


def without_free_content(raw: bytes) -> bytes:
    """An item without what may be of any size: its `properties` and `feedback`."""
    item = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    return msgspec.json.encode({name: value for name, value in item.items() if name not in ("properties", "feedback")})


def _print(content: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "big")


def _seconds(value: object) -> float | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
