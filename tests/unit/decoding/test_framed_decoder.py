"""Records that name their schema, from the bytes to the payload; and what is said of those that can't be read."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from greenflash_kafka.decoding.decoders import DECODERS, FormatDecoders
from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.model.decoded import Decoded
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.model.payload import Shape
from greenflash_kafka.model.schema import Schema, SchemaKey, SchemaRefused
from greenflash_kafka.model.topic_format import PLAIN, TopicFormat
from tests.fakes.schemas import KnownSchemas

ORDER = Schema(
    "avro",
    json.dumps(
        {
            "type": "record",
            "name": "acme.Order",
            "fields": [{"name": "id", "type": "string"}, {"name": "note", "type": ["null", "string"]}],
        }
    ),
    subject="orders-value",
    version=7,
)
BODY = b"\x06o-1\x00"
JSON_ORDER = Schema("json-schema", '{"title": "Order", "type": "object"}', subject="orders-value", version=2)
SCHEMAS = KnownSchemas({1234: ORDER, 5: JSON_ORDER, bytes(16): ORDER})


def framed(key: int, body: bytes) -> bytes:
    return b"\x00" + key.to_bytes(4, "big") + body


def read(
    value: bytes,
    *headers: tuple[str, bytes | None],
    format: TopicFormat = PLAIN,
    schemas: KnownSchemas | None = SCHEMAS,
    shape: Shape | None = None,
    key: bytes | None = None,
) -> object:
    return FormatDecoders(schemas).decoder("t", shape, format)(
        Message("t", 0, 0, key=key, value=value, headers=headers)
    )


def test_each_message_says_what_it_is() -> None:
    assert read(b'{"id": 0.1}') == {"id": Decimal("0.1")}
    assert read(framed(1234, BODY)) == Decoded({"id": "o-1", "note": None}, "acme.Order", 1234)
    assert read(framed(5, b'{"id": "o-1"}')) == Decoded({"id": "o-1"}, "Order", 5)
    guid = "00000000-0000-0000-0000-000000000000"
    assert read(BODY, ("__value_schema_id", b"\x01" + bytes(16))) == Decoded(
        {"id": "o-1", "note": None}, "acme.Order", guid
    )


def test_a_schema_that_isnt_there_yet_is_waited_for() -> None:
    schemas = KnownSchemas({})
    decoders = FormatDecoders(schemas)
    decode = decoders.decoder("t", None)
    found = decode(Message("t", 0, 0, value=framed(1234, BODY)))
    assert isinstance(found, NotYet)
    assert not decoders.known(found.want)
    schemas.known[1234] = ORDER
    assert decoders.known(found.want)
    assert isinstance(decode(Message("t", 0, 0, value=framed(1234, BODY))), Decoded)


def test_a_schema_that_was_corrected_is_used_from_then_on() -> None:
    schemas = KnownSchemas({1234: Schema("avro", '"bytes"')})
    decode = FormatDecoders(schemas).decoder("t", None)
    assert decode(Message("t", 0, 0, value=framed(1234, b"a"))) == Decoded("YQ==", "bytes", 1234)
    schemas.known[1234] = ORDER
    assert decode(Message("t", 0, 0, value=framed(1234, BODY))) == Decoded(
        {"id": "o-1", "note": None}, "acme.Order", 1234
    )


@pytest.mark.parametrize(
    ("value", "format", "code", "said"),
    [
        (framed(1234, BODY + b"x"), "auto", "bad-payload", r"1 byte too many.*\(schema 1234 \(orders-value v7\)\)"),
        (framed(1234, BODY[:-1]), "auto", "bad-payload", r"ends.*\(schema 1234 \(orders-value v7\)\)"),
        (framed(5, b"{"), "auto", "bad-payload", r"not JSON: ends before it is complete \(schema 5"),
        (framed(5, b"{}"), "avro", "bad-payload", r"schema 5 \(orders-value v2\) is json-schema, and.*format avro"),
        (b'{"id": 1}', "avro", "bad-payload", "names no schema, neither by its first bytes.*it is JSON, it seems"),
        (b"\x06o-1", "avro", "bad-payload", "it begins with 066f; the schema of bare bytes is a file"),
        (b'{"id": 1}', "json-schema", "bad-payload", "for plain JSON leave `format` out"),
        (framed(1234, BODY), "json", "bad-payload", "not JSON: begins with 00, like messages whose schema"),
        (framed(9, b"x"), "auto", "unknown-schema", "^nobody knows 9$"),
        (framed(33_688_675, b"x"), "auto", "unknown-schema", "is there a schema id in these messages at all"),
        (framed(8, b"x"), "auto", "bad-schema", r"schema 8 \(bad-value v1\) can't be used: "),
        (framed(7, b"x"), "auto", "bad-schema", "too large"),
    ],
)
def test_what_cant_be_read_is_a_problem_that_says_why(value: bytes, format: str, code: str, said: str) -> None:
    refused: dict[SchemaKey, Schema | SchemaRefused] = {
        key: SchemaRefused("unknown-schema", f"nobody knows {key}") for key in (9, 33_688_675)
    }
    bad = Schema("avro", '{"type": "recrod"}', subject="bad-value", version=1)
    schemas = KnownSchemas({**SCHEMAS.known, **refused, 8: bad, 7: SchemaRefused("bad-schema", "too large")})
    with pytest.raises(DecodeError, match=said) as caught:
        read(value, format=TopicFormat(format), schemas=schemas)
    assert caught.value.code == code


def test_without_a_registry_json_is_read_and_the_others_say_what_to_configure() -> None:
    assert read(b"{}", schemas=None) == {}
    with pytest.raises(DecodeError, match=r"not JSON: begins with 00.*set schema_registry.url"):
        read(framed(1234, BODY), schemas=None)
    with pytest.raises(DecodeError, match="schema 1234 is in a registry, and none is configured"):
        read(framed(1234, BODY), schemas=None, format=TopicFormat("avro"))


def test_bare_bytes_are_read_by_the_schema_of_a_file() -> None:
    by_file = TopicFormat("avro", Schema("avro", ORDER.text, subject="orders.avsc"))
    for schemas in (None, SCHEMAS):
        found = read(BODY, format=by_file, schemas=schemas)
        assert found == Decoded({"id": "o-1", "note": None}, "acme.Order")
    with pytest.raises(DecodeError, match=r"\(schema orders.avsc\)"):
        read(b"\x06o", format=by_file)


@pytest.mark.parametrize(
    ("key", "is_read_as"),
    [
        (framed(1234, BODY), {"id": "o-1", "note": None}),
        (b'{"id": 7}', {"id": 7}),
        (b"o-1", "o-1"),
        (b"17", 17),
        (b"\xff", None),
    ],
)
def test_a_key_says_what_it_is_too(key: bytes, is_read_as: object) -> None:
    found = read(b"{}", format=TopicFormat(key="auto"), key=key)
    assert found == Decoded({}, key=is_read_as)


def test_a_keys_schema_is_waited_for_and_its_faults_are_the_messages() -> None:
    auto = TopicFormat(key="auto")
    assert read(b"{}", format=auto, key=framed(77, b"")) == NotYet(("schema", 77))
    with pytest.raises(DecodeError, match="the record's key: ends"):
        read(b"{}", format=auto, key=framed(1234, b"\x06"))


def test_a_record_without_a_value_has_its_key() -> None:
    decode = DECODERS.decoder("t", None, TopicFormat(key="auto"))
    assert decode(Message("t", 0, 0, key=b"[1]")) == Decoded(None, key=[1])


def test_of_a_shape_that_alone_is_decoded() -> None:
    found = read(framed(1234, b"\x06o-1\x02\x02n"), shape={"id": None})
    assert isinstance(found, Decoded)
    assert isinstance(found.payload, dict)
    assert found.payload["id"] == "o-1"


def test_what_rules_read_and_a_schema_lacks_is_told_once_a_schema() -> None:
    schemas = KnownSchemas(SCHEMAS.known)
    decode = FormatDecoders(schemas).decoder("t", {"id": None, "total": None})
    for _ in range(2):
        decode(Message("t", 0, 0, value=framed(1234, BODY)))
    assert schemas.lacking == [("t", 1234, ("total",))]


PROTO = Schema(
    "protobuf",
    'syntax = "proto3"; package acme; message Other { int32 x = 1; } message Order { string id = 1; }',
    subject="orders-value",
    version=1,
)
ORDER_BYTES = b"\x0a\x03o-1"


@pytest.mark.parametrize(
    ("value", "headers", "message"),
    [
        (framed(9, b"\x02\x02" + ORDER_BYTES), (), None),
        (framed(9, b"\x01\x01" + ORDER_BYTES), (), None),
        (framed(9, b"\x00" + ORDER_BYTES), (), "acme.Order"),
        (framed(9, ORDER_BYTES), (), "acme.Order"),
        (ORDER_BYTES, (("__value_schema_id", b"\x00\x00\x00\x00\x09\x02\x02"),), None),
    ],
    ids=["zig-zag", "plain", "said otherwise", "no indexes", "header"],
)
def test_a_protobuf_body_is_the_message_that_its_indexes_or_the_file_say(
    value: bytes, headers: tuple[tuple[str, bytes], ...], message: str | None
) -> None:
    format = TopicFormat("protobuf", message=message)
    found = read(value, *headers, format=format, schemas=KnownSchemas({9: PROTO}))
    assert found == Decoded({"id": "o-1"}, "acme.Order", 9)


def test_framed_bytes_of_a_topic_with_the_schema_of_a_file_are_said_to_be_framed() -> None:
    bare = TopicFormat("avro", schema=ORDER)
    assert read(BODY, format=bare) == Decoded({"id": "o-1", "note": None}, "acme.Order")
    with pytest.raises(DecodeError, match="looks framed: remove format and schema"):
        read(framed(1234, BODY), format=bare)
    with pytest.raises(DecodeError) as caught:
        read(framed(1234, BODY[:2]), format=bare)
    assert "framed" not in str(caught.value)


def test_an_id_is_doubted_in_a_topic_whose_messages_need_no_registry() -> None:
    schemas = KnownSchemas({1234: ORDER})
    decode = FormatDecoders(schemas).decoder("t", None, PLAIN)
    garbage = Message("t", 0, 0, value=framed(99, b" garbage"))
    decode(Message("t", 0, 0, value=framed(1234, BODY)))
    assert decode(garbage) == NotYet(("schema", 99))
    assert not schemas.doubted, "all that was read names a schema: this may be the wrong registry"
    decode(Message("t", 0, 1, value=b"{}"))
    assert decode(garbage) == NotYet(("schema", 99))
    assert schemas.doubted == {99}


def test_a_look_behind_doubts_as_reading_does() -> None:
    schemas = KnownSchemas({})
    decoders = FormatDecoders(schemas)
    for value in (b"{}", None, b"no json", framed(99, b"")):
        decoders.look(Message("t", 0, 0, value=value), PLAIN)
    assert schemas.doubted == {99}
