"""The answer of `evaluate` for a message that can't be evaluated yet, and what it waits for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, final

import msgspec

from greenflash_kafka.model.schema import key_text

Want = tuple[Any, ...]
"""What has to become known, hashable: `("schema", key)`; or `("horizon", sources, ms)`: everything that these sources
(a tuple of names) have told up to this time, in milliseconds since 1970. In place of a schema's key may stand
`("never", text)`, where other rules or a restart are needed, and `("again", text)`, where trying again may do."""


@final
class NotYet(msgspec.Struct, frozen=True):
    """Neither an outcome nor a mistake: the same message gives an outcome once `want` is known."""

    want: Want


def never(want: Want) -> bool:
    """Whether waiting is in vain in this process, with these rules."""
    return want[0] == "schema" and isinstance(want[1], tuple) and want[1][0] == "never"


def words(want: Want) -> str:
    """What is wanted, for people."""
    if want[0] == "schema":
        key = want[1]
        return key[1] if isinstance(key, tuple) else f"schema {key_text(key) if isinstance(key, int | bytes) else key}"
    if want[0] != "horizon":
        return " ".join(str(each) for each in want)
    _, sources, ms = want
    return f"what {_sources(sources)} say up to {_moment(ms)}"


def _sources(names: tuple[str, ...]) -> str:
    chats = [each for each in names if not each.startswith("tables.")]
    tables = [each for each in names if each.startswith("tables.")]
    said = [f"the conversations {', '.join(chats)}"] if chats else []
    return " and ".join(said + ([", ".join(tables)] if tables else []))


def _moment(ms: int) -> str:
    try:
        return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (OverflowError, ValueError):
        return f"{ms} ms since 1970"
