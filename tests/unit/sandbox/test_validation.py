"""The sandbox's validation of events."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from greenflash_kafka.sandbox.validation import UnreadableBody, read, refusals

UUID = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
LEAST = {"eventType": "x", "productId": UUID, "value": "1"}


def wrong(**fields: Any) -> dict[str, str]:
    """What is refused about the least event with these fields, by wire name, read as it comes over the wire."""
    event = {name: value for name, value in {**LEAST, **fields}.items() if value is not ...}
    return dict(refusals(read(msgspec.json.Encoder(decimal_format="number").encode(event))))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("valueType", "currency"),
        ("valueType", "boolean"),
        ("influence", "neutral"),
        ("qualityImpactScore", -1),
        ("qualityImpactScore", Decimal("0.5")),
        ("sampleRate", 0),
        ("sampleRate", 1),
        ("forceSample", True),
        ("userId", UUID.upper()),
        ("conversationId", UUID),
        ("organizationId", UUID),
        ("externalUserId", ""),
        ("properties", {}),
        ("properties", {"a": [1, {"b": None}]}),
        ("eventAt", "2026-11-18T10:00:00Z"),
        ("eventAt", "2026-11-18T10:00:00.123456+01:00"),
        ("eventAt", "2026-11-18T10:00:00"),
        ("eventAt", "2026-11-18"),
        ("insertId", "a:b"),
        ("value", ""),
    ],
)
def test_what_the_api_page_allows_is_taken(field: str, value: object) -> None:
    assert wrong(**{field: value}) == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("eventType", ""),
        ("eventType", 5),
        ("value", 5),
        ("value", None),
        ("productId", "product"),
        ("productId", UUID.replace("-", "")),
        ("userId", "u1"),
        ("valueType", "count"),
        ("valueType", []),
        ("influence", "Positive"),
        ("qualityImpactScore", "0.5"),
        ("qualityImpactScore", Decimal("1.0000001")),
        ("qualityImpactScore", True),
        ("sampleRate", -1),
        ("forceSample", "true"),
        ("externalUserId", 17),
        ("externalUserId", None),
        ("properties", []),
        ("properties", "{}"),
        ("eventAt", "yesterday"),
        ("eventAt", "2026-13-18T10:00:00Z"),
        ("eventAt", "2026-11-18 10:00:00"),
        ("eventAt", 1795000000),
        ("event_type", "x"),
        ("extra", 1),
    ],
)
def test_anything_else_is_refused_under_its_wire_name(field: str, value: object) -> None:
    assert list(wrong(**{field: value})) == [field]


@pytest.mark.parametrize("field", ["eventType", "productId", "value"])
def test_what_is_required_is_missed(field: str) -> None:
    assert wrong(**{field: ...}) == {field: "is required"}


def test_everything_wrong_is_told_at_once() -> None:
    assert set(wrong(productId="p", influence="good", extra=1, value=...)) == {
        "productId",
        "influence",
        "extra",
        "value",
    }


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"x"', b"null", b"\xff", b'{"a": NaN}', b"{}x", b"[" * 100_000, b'{"a": 1e%b}' % (b"9" * 30)],
    ids=lambda body: body[:12].decode("latin-1"),
)
def test_what_is_no_json_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableBody):
        read(body)


def test_numbers_are_exact() -> None:
    assert read(b'{"a": 0.1, "b": 12345678901234567890.12}') == {
        "a": Decimal("0.1"),
        "b": Decimal("12345678901234567890.12"),
    }
