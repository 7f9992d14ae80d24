"""Protobuf bodies to payloads: each type's value, presence, and bytes that are no message."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.message_factory import GetMessageClass

from greenflash_kafka.decoding.json import MAX_BYTES, DecodeError
from greenflash_kafka.decoding.proto_schema import compile_schema
from greenflash_kafka.decoding.protobuf_format import body_reader
from greenflash_kafka.decoding.schema_error import MissingExtra
from greenflash_kafka.model.payload import Shape
from greenflash_kafka.model.schema import Schema

ALL = Schema(
    "protobuf",
    """\
syntax = "proto3";
package t;
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
import "google/type/date.proto";
import "google/type/decimal.proto";
import "google/type/money.proto";
import "google/type/timeofday.proto";
import "confluent/type/decimal.proto";
enum Kind { KIND_UNSET = 0; PAID = 1; FREE = 2; GRATIS = 2; option allow_alias = true; }
message Inner { string id = 1; int32 count = 2; }
message M {
  int64 big = 1; uint64 huge = 2; double ratio = 3; float price = 4; bool flag = 5; string text = 6; bytes data = 7;
  Kind kind = 8; Inner inner = 9; repeated string tags = 10; repeated Inner items = 11; repeated Kind kinds = 12;
  optional int64 maybe = 13; optional string maybe_text = 14; optional bytes maybe_data = 15;
  optional Kind maybe_kind = 16;
  map<string, Inner> by_name = 17; map<int32, string> by_number = 18; map<bool, double> by_flag = 19;
  oneof choice { string left = 20; Inner right = 21; }
  google.protobuf.Timestamp at = 22; google.protobuf.Duration took = 23; google.protobuf.Struct free = 24;
  google.protobuf.Value any_value = 25; google.protobuf.FieldMask mask = 26; google.protobuf.Any any = 27;
  google.protobuf.StringValue word = 28; google.protobuf.Int64Value number = 29; google.protobuf.BytesValue blob = 30;
  google.type.Money money = 31; google.type.Date day = 32; google.type.Decimal exact = 33;
  google.type.TimeOfDay clock = 34;
  confluent.type.Decimal decimal = 35; string lowerCamel = 36; string from = 37; string HasField = 38;
  repeated google.protobuf.Timestamp times = 39; repeated bytes blobs = 40; repeated float prices = 41;
  repeated int32 numbers = 42;
  google.protobuf.Empty nothing = 43; M deeper = 44; repeated M more = 45; google.protobuf.FloatValue weight = 46;
}
""",
)

ABSENT = {
    "big": 0,
    "huge": 0,
    "ratio": 0,
    "price": 0,
    "flag": False,
    "kind": "KIND_UNSET",
    "tags": [],
    "items": [],
    "kinds": [],
    "by_name": {},
    "by_number": {},
    "by_flag": {},
    "times": [],
    "blobs": [],
    "prices": [],
    "numbers": [],
    "more": [],
}
"""Of an empty message."""


def message(schema: Schema = ALL, name: str = "t.M") -> Any:
    return GetMessageClass(compile_schema(schema).find(name))()


def read(body: Any, shape: Shape | None = None, schema: Schema = ALL, name: str = "t.M") -> Any:
    data = body if isinstance(body, bytes) else body.SerializeToString()
    return body_reader(schema, shape, name).read(data)


def given(**fields: Any) -> Any:
    """The message of these fields in Protobuf's JSON mapping."""
    return json_format.ParseDict(fields, message(), descriptor_pool=compile_schema(ALL).pool)


def test_fields_without_presence_that_arent_on_the_wire() -> None:
    assert read(b"") == ABSENT
    assert body_reader(ALL, None, [1]).name == "t.M"


