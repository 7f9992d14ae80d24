"""Protobuf bodies of cases: what `protobuf_format` reads is what was written, and errors name the place."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from greenflash_kafka.decoding.encode_error import EncodeError
from greenflash_kafka.decoding.protobuf_format import body_reader
from greenflash_kafka.decoding.protobuf_writer import encode
from greenflash_kafka.model.schema import Schema
from tests.unit.decoding.test_protobuf_format import ALL, PROTO2


def again(**fields: object) -> Any:
    """What rules see of a case's fields."""
    return body_reader(ALL, dict.fromkeys(fields), "t.M").read(encode(ALL, "t.M", fields))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("big", -(2**63)),
        ("huge", 2**64 - 1),
        ("ratio", Decimal("0.1")),
        ("ratio", "NaN"),
        ("price", Decimal("0.1")),
        ("price", "-Infinity"),
        ("flag", True),
        ("data", "AP8="),
        ("kind", "PAID"),
        ("kind", 77),
        ("inner", {"id": "i", "count": 2}),
        ("items", [{"id": "a", "count": 0}, {"count": 1}]),
        ("kinds", ["PAID", "FREE"]),
        ("maybe_text", ""),
        ("by_name", {"a": {"count": 1}}),
        ("by_number", {"-2": "minus", "5": "five"}),
        ("by_flag", {"false": Decimal("0.5"), "true": "NaN"}),
        ("at", datetime(2026, 11, 18, 10, 0, 0, 123456, UTC)),
        ("at", 9223372036825200),
        ("took", Decimal("-1.5")),
        ("took", 3),
        ("free", {"a": [1, Decimal("1.5"), "x", None, True, {"b": []}]}),
        ("any_value", "x"),
        ("mask", "a.foo_bar,c"),
        ("any", {"@type": "t.Inner", "id": "x", "count": 0}),
        ("any", {"@type": "google.protobuf.Duration", "value": 3}),
        ("any", {"@type": "of.Others", "value": "AP8="}),
        ("word", ""),
        ("number", 0),
        ("money", {"currency_code": "EUR", "units": -1, "nanos": -750000000, "amount": Decimal("-1.75")}),
        ("day", "2026-11-08"),
        ("day", "--11-08"),
        ("exact", Decimal("-1234.56")),
        ("clock", "14:30:00.5"),
        ("decimal", Decimal("1234.56")),
        ("decimal", -300),
        ("HasField", "x"),
        ("times", [datetime(1970, 1, 1, tzinfo=UTC)]),
        ("nothing", {}),
    ],
)
def test_what_is_written_is_read_again(field: str, value: object) -> None:
    assert again(**{field: value}) == {field: value}


def test_what_people_write_in_cases() -> None:
    assert again(at="2026-11-20T11:00:00+01:00") == {"at": datetime(2026, 11, 20, 10, tzinfo=UTC)}
    assert again(money={"amount": Decimal("12.34")}) == {
        "money": {"units": 12, "nanos": 340000000, "amount": Decimal("12.34")}
    }
    assert again(big=Decimal("5"), inner=None) == {"big": 5}


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        ([], r"^the payload: expected an object \(t\.M\), found a list"),
        ({"inner": {"idd": "x"}}, r"^inner\.idd: t\.Inner has no such field: did you mean id\?"),
        ({"big": 2**63}, r"^big: the schema's numbers have 64 bits"),
        ({"huge": -1}, r"^huge: the schema's numbers have 64 bits, without a sign"),
        ({"inner": {"count": "5"}}, r"^inner\.count: expected a whole number, found text"),
        ({"items": [{}, {"id": 5}]}, r"^items\[1\]\.id: expected text, found a number"),
        ({"items": {}}, r"^items: expected a list, found an object"),
        ({"kind": "PIAD"}, r"^kind: `PIAD` is no symbol of t\.Kind: did you mean PAID\?"),
        ({"flag": 1}, r"^flag: expected true or false, found a number"),
        ({"data": "?"}, r"^data: expected bytes as base64 text"),
        ({"ratio": Decimal("0.12345678901234567890")}, r"^ratio: a double has no such number"),
        ({"price": Decimal("1e300")}, r"^price: a float has no such number"),
        ({"at": "2026-11-20"}, r"^at: the time has no zone"),
        ({"at": "yesterday"}, r"^at: expected a time with its zone"),
        ({"took": "1.5s"}, r"^took: expected a number, found text"),
        ({"took": 2**70}, r"^took: the schema's numbers have 64 bits"),
        ({"by_number": {"x": "y"}}, r"^by_number\.x: the map's keys are whole numbers"),
        ({"by_number": {"9999999999": "y"}}, r"^by_number\.9999999999: .*32 bits"),
        ({"by_flag": {"yes": 1}}, r"^by_flag\.yes: the map's keys are true and false"),
        ({"by_name": {"a": {"id": 1}}}, r"^by_name\.a\.id: expected text"),
        ({"left": "a", "right": {}}, r"^right: the schema has either this or left, not both"),
        ({"any": {"id": "x"}}, r'^any: expected an object with "@type"'),
        ({"any": {"@type": "t.Inner", "ID": "x"}}, r"^any\.ID: t\.Inner has no such field"),
        ({"any": {"@type": "of.Others", "value": 5}}, r"^any: expected bytes as base64 text"),
        ({"money": {"units": 1, "amount": 2}}, r"^money: its units and nanos are 1, its amount is another one"),
        ({"day": "11/20"}, r"^day: expected a date, like"),
        ({"word": 5}, r"^word: expected text, found a number"),
        ({"free": {"a": Decimal("1e999")}}, r"^free: a double has no such number"),
        ({"free": []}, r"^free: expected an object, found a list"),
    ],
)
def test_an_error_names_the_place(payload: object, why: str) -> None:
    with pytest.raises(EncodeError, match=why):
        encode(ALL, [1], payload)


def test_a_required_field_is_required() -> None:
    with pytest.raises(EncodeError, match=r"^id: is missing, and the schema requires it"):
        encode(PROTO2, "t.M", {"count": 1})
    with pytest.raises(EncodeError, match=r"^line\[0\]\.n: is missing"):
        encode(PROTO2, "t.M", {"id": "a", "line": [{}]})
    body = encode(PROTO2, "t.M", {"id": "a", "extra": {"note": "n"}, "line": [{"n": 1}]})
    assert body_reader(PROTO2, {"id": None, "extra": None, "line": None}, "t.M").read(body) == {
        "id": "a",
        "extra": {"note": "n"},
        "line": [{"n": 1}],
    }


def test_a_payload_that_nests_without_end() -> None:
    payload: dict[str, object] = {}
    for _ in range(2_000):
        payload = {"deeper": payload}
    with pytest.raises(EncodeError, match="nests too deep"):
        encode(ALL, "t.M", payload)


def test_the_same_payload_has_the_same_bytes() -> None:
    schema = Schema("protobuf", 'syntax = "proto3"; message M { map<string, int32> m = 1; }')
    names = [f"k{at}" for at in range(20)]
    written = [encode(schema, "M", {"m": dict.fromkeys(order, 1)}) for order in (names, names[::-1])]
    assert written[0] == written[1]
