"""Records of cases as topics have them: data, encoded by the topic's schema, for the production reader to read."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from greenflash_kafka.cases.case_schemas import CaseSchemas, NamedSchema, NoSchema
from greenflash_kafka.decoding.body_readers import schema_text
from greenflash_kafka.decoding.body_writer import body_of, framed
from greenflash_kafka.decoding.encode_error import EncodeError
from greenflash_kafka.decoding.framing import value_framing
from greenflash_kafka.decoding.json import DecodeError, decode
from greenflash_kafka.decoding.schema_error import SchemaError
from greenflash_kafka.model.formats import AUTO, SCHEMA_FORMATS
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.topic_format import TopicFormat
from greenflash_kafka.snapshot import Snapshot

_PULL: Final = "`greenflash-kafka schemas pull` writes it into the folder `schemas`"


class NotEncoded(ValueError):
    """The data can't be encoded by the topic's schema; the text says where and why."""


def encoded(message: Message, snapshot: Snapshot, named: str | None = None, beside: Path = Path()) -> Message:
    """The record with its JSON encoded by the schema of its topic, or by that of a subject or file that is `named`
    (a path relative to `beside`). A record whose value isn't JSON, and one of a topic of JSON, stays as it is; one that
    names a schema by its key is read by the one that is `named`, whatever the key.

    Raises NotEncoded.
    """
    format = snapshot.ruleset.format_of(message.topic)
    if message.value is None or (named is None and format.format not in (AUTO, *SCHEMA_FORMATS)):
        return message
    schemas = snapshot.schemas if isinstance(snapshot.schemas, CaseSchemas) else None
    found = _schema(message.topic, format, schemas, named, beside)
    if found is None and format.format == AUTO:
        return message
    try:
        payload = decode(message.value)
    except DecodeError:
        if named is not None and found is not None and schemas is not None:
            _read_by(message, found, schemas)
        return message
    if found is None:
        subject = format.subject or f"{message.topic}-value"
        raise NotEncoded(f"{message.topic} is {format.format}, and no schema of {subject} is here: {_PULL}")
    bare = format.schema is not None and named is None
    try:
        body = body_of(found.schema, payload, format.message)
    except (EncodeError, SchemaError, ImportError) as error:
        key = None if bare or not found.schema.version else found.key
        raise NotEncoded(f"the payload doesn't fit {schema_text(key, found.schema)}: {error}") from None
    value = body if format.schema is not None else framed(found.schema, found.key, body)
    return msgspec.structs.replace(message, value=value)


def _read_by(message: Message, found: NamedSchema, schemas: CaseSchemas) -> None:
    with suppress(DecodeError):
        framing = None if message.value is None else value_framing(message.value, message.headers)
        if framing is not None:
            schemas.give(framing.key, found.schema)


def _schema(
    topic: str, format: TopicFormat, schemas: CaseSchemas | None, named: str | None, beside: Path
) -> NamedSchema | None:
    if named is not None:
        try:
            return (schemas or CaseSchemas(None)).named(named, beside)
        except NoSchema as error:
            raise NotEncoded(str(error)) from None
    if format.schema is not None:
        return NamedSchema(0, format.schema)
    return None if schemas is None else schemas.of_topic(topic, format)