@pytest.mark.parametrize(
    ("field", "written", "value"),
    [
        ("big", str(-(2**63)), -(2**63)),
        ("huge", str(2**64 - 1), 2**64 - 1),
        ("ratio", 0.1, Decimal("0.1")),
        ("ratio", 1e300, Decimal("1e300")),
        ("ratio", "NaN", "NaN"),
        ("ratio", "-Infinity", "-Infinity"),
        ("price", 0.1, Decimal("0.1")),
        ("price", 16777216, Decimal(16777216)),
        ("price", "Infinity", "Infinity"),
        ("flag", True, True),
        ("text", "é\U0001f600", "é\U0001f600"),
        ("data", "AP8=", "AP8="),
        ("kind", "PAID", "PAID"),
        ("kind", "GRATIS", "FREE"),
        ("kind", 77, 77),
        ("inner", {}, {"count": 0}),
        ("inner", {"id": "i"}, {"id": "i", "count": 0}),
        ("tags", ["", "a"], ["", "a"]),
        ("items", [{}, {"id": "i", "count": 2}], [{"count": 0}, {"id": "i", "count": 2}]),
        ("kinds", ["PAID", 5], ["PAID", 5]),
        ("maybe", "0", 0),
        ("maybe_text", "", ""),
        ("maybe_data", "", ""),
        ("maybe_kind", "KIND_UNSET", "KIND_UNSET"),
        ("by_name", {"b": {"count": 1}, "a": {}}, {"a": {"count": 0}, "b": {"count": 1}}),
        ("by_number", {"5": "five", "-2": "minus"}, {"-2": "minus", "5": "five"}),
        ("by_flag", {"true": 0.5}, {"true": Decimal("0.5")}),
        ("left", "", ""),
        ("right", {"id": "r"}, {"id": "r", "count": 0}),
        ("at", "2026-11-18T10:00:00.123456789Z", datetime(2026, 11, 18, 10, 0, 0, 123456, UTC)),
        ("at", "0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("took", "1.5s", Decimal("1.5")),
        ("took", "-3s", -3),
        ("took", "-0.000000001s", Decimal("-1e-9")),
        ("free", {"b": [1, 1.5, "x", None, True], "a": {}}, {"a": {}, "b": [1, Decimal("1.5"), "x", None, True]}),
        ("any_value", [1e20, {"x": None}], [Decimal("1e20"), {"x": None}]),
        ("mask", "a.fooBar,c", "a.foo_bar,c"),
        ("word", "", ""),
        ("number", "0", 0),
        ("blob", "AP8=", "AP8="),
        ("weight", 0.1, Decimal("0.1")),
        ("money", {"currencyCode": "EUR", "units": "12", "nanos": 340000000}, {
            "currency_code": "EUR", "units": 12, "nanos": 340000000, "amount": Decimal("12.34")}),
        ("money", {"units": "-1", "nanos": -750000000}, {"units": -1, "nanos": -750000000, "amount": Decimal("-1.75")}),
        ("day", {"year": 2026, "month": 11, "day": 8}, "2026-11-08"),
        ("day", {"year": 2026, "month": 11}, "2026-11"),
        ("day", {"year": 2026}, "2026"),
        ("day", {"month": 11, "day": 8}, "--11-08"),
        ("exact", {"value": "-1234.5600"}, Decimal("-1234.5600")),
        ("exact", {"value": "a lot"}, "a lot"),
        ("exact", {"value": "NaN"}, "NaN"),
        ("clock", {"hours": 14, "seconds": 5}, "14:00:05"),
        ("clock", {"hours": 14, "nanos": 500000000}, "14:00:00.5"),
        ("decimal", {"value": "AeJA", "precision": 4, "scale": 2}, Decimal("1234.56")),
        ("decimal", {"value": "dMw=", "scale": -2}, Decimal(29900 * 100)),
        ("lowerCamel", "x", "x"),
        ("from", "x", "x"),
        ("HasField", "x", "x"),
        ("times", ["1970-01-01T00:00:00Z"], [datetime(1970, 1, 1, tzinfo=UTC)]),
        ("blobs", ["", "AP8="], ["", "AP8="]),
        ("prices", [0.1, "NaN"], [Decimal("0.1"), "NaN"]),
        ("numbers", [1, -1], [1, -1]),
        ("nothing", {}, {}),
    ],
)  # fmt: skip
def test_a_fields_value(field: str, written: object, value: object) -> None:
    body = given(**{field: written})
    assert read(body) == {**ABSENT, field: value}
    assert read(body, {field: None}) == {field: value}


def test_an_any_is_an_object_with_its_types_name() -> None:
    body = given(any={"@type": "type.googleapis.com/t.Inner", "id": "x"})
    assert read(body, {"any": None}) == {"any": {"@type": "t.Inner", "id": "x", "count": 0}}
    body = given(any={"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1.5s"})
    assert read(body, {"any": None}) == {"any": {"@type": "google.protobuf.Duration", "value": Decimal("1.5")}}
    body = message()
    body.any.type_url, body.any.value = "example.org/of.Others", b"\0\xff"
    assert read(body, {"any": None}) == {"any": {"@type": "of.Others", "value": "AP8="}}


@pytest.mark.parametrize("seconds", [2**63 - 1, -(2**63), 9223372036825200])
def test_a_time_out_of_the_calendar_is_its_number(seconds: int) -> None:
    body = message()
    body.at.seconds = seconds
    assert read(body, {"at": None}) == {"at": seconds}
    body.at.nanos = 500_000_000
    assert read(body, {"at": None}) == {"at": Decimal(seconds) + Decimal("0.5")}


def test_what_shape_names_of_messages_and_maps_alone_is_read() -> None:
    body = given(inner={"id": "i"}, by_name={"a": {}, "b": {}}, by_number={"1": "x"}, items=[{"id": "i"}], big=1)
    shape: Shape = {
        "inner": {"count": None, "other": None},
        "by_name": {"b": {"count": None}, "c": None},
        "by_number": {"1": None},
        "items": {"id": None},
        "money": {"amount": None},
        "other": None,
    }
    assert read(body, shape) == {
        "inner": {"count": 0},
        "by_name": {"b": {"count": 0}},
        "by_number": {"1": "x"},
        "items": [{"id": "i", "count": 0}],
    }
    assert read(given(money={"units": 5}), {"money": {"amount": None}}) == {"money": {"amount": 5}}


def test_a_maps_keys_have_the_same_order_in_each_process() -> None:
    names = [f"key-{at}" for at in range(50)]
    payload = read(given(by_name={name: {} for name in reversed(names)}, free=dict.fromkeys(names, 1)))
    assert list(payload["by_name"]) == list(payload["free"]) == sorted(names)


PROTO2 = Schema(
    "protobuf",
    """\
syntax = "proto2";
package t;
enum E { A = 1; B = 2; }
message M {
  required string id = 1;
  optional int32 count = 2 [default = 7];
  optional E kind = 3 [default = B];
  optional E other = 4;
  optional group Extra = 5 { optional string note = 1; }
  repeated group Line = 6 { required int32 n = 1; }
  optional bool flag = 7;
  map<string, string> labels = 8;
  optional double infinite = 9 [default = inf];
  repeated string texts = 10;
  optional bytes raw = 11 [default = "\\377"];
  repeated E kinds = 12;
  extensions 100 to 200;
}
extend M { optional string added = 100; }
""",
)


def test_proto2_has_declared_defaults_groups_and_no_others() -> None:
    defaults = {
        "count": 7,
        "kind": "B",
        "infinite": "Infinity",
        "raw": "/w==",
        "labels": {},
        "texts": [],
        "kinds": [],
        "line": [],
    }
    assert read(b"", schema=PROTO2) == defaults
    body = message(PROTO2)
    body.extra.note = ""
    body.line.add().n = 5
    body.flag = False
    assert read(body.SerializePartialToString(), schema=PROTO2) == {
        **defaults, "extra": {"note": ""}, "line": [{"n": 5}], "flag": False}  # fmt: skip
    # A number that is no symbol isn't a value of proto2's enum.
    assert read(b"\x18\x63\x60\x01\x60\x63", {"kind": None, "kinds": None}, PROTO2) == {"kind": "B", "kinds": ["A"]}


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        (PROTO2, b"\x0a\x02\xff\xfe"),
        (PROTO2, b"\x52\x01\xff"),
        (PROTO2, b"\x42\x06\x0a\x01\xff\x12\x01a"),
        (PROTO2, b"\x42\x0c\x0a\x01\xff\x12\x01a\x42\x06\x0a\x01a\x12\x01a"),
        (ALL, b"\x32\x02\xff\xfe"),
    ],
    ids=["proto2", "list", "key", "keys", "proto3"],
)
def test_a_text_that_isnt_utf8_is_refused(schema: Schema, body: bytes) -> None:
    with pytest.raises(DecodeError):
        read(body, schema=schema)


