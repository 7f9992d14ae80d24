"""The framing of a message's bytes: the schema's key, and where the body begins.

| framing | where | source |
|---|---|---|
| Confluent, id | `00`, 4 bytes | "Wire format", docs.confluent.io, formats |
| Confluent, GUID | `01`, 16 bytes | `SchemaId.from_bytes` of confluent-kafka 2.16 |
| Confluent, header | `__value_schema_id`, `__key_schema_id`: one of these two | `HeaderSchemaIdSerializer` |
| Apicurio as Confluent | as the first one | `apicurio.registry.as-confluent`, `use-id=contentId` |

With a header the body is bare. Headers are looked at first: Avro without a prefix may begin with zeros, too (Debezium's
inserts do). JSON never begins with one of these bytes. Protobuf's bodies begin with the place of the message in its
file (`message_indexes`); with the header, that follows the key there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.model.schema import SchemaKey

VALUE_HEADER: Final = "__value_schema_id"
KEY_HEADER: Final = "__key_schema_id"

NAMING_HEADERS: Final = frozenset((VALUE_HEADER, "apicurio.value.globalId", "apicurio.value.contentId"))
"""Headers that name the schema of a value."""

AZURE: Final = b"avro/binary+"
"""The beginning of a content-type that names a schema, too."""

FIRST_BYTES: Final = frozenset((b"\x00", b"\x01", b"\x03", b"\xc3", b"O"))
"""One of them is the first byte of everything that is told by its bytes, and of no JSON."""

ID_LENGTH: Final = 5
_GUID_LENGTH: Final = 17
"""The lengths of the two keys with their first byte."""

_MOST_INDEXES: Final = 100
"""Messages don't nest deeper in a file."""

_LAST_INDEX: Final = 1 << 31

_LEAVE_OUT: Final = "have the producer write Confluent's format"


class Framing(NamedTuple):
    """The key of a schema, and the bytes that follow it. `indexes`: what a header says after the key, b"" for nothing;
    None where the key is in the bytes, so that what follows the key there is the body, with Protobuf's indexes."""

    key: SchemaKey
    body: bytes
    indexes: bytes | None = None


def prefixed_id(value: bytes) -> int:
    """The id before the bytes; 0 where there is none, whatever else may name a schema."""
    return int.from_bytes(value[1:ID_LENGTH], "big") if value[:1] == b"\x00" and len(value) >= ID_LENGTH else 0


def value_framing(value: bytes, headers: Sequence[tuple[str, bytes | None]]) -> Framing | None:
    """The framing of a record's value; None if it has none that is known. Raises DecodeError for one that is known but
    isn't read, and for one that is cut off."""
    return _framing(value, headers, VALUE_HEADER, "value")


def key_framing(key: bytes, headers: Sequence[tuple[str, bytes | None]]) -> Framing | None:
    """The same of a record's key."""
    return _framing(key, headers, KEY_HEADER, "key")


def message_indexes(data: bytes) -> tuple[tuple[int, ...], int]:
    """The place of a Protobuf message in its file, as indexes of the message, of the one nested in it, and so on; and
    where it ends in `data`. Raises DecodeError.

    Zig-zag varints: how many, then each; a single `00` is (0,). Old serializers wrote plain varints (confluent-kafka's
    `use.deprecated.format`): read as zig-zag, these give a negative number, which is no index. (Plain varints that are
    all even can't be told from zig-zag.)
    """
    for zigzag in (True, False):
        found = _indexes(data, zigzag)
        if found is not None:
            return found
    raise DecodeError("after the schema's id there are no message indexes, with which Protobuf's messages begin")


def may_begin_with_indexes(body: bytes) -> bool:
    """False of bytes that begin like a Protobuf message: some producers write no indexes. The number of indexes, for
    messages that nest at most three deep, is no field's tag (field 0)."""
    return body[:1] < b"\x08"


def _framing(value: bytes, headers: Sequence[tuple[str, bytes | None]], own: str, part: str) -> Framing | None:
    for name, content in reversed(headers):
        if name == own:
            return _of_header(name, content or b"", value)
        if name.startswith("apicurio.") and name in (f"apicurio.{part}.globalId", f"apicurio.{part}.contentId"):
            said = "set apicurio.registry.headers.enabled=false, as-confluent=true and use-id=contentId in the producer"
            raise DecodeError(f"its schema is named by Apicurio's header {name}, which isn't read: {said}")
        if name == "content-type" and part == "value" and content is not None and content.startswith(AZURE):
            raise DecodeError(f"its schema is named by Azure's content-type, which isn't read: {_LEAVE_OUT}")
    return _of_bytes(value) if value[:1] in FIRST_BYTES else None


def _of_header(name: str, content: bytes, value: bytes) -> Framing:
    found = _key(content)
    if found is None:
        raise DecodeError(f"the header {name} holds no schema id")
    key, end = found
    return Framing(key, value, content[end:])


def _of_bytes(value: bytes) -> Framing | None:
    if value[0] <= 1:
        found = _key(value)
        if found is None:
            raise DecodeError(f"begins with {value[:1].hex()}, like a schema's id, and ends within it")
        key, end = found
        if key == 0:
            # Confluent's ids begin with 1 (and Apicurio's content ids).
            raise DecodeError(
                "its schema's id is 0, or has 8 bytes as Apicurio's own format has it, which isn't read: "
                "set apicurio.registry.as-confluent=true and use-id=contentId in the producer"
            )
        return Framing(key, value[end:])
    if value[:2] in (b"\x03\x00", b"\x03\x05") and len(value) >= 18:
        raise DecodeError(f"begins like AWS Glue's format, which isn't read: {_LEAVE_OUT}")
    if value[:2] == b"\xc3\x01":
        raise DecodeError(f"begins like Avro's single-object encoding, which isn't read: {_LEAVE_OUT}")
    if value[:4] == b"Obj\x01":
        raise DecodeError(f"is a whole Avro container file, which isn't read: {_LEAVE_OUT}, one record a message")
    return None


def _key(data: bytes) -> tuple[SchemaKey, int] | None:
    if data[:1] == b"\x00" and len(data) >= ID_LENGTH:
        return int.from_bytes(data[1:ID_LENGTH], "big"), ID_LENGTH
    if data[:1] == b"\x01" and len(data) >= _GUID_LENGTH:
        return data[1:_GUID_LENGTH], _GUID_LENGTH
    return None


def _indexes(data: bytes, zigzag: bool) -> tuple[tuple[int, ...], int] | None:
    count, at = _varint(data, 0, zigzag)
    if count == 0:
        return (0,), at
    if not 0 < count <= _MOST_INDEXES:
        return None
    found = []
    for _ in range(count):
        index, at = _varint(data, at, zigzag)
        if not 0 <= index < _LAST_INDEX:
            return None
        found.append(index)
    return tuple(found), at


def _varint(data: bytes, at: int, zigzag: bool) -> tuple[int, int]:
    """A varint of at most 5 bytes, and where it ends; -1 for what is none."""
    number = 0
    for shift, byte in zip(range(0, 35, 7), data[at : at + 5], strict=False):
        number |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return (number >> 1) ^ -(number & 1) if zigzag else number, at
    return -1, at
