"""Decoding of records' keys: `source: {key: auto}`."""

from __future__ import annotations

from collections.abc import Callable

from greenflash_kafka.decoding.framed_decoder import FramedBodies
from greenflash_kafka.decoding.framing import key_framing
from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.decoding.json_format import JsonReader
from greenflash_kafka.model.decoded import Decoded, Skipped
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet


def with_key(decode: Callable[[Message], object], bodies: FramedBodies) -> Callable[[Message], object]:
    """The same decoder, and the record's key beside what it gives; of a record without a value the key alone. A key is
    read by the schema that it names (`bodies`); one that names none is JSON, or text, or None if it is neither."""
    json = JsonReader(None)

    def decoded(message: Message) -> object:
        found = None if message.value is None else decode(message)
        if message.key is None or isinstance(found, NotYet | Skipped):
            return found
        try:
            key = _key(message, bodies, json)
        except DecodeError as error:
            raise DecodeError(f"the record's key: {error}", error.code) from None
        if isinstance(key, NotYet):
            return key
        if isinstance(found, Decoded):
            return Decoded(found.payload, found.schema, found.schema_key, key)
        return Decoded(found, key=key)

    return decoded


def _key(message: Message, bodies: FramedBodies, json: JsonReader) -> object:
    key = message.key or b""
    framing = key_framing(key, message.headers)
    if framing is not None:
        found = bodies.read(*framing)
        return found.payload if isinstance(found, Decoded) else found
    try:
        plain = json.read(Message(message.topic, message.partition, message.offset, value=key))
    except DecodeError:
        try:
            plain = key.decode()
        except UnicodeDecodeError:
            return None
    bodies.needless = True
    return plain