LINKED = Schema("protobuf", 'syntax = "proto3"; message L { L n = 1; repeated L more = 2; }')


def nested(levels: int, tag: bytes = b"\x0a") -> bytes:
    body = b""
    for _ in range(levels):
        length, size = len(body), b""
        while length > 127:
            size += bytes([length & 127 | 128])
            length >>= 7
        body = tag + size + bytes([length]) + body
    return body


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"\x08", "^ends early$"),
        (b"\x32\x05abc", "^ends 2 bytes early$"),
        (b"\x4a\x03\x0a\x02a", "^ends 1 byte early$"),
        (b"\x4a\x03\x0a\x02a\x08\x01", "the right registry"),
        (b"\x08" + b"\xff" * 11, "the right registry"),
        (b"\x08\x01\x00", "the right registry"),
        (b"\x00\x00", "the right registry"),
        (b"\x08\x01garbage", "the right registry"),
        (b"\x0c", "the right registry"),
        (b"\x0b", "the right registry"),
        (b"\x0e\x01", "the right registry"),
        (nested(101, b"\xe2\x02"), "nest more than 100 levels"),
        (nested(5_000, b"\xe2\x02"), "nest more than 100 levels"),
        (b"\0" * (MAX_BYTES + 1), "more than the"),
    ],
)
def test_bytes_that_are_no_message(body: bytes, why: str) -> None:
    with pytest.raises(DecodeError, match=why):
        read(body)


