"""A decoder's answer when it has more to say than a payload."""

from __future__ import annotations

from typing import Final

import msgspec


class Decoded(msgspec.Struct, frozen=True, gc=False):
    """A payload with what is known of its schema: `schema`, the full name of the root's type, and `schema_key`, by
    which the message named it (a number, or a GUID's text); None where there is none. `key` is the record's key, where
    a decoder read it (`source: {key: auto}`)."""

    payload: object
    schema: str | None = None
    schema_key: int | str | None = None
    key: object = None


class Skipped(msgspec.Struct, frozen=True):
    """The message is no fact for rules: a heartbeat, a row of a snapshot. It is filtered, and counted by `what`."""

    what: str


HEARTBEAT: Final = Skipped("heartbeat")
SNAPSHOT: Final = Skipped("snapshot")
TRANSACTION: Final = Skipped("transaction")
SCHEMA_CHANGE: Final = Skipped("schema-change")
TRUNCATE: Final = Skipped("truncate")
"""Debezium's messages that are no change of a row."""
