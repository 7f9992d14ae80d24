"""The words that say how a message was read: its format, its type, its schema."""

from __future__ import annotations

from greenflash_kafka.decoding.body_readers import schema_text
from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.model.decoded import Decoded
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.schema import Schema, SchemaKey
from greenflash_kafka.snapshot import Snapshot

_KINDS = {"avro": "Avro", "json-schema": "JSON by a JSON schema", "protobuf": "Protobuf"}


def read_as(message: Message, snapshot: Snapshot) -> str | None:
    """One line of how the message was read; None of plain JSON, and of what couldn't be read."""
    if message.value is None:
        return None
    format = snapshot.ruleset.format_of(message.topic)
    try:
        found = snapshot.decoders.decoder(message.topic, None, format)(message)
    except DecodeError:
        return None
    if not isinstance(found, Decoded):
        return None
    key = _key(found.schema_key)
    schema = format.schema
    if key is not None and snapshot.schemas is not None:
        known = snapshot.schemas.find(key)
        schema = known if isinstance(known, Schema) else None
    if schema is None:
        return None
    words = " ".join(part for part in (_KINDS[schema.kind], found.schema) if part)
    # A file's schema has a key for this command alone.
    shown = key if schema.version is not None else None
    return f"read as {words}, {schema_text(shown, schema)}{_envelope(format.envelope, found.payload)}"


def _key(shown: int | str | None) -> SchemaKey | None:
    return bytes.fromhex(shown.replace("-", "")) if isinstance(shown, str) else shown


def _envelope(envelope: str, payload: object) -> str:
    """What an envelope says of the change: `, Debezium u from shop.orders`."""
    if envelope != "debezium" or not isinstance(payload, dict):
        return ""
    source = payload.get("source")
    table = [str(source[part]) for part in ("schema", "table") if source.get(part)] if isinstance(source, dict) else []
    whose = f" from {'.'.join(table)}" if table else ""
    return f", Debezium {payload.get('op')}{whose}"
