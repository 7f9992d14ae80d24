"""Records of the Kafka client as messages."""

from __future__ import annotations

from typing import Final

from confluent_kafka import Message as KafkaMessage

from greenflash_kafka.model.message import Message

_TIMESTAMP_TYPES: Final = ("none", "create", "append")


def message_of(record: KafkaMessage) -> Message:
    """The message of a record that is no error."""
    kind, stamp = record.timestamp()
    headers = record.headers()
    return Message(
        record.topic(),  # type: ignore[arg-type]
        record.partition(),  # type: ignore[arg-type]
        record.offset(),  # type: ignore[arg-type]
        stamp if kind else 0,
        record.key(),
        record.value(),
        tuple(headers) if headers else (),  # type: ignore[arg-type]
        _TIMESTAMP_TYPES[kind],
    )
