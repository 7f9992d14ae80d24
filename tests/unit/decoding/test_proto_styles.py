"""Files as people write them: nested packages, public imports, options of others, proto2 of 2012, editions, names that
are words of Python or of Protobuf's library. Each is compiled; a payload is written by it, and read again."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.decoding.protobuf_format import body_reader
from greenflash_kafka.decoding.protobuf_paths import tree_of
from greenflash_kafka.decoding.protobuf_writer import encode
from greenflash_kafka.model.payload import Shape
from greenflash_kafka.model.schema import Schema

FOLDER = Path(__file__).parent / "protos"


def schema(name: str, *references: str) -> Schema:
    texts = [(each, (FOLDER / each).read_bytes().decode()) for each in references]
    return Schema("protobuf", (FOLDER / name).read_bytes().decode(), tuple(texts), name)


EVENTS = schema(
    "acme/billing/v1/events.proto", "acme/common/money.proto", "acme/common/all.proto", "validate/validate.proto"
)
LEGACY = schema("legacy.proto")
EDITION = schema("edition.proto")
KEYWORDS = schema("keywords.proto")
SHADOWED = schema("shadowed.proto")

LEGACY_DEFAULTS = {
    "amount": Decimal(1000),
    "currency": 'EUR "x"',
    "gift": True,
    "delta": -(2**63),
    "fallback": "SOLD",
}
WORDS = (
    *("package", "class", "None", "self", "m", "d", "DESCRIPTOR", "Clear", "__class__"),
    *("WhichOneof", "FromString", "read", "has"),
)


@pytest.mark.parametrize(
    ("schema", "message", "payload", "added"),
    [
        (
            EVENTS,
            "BillingEvent",
            {
                "id": "evt_a",
                "occurred_at": datetime(2026, 11, 18, tzinfo=UTC),
                "channel": "CHANNEL_WEB",
                "upgraded": {"from_plan": "free", "to_plan": "team", "price": {"minor_units": 29, "currency": "EUR"}},
                "discounts": {"autumn": {"minor_units": 100, "currency": "EUR"}},
            },
            {},
        ),
        (
            EVENTS,
            "acme.billing.v1.BillingEvent",
            {"refunded": {"reason": "REASON_FRAUD", "amount": {"minor_units": -5}}},
            {"channel": "CHANNEL_UNSPECIFIED", "discounts": {}},
        ),
        (EVENTS, [1], {"note": ""}, {"channel": "CHANNEL_UNSPECIFIED", "discounts": {}}),
        (
            LEGACY,
            "Purchase",
            {"id": "p", "kind": "BOUGHT", "codes": [1, -1], "item": [{"sku": "s", "count": 16}]},
            LEGACY_DEFAULTS,
        ),
        (LEGACY, [0], {"id": "p", "kind": "SOLD"}, {**LEGACY_DEFAULTS, "codes": [], "item": []}),
        (
            EDITION,
            "modern.Order",
            {"id": "o", "count": 0, "must": "", "line": {"sku": "s"}, "numbers": [1, 2], "loose": "é", "old": "SECOND"},
            {},
        ),
        (EDITION, [0], {"must": "m"}, {"numbers": []}),
        (
            KEYWORDS,
            "message",
            dict.fromkeys(WORDS, "x"),
            {"optional": 0, "import": False, "map": {}, "syntax": "A"},
        ),
        (
            SHADOWED,
            "Outer",
            {
                "inner": {"number": 1},
                "middle": {"text": "t"},
                "outer": datetime(2026, 11, 18, tzinfo=UTC),
                "deep": {"deep": {"at": {"number": 5}}},
            },
            {},
        ),
    ],
)  # fmt: skip
def test_what_is_written_is_read_again(
    schema: Schema, message: str | list[int], payload: dict[str, object], added: dict[str, object]
) -> None:
    body = encode(schema, message, payload)
    assert body_reader(schema, None, message).read(body) == {**added, **payload}
    assert body_reader(schema, dict.fromkeys(payload), message).read(body) == payload
    tree = tree_of(schema, message)
    assert set(tree.fields) >= set(payload)


def test_an_extension_of_proto2_is_ignored() -> None:
    body = encode(LEGACY, [0], {"id": "p", "kind": "BOUGHT"}) + b"\xc2\x3e\x01x"
    shape: Shape = {"id": None, "campaign": None}
    assert body_reader(LEGACY, shape, [0]).read(body) == {"id": "p"}


def test_a_text_of_an_edition_that_isnt_utf8_is_refused() -> None:
    with pytest.raises(DecodeError, match="UTF-8"):
        body_reader(EDITION, None, [0]).read(b"\x32\x01\xff")


def test_a_field_of_an_enum_that_is_closed_has_symbols_alone() -> None:
    assert body_reader(EDITION, {"old": None}, [0]).read(b"\x38\x63") == {}
