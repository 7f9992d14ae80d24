"""The incoming value: one Kafka record."""

from __future__ import annotations

from typing import Final

import msgspec

NO_TIMESTAMP: Final = -1
"""What stands in Kafka for a timestamp that a record doesn't have."""


class Message(msgspec.Struct, frozen=True, gc=False):
    """A Kafka record as the source hands it on; nothing of it is decoded yet.

    `timestamp_ms` is the record's own timestamp in milliseconds since 1970 (UTC); `timestamp_type`
    says who set it: "create" (the producer), "append" (the broker) or "none" (then it is 0). A producer that sets
    none leaves `NO_TIMESTAMP` there.
    A `value` of None is a tombstone. Header names may repeat; header values may be None.
    """

    topic: str
    partition: int
    offset: int
    timestamp_ms: int = 0
    key: bytes | None = None
    value: bytes | None = None
    headers: tuple[tuple[str, bytes | None], ...] = ()
    timestamp_type: str = "create"

    @property
    def record_ms(self) -> int | None:
        """The timestamp; None when the record has none, whichever way Kafka says so."""
        ms = self.timestamp_ms
        return None if ms == NO_TIMESTAMP or self.timestamp_type == "none" else ms

    @property
    def coordinates(self) -> str:
        """`topic/partition/offset`, the form in which errors and logs name a record."""
        return f"{self.topic}/{self.partition}/{self.offset}"


class SchemaMessage(Message, frozen=True, gc=False):
    """A record whose decoder said more of it than its payload: `schema` is the full name of the root's type,
    `schema_key` what named it in the record (a number, or a GUID's text), `decoded_key` the key, where it was decoded
    by a schema or is JSON (`source: {key: auto}`); each None where there is none."""

    schema: str | None = None
    schema_key: int | str | None = None
    decoded_key: object = None


def with_schema(message: Message, schema: str | None, schema_key: int | str | None, key: object) -> SchemaMessage:
    """The record with what is known of its schema."""
    return SchemaMessage(
        message.topic,
        message.partition,
        message.offset,
        message.timestamp_ms,
        message.key,
        message.value,
        message.headers,
        message.timestamp_type,
        schema,
        schema_key,
        key,
    )
