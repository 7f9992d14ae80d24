"""Where a message's schema is named, and where its body begins."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import Any

import pytest
from confluent_kafka.schema_registry import header_schema_id_serializer, prefix_schema_id_serializer
from confluent_kafka.schema_registry.common.serde import SchemaId
from confluent_kafka.serialization import MessageField, SerializationContext
from hypothesis import given
from hypothesis import strategies as st

from greenflash_kafka.decoding.framing import FIRST_BYTES, Framing, key_framing, message_indexes, value_framing
from greenflash_kafka.decoding.json import DecodeError, decode

GUID = uuid.UUID("89791762-2336-4186-9674-299b90a802e2")
ids = st.integers(1, 2**32 - 1)
places = st.lists(st.integers(0, 5000), min_size=1, max_size=5)
bodies = st.binary(max_size=40)


@given(ids, st.one_of(st.none(), places), bodies)
def test_what_confluents_serializer_writes_before_the_bytes_is_read(
    id: int, place: list[int] | None, body: bytes
) -> None:
    schema_id = SchemaId("PROTOBUF" if place else "AVRO", id, None, place)
    value = prefix_schema_id_serializer(body, None, schema_id)
    framing = value_framing(value, ())
    assert framing is not None
    assert framing[:1] == (id,)
    if place is None:
        assert framing.body == body
    else:
        found, end = message_indexes(framing.body)
        assert (found, framing.body[end:]) == (tuple(place), body)


@given(st.uuids(), st.one_of(st.none(), places), bodies, st.sampled_from(["value", "key"]))
def test_what_it_writes_into_a_header_is_read(guid: uuid.UUID, place: list[int] | None, body: bytes, part: str) -> None:
    field, framing_of = (MessageField.KEY, key_framing) if part == "key" else (MessageField.VALUE, value_framing)
    headers: list[tuple[str, Any]] = [("a", b"b")]
    schema_id = SchemaId("PROTOBUF" if place else "AVRO", None, str(guid), place)
    value = header_schema_id_serializer(body, SerializationContext("t", field, headers), schema_id)
    framing = framing_of(value, headers)
    assert framing is not None
    assert framing[:2] == (guid.bytes, body)
    assert framing.indexes is not None
    if place is not None:
        assert message_indexes(framing.indexes) == (tuple(place), len(framing.indexes))


def test_a_guid_may_stand_before_the_bytes_and_an_id_in_a_header() -> None:
    assert value_framing(b"\x01" + GUID.bytes + b"x", ()) == Framing(GUID.bytes, b"x")
    assert value_framing(b"x", (("__value_schema_id", b"\x00\x00\x00\x00\x07"),)) == Framing(7, b"x", b"")
    assert value_framing(b"x", (("__key_schema_id", b"\x00\x00\x00\x00\x07"),)) is None


def test_headers_come_first() -> None:
    """Debezium's Avro: before is null, after is there; read as a prefix it would be schema 33,688,675."""
    bare = bytes.fromhex("0002020c63") + b"ustomer"
    assert value_framing(bare, (("__value_schema_id", b"\x01" + GUID.bytes),)) == Framing(GUID.bytes, bare, b"")
    framing = value_framing(bare, ())
    assert framing is not None
    assert framing.key == 33_688_675


@pytest.mark.parametrize(
    ("written", "place", "rest"),
    [
        (b"\x00body", (0,), b"body"),
        (b"\x02\x00body", (0,), b"body"),
        (b"\x04\x02\x00body", (1, 0), b"body"),
        (b"\x01\x01body", (1,), b"body"),
        (b"\x01\x00body", (0,), b"body"),
        (b"\x02\x01\x00body", (1, 0), b"body"),
    ],
    ids=["shortcut", "written out", "nested", "plain", "plain first", "plain nested"],
)
def test_indexes_are_zigzag_and_plain_ones_are_told(written: bytes, place: tuple[int, ...], rest: bytes) -> None:
    found, end = message_indexes(written)
    assert (found, written[end:]) == (place, rest)


@pytest.mark.parametrize("data", [b"", b"\x80", b"\x02", b"\xff\xff\xff\xff\xff\xff", b"\x7f\x00", b"\x02\x80"])
def test_indexes_that_are_none_are_refused(data: bytes) -> None:
    with pytest.raises(DecodeError, match="no message indexes"):
        message_indexes(data)


@pytest.mark.parametrize(
    ("value", "headers", "said"),
    [
        (b"\x00\x01", (), "begins with 00, like a schema's id, and ends within it"),
        (b"\x01" + b"g" * 15, (), "begins with 01, like a schema's id, and ends within it"),
        (b"\x00" + (97).to_bytes(8, "big") + b"x", (), "8 bytes as Apicurio's own format has it"),
        (b"x", (("apicurio.value.globalId", bytes(8)),), "apicurio.value.globalId, which isn't read: set apicurio"),
        (b"x", (("apicurio.value.contentId", bytes(8)),), "as-confluent=true and use-id=contentId"),
        (b"x", (("__value_schema_id", b"\x02"),), "the header __value_schema_id holds no schema id"),
        (b"x", (("__value_schema_id", None),), "holds no schema id"),
        (b"x", (("content-type", b"avro/binary+" + b"0" * 32),), "Azure's content-type"),
        (b"\x03\x00" + b"g" * 16, (), "AWS Glue"),
        (b"\xc3\x01" + b"f" * 8, (), "single-object"),
        (b"Obj\x01", (), "container file"),
    ],
)
def test_what_is_known_and_not_read_is_named(
    value: bytes, headers: tuple[tuple[str, bytes | None], ...], said: str
) -> None:
    with pytest.raises(DecodeError, match=said):
        value_framing(value, headers)


@given(st.binary(max_size=30) | st.sampled_from([b"{}", b"[1]", b" 1", b'"x"', b"Obj", b"\xc3\xa9"]))
def test_json_is_never_taken_for_something_framed(value: bytes) -> None:
    with suppress(DecodeError):
        decode(value)
        assert value[:1] not in FIRST_BYTES
        assert value_framing(value, (("content-type", b"application/json"),)) is None