def test_what_the_schema_doesnt_have_is_ignored_and_numbers_are_cut_to_their_width() -> None:
    assert read(b"\xf8\x3f\x01" + b"\x08\x05", {"big": None}) == {"big": 5}
    # A bool is any number but 0; an int32 has the lower half of a longer one: both are Protobuf's rules.
    assert read(b"\x28\x07", {"flag": None}) == {"flag": True}
    assert read(b"\x4a\x07\x10\x80\x80\x80\x80\x80\x01", {"inner": None}) == {"inner": {"count": 0}}


def test_a_recursive_message_is_as_deep_as_the_language_takes() -> None:
    reader = body_reader(LINKED, None, "L")
    payload, levels = reader.read(nested(99)), 0
    while isinstance(payload, dict) and payload.get("n") is not None:
        payload, levels = payload["n"], levels + 1
    assert levels == 99
    assert reader.read(nested(90, b"\x12"))
    with pytest.raises(DecodeError, match="nest more than 100"):
        reader.read(nested(3_000))


def test_anys_in_anys_end_before_the_interpreter_does() -> None:
    schema = Schema(
        "protobuf", 'syntax = "proto3"; import "google/protobuf/any.proto"; message A { google.protobuf.Any a = 1; }'
    )
    body = message(schema, "A")
    for _ in range(2_000):
        outer = message(schema, "A")
        outer.a.type_url, outer.a.value = "x/A", body.SerializeToString()
        body = outer
    with pytest.raises(DecodeError, match=r"nested more than 200 levels deep"):
        read(body, schema=schema, name="A")


def test_an_any_of_bytes_that_arent_its_type() -> None:
    body = message()
    body.any.type_url, body.any.value = "x/t.Inner", b"\x0a\x05a"
    with pytest.raises(DecodeError, match=r"^an Any's t\.Inner: ends 4 bytes early$"):
        read(body)
    assert read(body, {"big": None}) == {"big": 0}


def test_a_message_that_only_has_the_name_of_a_known_one() -> None:
    text = 'syntax = "proto3"; package google.protobuf; message Timestamp { string seconds = 1; }'
    body = message(Schema("protobuf", text), "Timestamp")
    body.seconds = "x"
    assert read(body, schema=Schema("protobuf", text), name="Timestamp") == {"seconds": "x"}


def test_the_root_may_be_a_known_message() -> None:
    text = 'syntax = "proto3"; import "google/protobuf/struct.proto"; message M { google.protobuf.Struct s = 1; }'
    schema = Schema("protobuf", text)
    assert read(b"\x0a\x03\x0a\x01a", schema=schema, name="google.protobuf.Struct") == {"a": None}


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("greenflash_kafka.decoding.proto_")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "google.protobuf", None)
    with pytest.raises(MissingExtra, match=r"pip install 'greenflash-kafka\[protobuf\]'"):
        body_reader(ALL, None, "t.M")
