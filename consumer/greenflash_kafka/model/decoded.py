"""A decoder's answer when it has more to say than a payload."""

from __future__ import annotations

from typing import Final

import msgspec

from greenflash_kafka.model.message import Message
from greenflash_kafka.model.problem import Problem


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
LOGICAL_MESSAGE: Final = Skipped("logical-message")
TOMBSTONE: Final = Skipped("tombstone")
"""Debezium's messages that are no change of a row."""

TOO_OLD: Final = Skipped("too-old")
"""Older than `source.max_age` when it was read. No decoder says it: the live run does, before it decodes."""

_WORDS: Final = {
    HEARTBEAT.what: "a heartbeat of Debezium",
    SNAPSHOT.what: "a row of a snapshot; source: {snapshots: include} takes it",
    TRANSACTION.what: "the beginning or the end of a transaction",
    SCHEMA_CHANGE.what: "a change of a table, not of a row",
    TRUNCATE.what: "all rows of a table were deleted at once, and none is named",
    LOGICAL_MESSAGE.what: "a message that was written into the database's log, not a row",
    TOO_OLD.what: "older than source.max_age when it was read",
    TOMBSTONE.what: "a tombstone: the deletion is the message before it",
}


def skipped_words(what: str) -> str:
    """The reason why a message is skipped, for people."""
    return f"skipped: {_WORDS.get(what, what)}"


class ReadMessage(msgspec.Struct, frozen=True):
    """A message that was decoded as a whole, for people: the record with what is known of its schema, its payload, or
    in its place what it is instead of a fact (`skipped`, as `Skipped` has it) or why it can't be read."""

    message: Message
    payload: object = None
    skipped: str | None = None
    problem: Problem | None = None
