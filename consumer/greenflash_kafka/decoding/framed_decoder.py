"""Decoding of records that name their schema by a key, and of the others of the same topic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NoReturn

from greenflash_kafka.decoding.body_readers import BodyReaders, Place, schema_text, shown_key
from greenflash_kafka.decoding.framing import (
    AZURE,
    FIRST_BYTES,
    ID_LENGTH,
    NAMING_HEADERS,
    may_begin_with_indexes,
    message_indexes,
    prefixed_id,
    value_framing,
)
from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.decoding.schema_error import MissingExtra
from greenflash_kafka.model.decoded import Decoded
from greenflash_kafka.model.formats import AUTO
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.model.schema import SchemaKey, SchemaRefused, key_text
from greenflash_kafka.model.topic_format import TopicFormat
from greenflash_kafka.ports import Schemas

_UNLIKELY: Final = 1 << 24
"""From this id on its first byte isn't 0; registries count from 1."""


class FramedBodies:
    """Reads what follows a schema's key. `format` is the one that schemas must have, or AUTO; `message` the Protobuf
    message that bodies are whatever their indexes say."""

    def __init__(
        self, schemas: Schemas | None, readers: BodyReaders, format: str = AUTO, message: str | None = None
    ) -> None:
        self._schemas = schemas
        self._readers = readers
        self._format = format
        self._message = message
        self.needless = False
        """True once a record of the topic was read without a schema."""

    def read(self, key: SchemaKey, body: bytes, after_key: bytes | None = None) -> Decoded | NotYet:
        """The payload with its schema; `NotYet` while the schema isn't known. The arguments are a `Framing`'s. Raises
        DecodeError."""
        if self._schemas is None:
            said = "set schema_registry.url, or pull the schemas (greenflash-kafka schemas pull)"
            raise DecodeError(f"schema {key_text(key)} is in a registry, and none is configured: {said}")
        # Asked each time, at little cost: what a folder said, a registry may say otherwise.
        schema = self._schemas.find(key)
        if schema is None:
            if self.needless:
                self._schemas.doubt(key)
            return NotYet(("schema", key))
        if isinstance(schema, SchemaRefused):
            _refuse(key, schema)
        if schema.kind != self._format and self._format != AUTO:
            raise DecodeError(f"{schema_text(key, schema)} is {schema.kind}, and the topic's format {self._format}")
        place: Place = None
        if schema.kind == "protobuf":
            place, body = self._place(body, after_key)
        try:
            payload, name = self._readers.read(key, schema, body, place)
        except (ImportError, MissingExtra, OSError) as error:
            return _not_now(key, error)
        return Decoded(payload, name or None, key if key.__class__ is int else shown_key(key))

    def _place(self, body: bytes, after_key: bytes | None) -> tuple[Place, bytes]:
        """Which message a Protobuf body is, and the body itself."""
        if self._message is not None and (after_key is not None or not may_begin_with_indexes(body)):
            return self._message, body
        place, end = message_indexes(body if after_key is None else after_key)
        return self._message or place, body[end:] if after_key is None else body


class FramedDecoder:
    """Decoder of a topic's values. `bare` decodes those that name no schema; None where each has to."""

    def __init__(self, format: str, bodies: FramedBodies, bare: Callable[[Message], object] | None) -> None:
        self._format = format
        self._bodies = bodies
        self._bare = bare

    def decode(self, message: Message) -> object:
        """The payload, a `Decoded`, or a `NotYet`. Raises DecodeError."""
        value, headers, bare = message.value or b"", message.headers, self._bare
        for name, content in headers:
            if name in NAMING_HEADERS or (name == "content-type" and content and content.startswith(AZURE)):
                break
        else:
            # The two common kinds of messages, at half of the cost of `value_framing`.
            key = prefixed_id(value)
            if key:
                return self._bodies.read(key, value[ID_LENGTH:])
            if bare is not None and value[:1] not in FIRST_BYTES:
                found = bare(message)
                self._bodies.needless = True
                return found
        framing = value_framing(value, headers)
        if framing is not None:
            return self._bodies.read(*framing)
        return bare(message) if bare is not None else self._unframed(value)

    def _unframed(self, value: bytes) -> NoReturn:
        begins = "is JSON, it seems" if value.lstrip()[:1] in (b"{", b"[") else f"begins with {value[:2].hex()}"
        said = f"names no schema, neither by its first bytes nor by a header: it {begins}"
        if self._format == "json-schema":
            raise DecodeError(f"{said}; for plain JSON leave `format` out")
        raise DecodeError(f"{said}; the schema of bare bytes is a file: source: {{schema: FILE}}")


class FileDecoder:
    """Decoder of a topic whose values are bare: all have the schema of a file."""

    def __init__(self, format: TopicFormat, readers: BodyReaders) -> None:
        assert format.schema is not None
        self._schema = format.schema
        self._message = format.message
        self._readers = readers

    def decode(self, message: Message) -> object:
        """See `FramedDecoder`."""
        try:
            payload, name = self._readers.read(None, self._schema, message.value or b"", self._message)
        except DecodeError as error:
            if error.code == "bad-payload" and self._looks_framed(message.value or b""):
                said = "it looks framed: remove format and schema, and set schema_registry.url"
                raise DecodeError(f"{error}; {said}") from None
            raise
        except (ImportError, MissingExtra, OSError) as error:
            return _not_now("of the file", error)
        return Decoded(payload, name or None)

    def _looks_framed(self, value: bytes) -> bool:
        """Whether what follows an id before the bytes is read without a fault."""
        if not prefixed_id(value):
            return False
        body = value[ID_LENGTH:]
        try:
            if self._schema.kind == "protobuf":
                body = body[message_indexes(body)[1] :]
            self._readers.read(None, self._schema, body, self._message)
        except (DecodeError, ImportError, MissingExtra, OSError):
            return False
        return True


def _refuse(key: SchemaKey, refused: SchemaRefused) -> NoReturn:
    unlikely = refused.code == "unknown-schema" and isinstance(key, int) and key >= _UNLIKELY
    asked = "; is there a schema id in these messages at all? (headers may have got lost on the way)"
    raise DecodeError(f"{refused.text}{asked if unlikely else ''}", refused.code)


def _not_now(key: object, error: ImportError | MissingExtra | OSError) -> NotYet:
    """Nothing is wrong with the message. It is tried again, or waits for a process that has what it needs."""
    if isinstance(error, OSError):
        return NotYet(("schema", ("again", f"the compiler of schema {key} can't be started: {error.strerror}")))
    return NotYet(("schema", ("never", str(error))))
